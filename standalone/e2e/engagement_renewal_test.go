package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/standalone/e2e/stack"
)

// let gives an engagement a registered operator, a space that is allotted to it
// for its term, and the rules in force.
func (w *world) let(name, code, spaceCode string) func(*engagement.Start) {
	return func(start *engagement.Start) {
		w.t.Helper()
		ctx := w.t.Context()
		rules, err := w.Store.CurrentRuleSet(ctx, start.Scope, onboarding.Procedure, time.Now())
		if err != nil {
			w.t.Fatal(err)
		}
		operator := w.operator(name, code, "op-"+strings.ToLower(start.Onboarding))
		start.Operator = onboarding.Operator{ID: operator, Name: name, CreditCode: code, Kind: map[bool]string{true: "sole_trader", false: "company"}[strings.HasPrefix(code, "92")]}
		start.Pin, start.Space.ID = rules.RulePin, w.space(spaceCode, 3_800)
		if start.Space.Number, err = w.Store.SpaceNumber(ctx, start.Space.ID); err != nil {
			w.t.Fatal(err)
		}
		w.holds(onboarding.HoldOrder{
			Key: start.HoldKey, CaseID: start.Onboarding, OperatorID: operator, SpaceID: start.Space.ID, Number: start.Space.Number,
			StartsOn: start.StartsOn, EndsOn: start.EndsOn, At: start.OpenedAt,
		})
	}
}

// early opens the window of the renewal 90 days, of half a second, before the end.
func early(start *engagement.Start) { start.Parameters.RenewalNoticeDays = 90 }

// holds holds a space and allots it.
func (w *world) holds(order onboarding.HoldOrder) {
	w.t.Helper()
	err := w.Store.HoldSpace(w.t.Context(), order)
	if err == nil {
		err = w.Store.AllotSpace(w.t.Context(), onboarding.AllotOrder{Key: order.Key, At: order.At})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// after is a date some days after another.
func after(date string, days int) string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}

func (e *tenancy) extension(endsOn string) map[string]any {
	e.t.Helper()
	return map[string]any{"renewal": map[string]any{"ends_on": endsOn, "papers": e.accounts()}}
}

// asksInVain asks for a renewal that is refused with a reason.
func (e *tenancy) asksInVain(says string) {
	e.t.Helper()
	got := e.try(e.id, deed{as: e.operator, stage: engagement.Renewal, seat: engagement.SeatOperator, do: approval.Submit, details: e.extension(after(e.start.EndsOn, 90))}, e.key())
	if problem := got.problem(e.t); got.status != http.StatusConflict || !strings.Contains(problem.DetailZH, says) {
		e.t.Fatalf("a renewal is answered %s, want a refusal saying %q", got, says)
	}
}

// granted plays a renewal until both offices have granted it.
func (e *tenancy) granted(endsOn string) {
	e.t.Helper()
	e.act(e.id, deed{as: e.operator, stage: engagement.Renewal, seat: engagement.SeatOperator, do: approval.Submit, details: e.extension(endsOn)})
	e.act(e.id, deed{as: e.at + "-secretary", stage: engagement.Renewal, seat: engagement.SeatCommunity, do: approval.Approve})
	e.act(e.id, deed{as: e.at + "-street", stage: engagement.Renewal, seat: engagement.SeatSubdistrict, do: approval.Approve})
}

// Renewal with priority on the real stack: in its window, after a good score,
// the new term follows without a gap and the space is the operator's for it; it
// is refused before the window, after a low score, and where somebody else has
// the space by then.
func TestRenewalWithPriority(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: 500 * time.Millisecond})
	t.Run("renewed", func(t *testing.T) {
		t.Parallel()
		w := w.in(t)
		e := w.engage("zd", "c_e2e_renewed", 4, early, w.let("示例助餐服务部", "92370303QW0000129A", "R1"))
		e.asksInVain("起受理")
		e.scored(90)
		until := after(e.start.EndsOn, 90)
		e.granted(until)
		view := e.shown("the new term", func(v engagement.View) bool { return v.Renewal != nil && v.Renewal.Status == engagement.RequestGranted })
		if view.Term != (engagement.Term{From: after(e.start.EndsOn, 1), To: until}) || view.Since != e.start.StartsOn {
			t.Errorf("the new term is %+v", view.Term)
		}
		e.occupied(after(e.start.EndsOn, 1), until, approval.SpaceTaken)
		e.occupied(after(until, 1), after(until, 30), "")
		e.shown("the first period of the new term", func(v engagement.View) bool {
			return v.Status == approval.Running && v.Stage == engagement.Operating && v.Periods[len(v.Periods)-1].TermStart == view.Term.From
		})
		e.withdraws()
		e.settles(approval.Withdrawn)
		e.keeps("engagement_renewed")
	})
	t.Run("taken", func(t *testing.T) {
		t.Parallel()
		w := w.in(t)
		e := w.engage("zd", "c_e2e_taken", 4, early, w.let("示例便民面馆", "91370303QW00000147", "R2"))
		next := w.operator("示例邻里厨房", "91370303QW00000222", e.operator)
		w.holds(onboarding.HoldOrder{
			Key: "c_e2e_next/space/1", CaseID: "c_e2e_next", OperatorID: next, SpaceID: e.start.Space.ID, Number: e.start.Space.Number,
			StartsOn: after(e.start.EndsOn, 1), EndsOn: after(e.start.EndsOn, 30), Existing: true, At: time.Now(), // signed on paper long ago
		})
		e.scored(95)
		e.granted(after(e.start.EndsOn, 90))
		view := e.shown("the refusal", func(v engagement.View) bool { return v.Renewal != nil && v.Renewal.Status == engagement.RequestRefused })
		if !strings.Contains(view.Renewal.Reason, "示例邻里厨房") || view.Term.To != e.start.EndsOn {
			t.Errorf("refused with %q, the term is %+v", view.Renewal.Reason, view.Term)
		}
		e.settles(approval.Completed) // the term ends as it was
		e.keeps("engagement_space_taken")
	})
	t.Run("low score", func(t *testing.T) {
		t.Parallel()
		w := w.in(t)
		e := w.engage("zd", "c_e2e_low", 4, early)
		e.scored(70)
		e.asksInVain("未达良好")
		e.withdraws()
		e.settles(approval.Withdrawn)
	})
}

// occupied tries to hold the space for somebody else.
func (e *tenancy) occupied(from, until string, want approval.Code) {
	e.t.Helper()
	err := e.Store.HoldSpace(e.t.Context(), onboarding.HoldOrder{
		Key: fmt.Sprintf("c_e2e_other/%s", from), CaseID: "c_e2e_other", OperatorID: e.start.Operator.ID, SpaceID: e.start.Space.ID, Number: e.start.Space.Number,
		StartsOn: from, EndsOn: until, At: time.Now(),
	})
	if approval.CodeOf(err) != want {
		e.t.Errorf("holding the space from %s to %s: %v, want %q", from, until, err, want)
	}
}

// keeps checks the runs of an ended engagement and keeps the last history.
func (e *tenancy) keeps(name string) {
	e.t.Helper()
	histories := e.checkRuns()
	if *record {
		e.keep(name, histories[len(histories)-1])
	}
}
