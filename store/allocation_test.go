package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/approval/operator"
	"linli/approval/space"
	"linli/store"
	"linli/store/storetest"
)

// register is a database with operators and spaces in it.
type register struct {
	*books
	operators []operator.Operator
	spaces    []space.Space
	numbers   []int32
}

func openRegister(t testing.TB, operators, spaces int) *register {
	r := &register{books: openBooks(t)}
	handler := r.as(approval.Handler, community)
	for n := range operators {
		registered, err := r.api.RegisterOperator(handler, community, operator.Details{
			Name: fmt.Sprintf("示例运营%d部", n), CreditCode: creditCode(n), Kind: operator.SoleTrader, LegalRepresentative: "示例负责人",
		}, "p_9", noon)
		if err != nil {
			t.Fatal(err)
		}
		r.operators = append(r.operators, registered)
	}
	for n := range spaces {
		added, err := r.api.RegisterSpace(handler, community, kitchen(n), "p_9", noon)
		if err != nil {
			t.Fatal(err)
		}
		r.spaces = append(r.spaces, added)
		r.numbers = append(r.numbers, must(r.api.SpaceNumber(handler, added.ID))(t))
	}
	return r
}

// creditCode is a synthetic code; its check characters are not looked at here.
func creditCode(n int) approval.CreditCode {
	return approval.CreditCode(fmt.Sprintf("92370303QW%07d%X", n, n%10))
}

func kitchen(n int) space.Details {
	return space.Details{
		Code: fmt.Sprintf("K%03d", n), Name: fmt.Sprintf("示范阵地%d", n), Ownership: space.PublicOwned, Holder: "示例街道办事处", Proof: "示例产权证1号", Use: "闲置",
		Rooms: []space.Room{{Code: "101", Name: "大厅", Floor: "1", Built: 5000, Usable: 3800, Functions: []string{}}},
	}
}

func (r *register) hold(n, space, op int, from, until string) onboarding.HoldOrder {
	return onboarding.HoldOrder{
		Key: fmt.Sprintf("c_%d/space/1", n), CaseID: fmt.Sprintf("c_%d", n), OperatorID: r.operators[op].ID, SpaceID: r.spaces[space].ID,
		Number: r.numbers[space], StartsOn: from, EndsOn: until, At: noon,
	}
}

func TestTwoHundredApplicantsForThirtySevenSpaces(t *testing.T) {
	const applicants, spaces = 200, 37
	r, ctx := openRegister(t, applicants, spaces), context.Background()
	refusals := together(applicants, func(i int) error {
		return r.worker.HoldSpace(ctx, r.hold(i, i%spaces, i, "2026-07-01", "2028-06-30"))
	})
	held := 0
	for i, err := range refusals {
		switch approval.CodeOf(err) {
		case "":
			held++
		case approval.SpaceTaken:
			if message := approval.Refusal(err).Message.ZH; !strings.Contains(message, "2026-07-01") || !strings.Contains(message, "示例运营") {
				t.Errorf("applicant %d hears %q", i, message)
			}
		default:
			t.Errorf("applicant %d: %v", i, err)
		}
	}
	if held != spaces {
		t.Errorf("%d hold a space, want %d", held, spaces)
	}
	var distinct, all int
	if err := r.asOwner().QueryRow(ctx, `SELECT count(DISTINCT space_no), count(*) FROM space_allocations WHERE status <> 'released'`).Scan(&distinct, &all); err != nil {
		t.Fatal(err)
	}
	if distinct != spaces || all != spaces {
		t.Errorf("%d allocations of %d spaces", all, distinct)
	}
}

