package engagement_test

import (
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
)

func TestAGoodOperatorRenews(t *testing.T) {
	w := begin(t, func(s *Start) { s.EndsOn = "2026-12-14" })
	w.dutiful("2026-10-20")
	w.score(80)
	task := w.open(Renewal, SeatOperator)
	for field, extension := range map[string]*Extension{
		"form/details/renewal":         nil,
		"form/details/renewal/ends_on": {EndsOn: "2026-12-14", Papers: papers()},
		"form/details/renewal/papers":  {EndsOn: "2027-12-14"},
	} {
		w.refused(w.act(operator, task, approval.Submit, "", Details{Renewal: extension}), approval.Invalid, field)
	}
	w.refused(w.act(operator, task, approval.Submit, "", Details{Renewal: &Extension{EndsOn: "2029-12-15", Papers: papers()}}), approval.Invalid, "form/details/renewal/ends_on")
	w.do(operator, Renewal, SeatOperator, approval.Submit, "", Details{Renewal: &Extension{EndsOn: "2027-12-14", Papers: papers()}})
	w.do(person(approval.Secretary), Renewal, SeatCommunity, approval.Approve, "", nil)
	if w.state.Extension(w.now) != nil {
		t.Fatal("granted by the community alone")
	}
	w.do(person(approval.SubdistrictApprover), Renewal, SeatSubdistrict, approval.Approve, "", nil)
	order := w.state.Extension(w.now)
	if order == nil || order.EndsOn != "2027-12-14" {
		t.Fatalf("%+v", order)
	}
	w.state.Extended(w.now)
	w.settled()
	w.until("2026-12-20")
	if w.state.Stage != Operating || w.state.Term.From != "2026-12-15" {
		t.Fatalf("stage %s, term %+v", w.state.Stage, w.state.Term)
	}
	names := map[string]bool{}
	for _, p := range w.state.Periods {
		if names[p.Name] {
			t.Errorf("two periods are called %s", p.Name)
		}
		names[p.Name] = true
	}
}

func TestWithoutAGoodScoreThereIsNoPriority(t *testing.T) {
	w := begin(t, func(s *Start) { s.EndsOn = "2026-12-31" })
	w.dutiful("2026-11-05")
	w.score(74)
	if w.open(Renewal, SeatOperator).Kind != approval.Standing {
		t.Fatal("a pass alone has priority")
	}
	late := begin(t, func(s *Start) { s.EndsOn = "2026-12-31" })
	late.until("2026-11-05")
	late.score(95)
	if late.open(Renewal, SeatOperator).Kind != approval.Standing {
		t.Fatal("an operator in arrears has priority")
	}
	w.until("2027-01-02")
	if w.state.Stage != Exit || w.state.Leaving.Ground != TermEnded {
		t.Fatalf("stage %s after the term", w.state.Stage)
	}
}

// granted plays a renewal up to what the register says.
func (w *world) granted(until string) {
	w.t.Helper()
	w.do(operator, Renewal, SeatOperator, approval.Submit, "", Details{Renewal: &Extension{EndsOn: until, Papers: papers()}})
	w.do(person(approval.Secretary), Renewal, SeatCommunity, approval.Approve, "", nil)
	w.do(person(approval.SubdistrictApprover), Renewal, SeatSubdistrict, approval.Approve, "", nil)
}

func TestARefusedExtensionLeavesTheTerm(t *testing.T) {
	w := begin(t, func(s *Start) { s.EndsOn = "2026-12-31" })
	w.dutiful("2026-11-05")
	w.score(95)
	w.granted("2027-12-31")
	w.state.ExtensionRefused(approval.Errorf(approval.Conflict, "该期间阵地已有安排。", "The space is taken in that time."), w.now)
	if w.state.Extension(w.now) != nil || w.state.Term.To != "2026-12-31" || w.state.Renewal.Status != RequestRefused {
		t.Fatalf("%+v", w.state.Renewal)
	}
}

// Asking for a renewal is possible at any time, and always answered with the
// reason.
func TestWhyThereIsNoRenewalYet(t *testing.T) {
	w := begin(t, func(s *Start) { s.EndsOn = "2026-12-31" })
	ask := func(says string) {
		t.Helper()
		act := w.act(operator, w.open(Renewal, SeatOperator), approval.Submit, "", Details{Renewal: &Extension{EndsOn: "2027-12-31", Papers: papers()}})
		refusal := approval.Refusal(w.try(act))
		if refusal == nil || refusal.Code != approval.Conflict || !strings.Contains(refusal.Message.ZH, says) || refusal.Message.EN == "" {
			t.Fatalf("want a refusal saying %q, got %v", says, refusal)
		}
	}
	w.dutiful("2026-05-10")
	ask("自2026-11-02起受理")
	w.dutiful("2026-11-05")
	ask("尚未确定")
	w.score(56)
	ask("整改期间")
	w.do(operator, Rectification, SeatOperator, approval.Submit, "", Details{Statement: &Statement{Text: "已整改"}})
	w.score(74)
	ask("74分，未达良好（75分）")

	w = begin(t, func(s *Start) { s.EndsOn = "2026-12-31" })
	w.until("2026-11-05")
	w.score(95)
	ask("逾期未报或未缴")
}

func TestARefusedRenewalStaysRefusedAndATakenSpaceAsksForAShorterOne(t *testing.T) {
	begun := func() *world {
		w := begin(t, func(s *Start) { s.EndsOn = "2026-12-31" })
		w.dutiful("2026-11-05")
		w.score(95)
		return w
	}
	extension := func(ends string) Details { return Details{Renewal: &Extension{EndsOn: ends, Papers: papers()}} }
	w := begun()
	w.do(operator, Renewal, SeatOperator, approval.Abstain, "", nil)
	w.do(operator, Renewal, SeatOperator, approval.Submit, "改变主意", extension("2027-12-31"))
	w.do(person(approval.Secretary), Renewal, SeatCommunity, approval.Reject, "居民另有需求", nil)
	w.refused(w.act(operator, w.open(Renewal, SeatOperator), approval.Submit, "", extension("2027-12-31")), approval.Conflict, "")

	w = begun()
	for _, ends := range []string{"2027-12-31", "2027-06-30"} {
		w.do(operator, Renewal, SeatOperator, approval.Submit, "", extension(ends))
		w.do(person(approval.Secretary), Renewal, SeatCommunity, approval.Approve, "", nil)
		w.do(person(approval.SubdistrictApprover), Renewal, SeatSubdistrict, approval.Approve, "", nil)
		if ends == "2027-12-31" {
			w.state.ExtensionRefused(approval.Errorf(approval.Conflict, "该期间阵地已有安排。", "The space is taken in that time."), w.now)
			w.settled()
			continue
		}
		w.state.Extended(w.now)
		w.settled()
	}
	if w.state.Term != (Term{From: "2027-01-01", To: "2027-06-30"}) || w.state.Renewal.Status != RequestGranted {
		t.Fatalf("%+v, %+v", w.state.Term, w.state.Renewal)
	}
	w.refused(w.act(operator, w.open(Renewal, SeatOperator), approval.Submit, "", extension("2028-12-31")), approval.Conflict, "") // the next window is not open
	if bulletin := w.state.View(1).Bulletin(); bulletin.StartsOn != "2026-01-01" || bulletin.EndsOn != "2027-06-30" {
		t.Errorf("the public reads of a gap: %s to %s", bulletin.StartsOn, bulletin.EndsOn)
	}
}
