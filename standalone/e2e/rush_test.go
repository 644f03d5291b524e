package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
	"linli/approval/space"
	"linli/internal/demo"
	"linli/internal/demo/city"
	"linli/internal/pg/pgtest"
	"linli/standalone/e2e/stack"
)

const (
	applicants = 200
	wanted     = 37 // spaces
	hands      = 4  // at work at once; but everybody applies at once
)

// rush is everybody's application for far too few spaces.
type rush struct {
	*world
	names, operators, spaces, cases []string
}

// TestTwoHundredApplyForThirtySevenSpaces: all apply at once, all are fit, and
// the offices agree to all of them. Thirty-seven sign, each for a space of its
// own; everybody else is told who has the space, and holds nothing.
func TestTwoHundredApplyForThirtySevenSpaces(t *testing.T) {
	r := &rush{world: open(t, stack.Options{DayLength: 5 * time.Second})}
	r.prepare()
	r.apply()
	r.each(applicants, hands, func(i int) { r.reach(r.cases[i], onboarding.DeskReview) })
	r.each(applicants, hands, func(i int) { r.reviewed(r.cases[i]) })
	winners := r.decided()
	r.each(len(winners), hands, func(n int) { r.signed(winners[n]) })
	r.held(winners)
}

// each does one thing for everybody, so many at a time.
func (w *world) each(n, atOnce int, do func(i int)) {
	w.t.Helper()
	began := time.Now()
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i := range n {
		all.Go(func() error { do(i); return nil })
	}
	if _ = all.Wait(); w.t.Failed() {
		w.t.FailNow()
	}
	w.t.Logf("%d in %s", n, time.Since(began).Round(time.Second))
}

func owner(i int) string { return fmt.Sprintf("rush-%03d", i) }

// arrives opens a session from an address of its own: one address may not try as
// many passwords as are given here.
func (r *rush) arrives(username string, n int) {
	r.t.Helper()
	p, err := nobody(r.URL).from(n).login(r.t.Context(), username, demo.Password)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	r.sessions[username] = p
	r.mu.Unlock()
}

// prepare registers the spaces and two hundred operators with all they need.
func (r *rush) prepare() {
	r.t.Helper()
	r.write("zd-secretary", "PUT", "/v1/needs/370303001902", r.key(), map[string]any{"version": 0, "needs": []map[string]any{
		{"category": "care", "code": "elderly_canteen", "name": "老年食堂", "count": 120, "priority": "high"}}}).into(r.t, &struct{}{})
	r.space("H", 1_000_000, space.Required()[0]) // what the community keeps
	for n := range wanted {
		r.spaces = append(r.spaces, r.space(fmt.Sprintf("R-%02d", n), 3_800))
	}
	r.names, r.operators, r.cases = make([]string, applicants), make([]string, applicants), make([]string, applicants)
	r.arrives("zd-secretary", applicants)
	r.arrives("zd-street", applicants+1)
	r.each(applicants, hands, func(i int) {
		r.newcomer("zd", owner(i))
		r.arrives(owner(i), i)
		r.names[i] = fmt.Sprintf("示例商户%03d(虚构)", i)
		r.operators[i] = r.operator(r.names[i], string(city.CreditCode("370303", i)), owner(i))
	})
}

// apply sends all applications at the same moment.
func (r *rush) apply() {
	r.t.Helper()
	bodies := make([]map[string]any, applicants)
	r.each(applicants, hands, func(i int) { bodies[i] = r.application(owner(i), r.operators[i], r.spaces[i%wanted], nil) })
	r.each(applicants, applicants, func(i int) {
		var opened struct {
			CaseID string `json:"case_id"`
		}
		r.insists(owner(i), "/v1/applications", bodies[i]).into(r.t, &opened)
		r.cases[i] = opened.CaseID
	})
}