// The database refuses by itself what the code would never ask for (I8).
func TestTheDatabaseAdmitsOneOperatorAtATime(t *testing.T) {
	r, ctx := openRegister(t, 2, 1), context.Background()
	owner := r.asOwner()
	insert := func(key, term string) error {
		_, err := owner.Exec(ctx, `INSERT INTO space_allocations (key, case_id, space_id, space_no, operator_id, scope, term, status, held_at)
			VALUES ($1, $1, $2, $3, $4, $5, $6::daterange, 'held', now())`, key, r.spaces[0].ID, r.numbers[0], r.operators[0].ID, string(community), term)
		return err
	}
	if err := insert("a", "[2026-07-01,2027-07-01)"); err != nil {
		t.Fatal(err)
	}
	if err := insert("b", "[2027-06-30,2027-08-01)"); err == nil || !strings.Contains(err.Error(), "space_taken") {
		t.Errorf("an overlap of one day: %v", err)
	}
	if err := insert("c", "[2027-07-01,2027-08-01)"); err != nil {
		t.Errorf("the day after: %v", err)
	}
	for _, statement := range []string{
		`UPDATE space_allocations SET space_no = space_no + 1 WHERE key = 'a'`,
		`UPDATE space_allocations SET case_id = 'x' WHERE key = 'a'`,
		`DELETE FROM space_allocations WHERE key = 'a'`,
	} {
		if _, err := owner.Exec(ctx, statement); err == nil {
			t.Errorf("%s was taken", statement)
		}
	}
	if _, err := owner.Exec(ctx, `UPDATE space_allocations SET status = 'released', released_at = now() WHERE key = 'a'`); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Exec(ctx, `UPDATE space_allocations SET status = 'held', released_at = NULL WHERE key = 'a'`); err == nil {
		t.Error("what was released is held again")
	}
}

func TestAHoldGoesItsWayOnce(t *testing.T) {
	r, ctx := openRegister(t, 2, 1), context.Background()
	order := r.hold(1, 0, 0, "2026-07-01", "2027-06-30")
	for range 2 {
		if err := r.worker.HoldSpace(ctx, order); err != nil {
			t.Fatal(err)
		}
	}
	altered := order
	altered.EndsOn = "2027-07-31"
	refusedAs(t, r.worker.HoldSpace(ctx, altered), approval.KeyReused)
	refusedAs(t, r.worker.HoldSpace(ctx, r.hold(2, 0, 1, "2027-06-30", "2027-12-31")), approval.SpaceTaken)
	allot := onboarding.AllotOrder{Key: order.Key, CaseID: order.CaseID, At: noon}
	for range 2 {
		if err := r.worker.AllotSpace(ctx, allot); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := r.worker.ExtendSpace(ctx, engagement.ExtendOrder{Key: "x", HoldKey: order.Key, EndsOn: "2027-12-31", At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	free := onboarding.FreeOrder{Key: order.Key, CaseID: "e_1", Reason: "term_ended", At: noon}
	for range 2 {
		if err := r.worker.FreeSpace(ctx, free); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.worker.AllotSpace(ctx, allot); err == nil {
		t.Error("what was released is allotted")
	}
	if err := r.worker.HoldSpace(ctx, order); err != nil {
		t.Errorf("a late repetition of the hold: %v", err)
	}
	if err := r.worker.HoldSpace(ctx, r.hold(2, 0, 1, "2026-07-01", "2027-12-31")); err != nil {
		t.Errorf("a space given back: %v", err)
	}
	if err := r.worker.FreeSpace(ctx, onboarding.FreeOrder{Key: "never held", At: noon}); err != nil {
		t.Errorf("freeing nothing: %v", err)
	}
	refusedAs(t, r.api.HoldSpace(r.as(approval.Handler, community), r.hold(3, 0, 1, "2030-01-01", "2030-12-31")), approval.Forbidden)
}

func TestARenewalTakesNobodysSpace(t *testing.T) {
	r, ctx := openRegister(t, 2, 1), context.Background()
	first, next := r.hold(1, 0, 0, "2026-07-01", "2027-06-30"), r.hold(2, 0, 1, "2027-07-01", "2028-06-30")
	for _, order := range []onboarding.HoldOrder{first, next} {
		if err := r.worker.HoldSpace(ctx, order); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.worker.AllotSpace(ctx, onboarding.AllotOrder{Key: first.Key, At: noon}); err != nil {
		t.Fatal(err)
	}
	extend := engagement.ExtendOrder{Key: "x", HoldKey: first.Key, EndsOn: "2028-06-30", At: noon}
	refusedAs(t, r.worker.ExtendSpace(ctx, extend), approval.SpaceTaken)
	if err := r.worker.FreeSpace(ctx, onboarding.FreeOrder{Key: next.Key, At: noon}); err != nil {
		t.Fatal(err)
	}
	if err := r.worker.ExtendSpace(ctx, extend); err != nil {
		t.Error(err)
	}
}

// TestAnyInterleavingKeepsOneOperatorPerSpace holds, allots and frees at random
// against a model; a term after one that was allotted is its operator's only.
func TestAnyInterleavingKeepsOneOperatorPerSpace(t *testing.T) {
	r, ctx := openRegister(t, 3, 2), context.Background()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		type held struct {
			order  onboarding.HoldOrder
			status string
		}
		var model []*held
		defer func() {
			for _, h := range model {
				if err := r.worker.FreeSpace(ctx, onboarding.FreeOrder{Key: h.order.Key, At: noon}); err != nil {
					t.Fatal(err)
				}
			}
		}()
		for n := range rapid.IntRange(1, 15).Draw(t, "moves") {
			if len(model) > 0 && rapid.Bool().Draw(t, "known") {
				h := rapid.SampledFrom(model).Draw(t, "which")
				if rapid.Bool().Draw(t, "free") {
					if err := r.worker.FreeSpace(ctx, onboarding.FreeOrder{Key: h.order.Key, At: noon}); err != nil {
						t.Fatal(err)
					}
					h.status = "released"
				} else if err := r.worker.AllotSpace(ctx, onboarding.AllotOrder{Key: h.order.Key, At: noon}); (err == nil) == (h.status == "released") {
					t.Fatalf("allotting what is %s: %v", h.status, err)
				} else if err == nil {
					h.status = "allotted"
				}
				continue
			}
			from := rapid.IntRange(0, 9).Draw(t, "from")
			until := from + rapid.IntRange(0, 3).Draw(t, "days")
			order := r.hold(run*100+n, rapid.IntRange(0, 1).Draw(t, "space"), rapid.IntRange(0, 2).Draw(t, "operator"),
				fmt.Sprintf("2026-07-%02d", from+1), fmt.Sprintf("2026-07-%02d", until+1))
			free := !slices.ContainsFunc(model, func(h *held) bool {
				return h.status != "released" && h.order.SpaceID == order.SpaceID && h.order.StartsOn <= order.EndsOn && order.StartsOn <= h.order.EndsOn
			})
			var before *held // who has the space last before the term
			for _, h := range model {
				if h.status != "released" && h.order.SpaceID == order.SpaceID && h.order.EndsOn < order.StartsOn && (before == nil || h.order.EndsOn > before.order.EndsOn) {
					before = h
				}
			}
			free = free && (before == nil || before.status != "allotted" || before.order.OperatorID == order.OperatorID)
			err := r.worker.HoldSpace(ctx, order)
			if (err == nil) != free || (err != nil && approval.CodeOf(err) != approval.SpaceTaken) {
				t.Fatalf("free %v, got %v", free, err)
			}
			if err == nil {
				model = append(model, &held{order, "held"})
			}
		}
	})
}

// --- calls --------------------------------------------------------------------------

func (r *register) call(id string, deadline time.Time) onboarding.CallStart {
	return onboarding.CallStart{
		CaseID: id, Scope: community, Opener: "p_9", OpenedAt: noon, Pin: approval.RulePin{ID: "370303/onboarding", Version: 1, Hash: strings.Repeat("a", 64)},
		Call: onboarding.Call{
			Title: "招引", Summary: "助餐", Space: onboarding.Space{ID: r.spaces[0].ID, Number: r.numbers[0], Name: r.spaces[0].Name},
			StartsOn: "2026-07-01", EndsOn: "2028-06-30", DeadlineAt: deadline,
		},
	}
}

func TestACallKeepsTheSpaceForItsCandidates(t *testing.T) {
	r, ctx := openRegister(t, 2, 1), context.Background()
	secretary := r.as(approval.Secretary, community)
	start := r.call("c_call", noon.AddDate(0, 0, 10))
	for range 2 {
		if err := r.api.OpenCall(secretary, start); err != nil {
			t.Fatal(err)
		}
	}
	refusedAs(t, r.api.OpenCall(secretary, r.call("c_other", noon.AddDate(0, 0, 10))), approval.SpaceTaken)
	order := r.hold(1, 0, 0, "2026-07-01", "2028-06-30")
	refusedAs(t, r.worker.HoldSpace(ctx, order), approval.SpaceTaken)
	order.CallID = "c_call"
	if err := r.worker.HoldSpace(ctx, order); err != nil {
		t.Error(err)
	}
	if err := r.worker.FreeSpace(ctx, onboarding.FreeOrder{Key: order.Key, At: noon}); err != nil {
		t.Fatal(err)
	}
	must(r.worker.CloseCall(ctx, "c_call", noon))(t)
	if err := r.worker.EndCall(ctx, "c_call", &approval.CallOutcome{Status: approval.Completed, Applied: 2, Ranked: []approval.CallRank{{Rank: 1, Operator: "示例部", Score: "90.00", TookOver: true}}}, noon); err != nil {
		t.Fatal(err)
	}
	if err := r.worker.HoldSpace(ctx, r.hold(2, 0, 1, "2026-07-01", "2028-06-30")); err != nil {
		t.Errorf("after the call: %v", err)
	}
	refusedAs(t, r.api.OpenCall(secretary, r.call("c_late", noon.AddDate(0, 0, 10))), approval.SpaceTaken)
	refusedAs(t, r.api.OpenCall(r.as(approval.Handler, community), r.call("c_h", noon.AddDate(0, 0, 10))), approval.SpaceTaken)
	view := must(r.api.Call(secretary, "c_call"))(t)
	if view.EndedAt.IsZero() || view.Call.Hash() != start.Call.Hash() || view.Pin != start.Pin {
		t.Errorf("read back %+v", view)
	}
	open, _, err := r.api.Calls(secretary, "", true, approval.Page{Limit: 10}, noon)
	if err != nil || len(open) != 0 {
		t.Errorf("open calls %+v, %v", open, err)
	}
}

// Applications that race with the deadline are in or out, never both: whoever
// was told yes is on the list.
func TestAnApplicationIsInTheListOrRefused(t *testing.T) {
	const operators = 40
	r, ctx := openRegister(t, operators+1, 1), context.Background() // each hands in one
	if err := r.api.OpenCall(r.as(approval.Secretary, community), r.call("c_call", noon.AddDate(0, 0, 10))); err != nil {
		t.Fatal(err)
	}
	handler := r.as(approval.Handler, community)
	var listed []string
	answers := together(operators+1, func(i int) (err error) {
		if i == operators/2 {
			listed, err = r.worker.CloseCall(ctx, "c_call", noon)
			return err
		}
		return r.api.FileUnderCall(handler, "c_call", fmt.Sprintf("c_%d", i), r.operators[i].ID, noon)
	})
	in := 0
	for i, err := range answers {
		if i == operators/2 {
			continue
		}
		taken := slices.Contains(listed, fmt.Sprintf("c_%d", i))
		if (err == nil) != taken || (err != nil && approval.CodeOf(err) != approval.Conflict) {
			t.Errorf("application %d: on the list %v, answer %v", i, taken, err)
		}
		if taken {
			in++
		}
	}
	t.Logf("%d of %d in time", in, operators)
	again := must(r.worker.CloseCall(ctx, "c_call", noon))(t)
	if !slices.Equal(again, listed) {
		t.Error("a second closing lists something else")
	}
}

func TestOneApplicationPerOperatorAndBeforeTheDeadline(t *testing.T) {
	r := openRegister(t, 2, 1)
	if err := r.api.OpenCall(r.as(approval.Secretary, community), r.call("c_call", noon.AddDate(0, 0, 10))); err != nil {
		t.Fatal(err)
	}
	handler := r.as(approval.Handler, community)
	file := func(caseID string, op int, at time.Time) error {
		return r.api.FileUnderCall(handler, "c_call", caseID, r.operators[op].ID, at)
	}
	for range 2 {
		if err := file("c_1", 0, noon); err != nil {
			t.Fatal(err)
		}
	}
	refusedAs(t, file("c_2", 0, noon), approval.AlreadyActed)
	refusedAs(t, file("c_3", 1, noon.AddDate(0, 0, 10)), approval.Conflict)
	if err := file("c_1", 0, noon.AddDate(0, 0, 11)); err != nil {
		t.Errorf("a late repetition of an application that is in: %v", err)
	}
	stranger := store.WithPerson(context.Background(), approval.Person{ID: "p_x", Grants: []approval.Grant{{Role: approval.Handler, Scope: storetest.LinziOne}}})
	refusedAs(t, r.api.FileUnderCall(stranger, "c_call", "c_4", r.operators[1].ID, noon), approval.Forbidden)
}