// insists repeats a write under its key, each time a little later, while the
// server has too much to do.
func (r *rush) insists(as, path string, body any) answer {
	r.t.Helper()
	key := r.key()
	var said string
	for try := range 12 {
		got, err := r.as(as).send(r.t.Context(), "POST", path, key, body)
		if err == nil && got.status != http.StatusServiceUnavailable {
			return r.settled(as, got)
		}
		said = fmt.Sprint(got, err)
		time.Sleep(time.Duration(try+1) * rand.N(2*time.Second))
	}
	r.t.Fatalf("%s has no answer for %s: %s", path, as, said)
	return answer{}
}

// decided waits until everybody knows: who holds a space for the notice, one for
// each, and the others, each with the name of the one who has the space.
func (r *rush) decided() (winners []int) {
	r.t.Helper()
	views := make([]approval.CaseView, applicants)
	r.each(applicants, hands, func(i int) {
		views[i] = r.standing(r.cases[i], "is decided", func(view approval.CaseView) bool {
			return view.Status != approval.Running || view.Stage == onboarding.Signing || view.Stage == onboarding.Notice && r.holds(view.CaseID)
		})
	})
	has := map[int]string{}
	for i, view := range views {
		if view.Status == approval.Running {
			winners = append(winners, i)
			has[i%wanted] = r.names[i]
		}
	}
	if len(winners) != wanted || len(has) != wanted {
		r.t.Fatalf("%d were admitted, to %d spaces", len(winners), len(has))
	}
	for i, view := range views {
		if view.Status == approval.Running {
			continue
		}
		if winner := has[i%wanted]; view.Status != approval.Rejected || !strings.Contains(view.Reason, "已由“"+winner+"”占用") {
			r.t.Errorf("%s ended as %s because of %q; %s has the space", r.names[i], view.Status, view.Reason, winner)
		}
	}
	return winners
}

// holds: the stage of the notice begins with asking for the space.
func (r *rush) holds(caseID string) bool {
	r.t.Helper()
	return slices.ContainsFunc(r.steps(caseID), func(step approval.StepView) bool { return step.Kind == "held" })
}

// signed takes a winner through the notice and all its signatures.
func (r *rush) signed(i int) {
	r.t.Helper()
	caseID := r.cases[i]
	r.reach(caseID, onboarding.Signing)
	r.signs(owner(i), caseID, contract.SeatOperator)
	r.signs("zd-secretary", caseID, contract.SeatCommunity)
	r.signs("zd-street", caseID, contract.SeatSubdistrict)
	r.reach(caseID, onboarding.Handover)
	papers := read[struct {
		Items []contract.View `json:"items"`
	}](r.world, "zb-auditor", "/v1/cases/"+caseID+"/contracts").Items
	for _, paper := range papers {
		if len(paper.Signatures) != 3 || !paper.Complete || !paper.Current {
			r.t.Errorf("%s of %s has %d signatures", paper.Title.ZH, r.names[i], len(paper.Signatures))
		}
	}
	if len(papers) != 2 {
		r.t.Errorf("%s has signed %d documents", r.names[i], len(papers))
	}
}

// held looks at the table itself: the winners hold one space each, and nobody
// else has held one for a moment.
func (r *rush) held(winners []int) {
	r.t.Helper()
	address, err := url.Parse(r.Config.OwnerDatabaseURL)
	if err != nil {
		r.t.Fatal(err)
	}
	conn, err := pgx.Connect(r.t.Context(), pgtest.Cluster(r.t).SuperDSN(strings.TrimPrefix(address.Path, "/")))
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(r.t.Context())
	rows, err := conn.Query(r.t.Context(), "SELECT case_id, space_id, status FROM space_allocations")
	if err != nil {
		r.t.Fatal(err)
	}
	got, held := map[string]string{}, 0
	var caseID, spaceID, status string
	if _, err := pgx.ForEachRow(rows, []any{&caseID, &spaceID, &status}, func() error {
		got[caseID] = spaceID + " " + status
		held++
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
	for _, i := range winners {
		if got[r.cases[i]] != r.spaces[i%wanted]+" held" {
			r.t.Errorf("%s has %q", r.names[i], got[r.cases[i]])
		}
	}
	if held != wanted {
		r.t.Errorf("a space was held %d times", held)
	}
}
