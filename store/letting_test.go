package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// dayCares is a community whose only day-care rooms are in the given number of
// spaces.
func dayCares(t testing.TB, operators, spaces int) *register {
	t.Helper()
	r := openRegister(t, operators, 0)
	handler := r.as(approval.Handler, community)
	for n := range spaces {
		details := kitchen(n)
		details.Rooms[0].Functions = []string{"day_care"}
		added, err := r.api.RegisterSpace(handler, community, details, "p_9", noon)
		if err != nil {
			t.Fatal(err)
		}
		r.spaces, r.numbers = append(r.spaces, added), append(r.numbers, must(r.api.SpaceNumber(handler, added.ID))(t))
	}
	return r
}

func (r *register) retains(t testing.TB, order onboarding.HoldOrder) bool {
	t.Helper()
	facts, err := r.worker.OnboardingFacts(t.Context(), onboarding.FactQuestion{
		CaseID: order.CaseID, OperatorID: order.OperatorID, SpaceID: order.SpaceID, Number: order.Number, Scope: community,
		StartsOn: order.StartsOn, EndsOn: order.EndsOn, Keeps: order.Keeps, At: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !facts.Space.FunctionsKnown {
		t.Error("the functions of the community are not known")
	}
	return len(facts.Space.RequiredFunctions) == len(facts.Space.RetainedFunctions)
}

func (r *register) allotted(t testing.TB, order onboarding.HoldOrder) {
	t.Helper()
	if err := r.worker.HoldSpace(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if err := r.worker.AllotSpace(t.Context(), onboarding.AllotOrder{Key: order.Key, CaseID: order.CaseID, At: noon}); err != nil {
		t.Fatal(err)
	}
}

// A space that is let serves the community no longer: the last one with a
// required function stays, unless its operator keeps the function up.
func TestTheLastSpaceWithARequiredFunctionIsNotLet(t *testing.T) {
	r, ctx := dayCares(t, 2, 2), context.Background()
	first, second := r.hold(1, 0, 0, "2026-07-01", "2028-06-30"), r.hold(2, 1, 1, "2028-06-30", "2029-12-31")
	if !r.retains(t, first) {
		t.Error("the first letting loses a function the other space has")
	}
	r.allotted(t, first)
	if r.retains(t, second) {
		t.Error("a space that is let retains a function")
	}
	err := r.worker.HoldSpace(ctx, second)
	refusedAs(t, err, approval.SpaceTaken)
	if message := approval.Refusal(err).Message; !strings.Contains(message.ZH, "日间照料室") || !strings.Contains(message.EN, "elderly day-care room") {
		t.Errorf("refused with %v", message)
	}
	kept := second
	kept.Keeps = []string{"day_care"}
	if !r.retains(t, kept) {
		t.Error("what the operator keeps up is lost")
	}
	if err := r.worker.HoldSpace(ctx, kept); err != nil {
		t.Error(err)
	}
	if err := r.worker.HoldSpace(ctx, r.hold(3, 0, 0, "2028-07-01", "2029-12-31")); err != nil {
		t.Errorf("with the function kept up next door: %v", err)
	}
}

// Each of two cases was screened while the other's space was free.
func TestOfLettingsHeldAtOnceOneSpaceStays(t *testing.T) {
	const spaces = 8
	r, ctx := dayCares(t, spaces, spaces), context.Background()
	refusals := together(spaces, func(i int) error {
		return r.worker.HoldSpace(ctx, r.hold(i, i, i, "2026-07-01", "2028-06-30"))
	})
	held := 0
	for i, err := range refusals {
		switch approval.CodeOf(err) {
		case "":
			held++
		case approval.SpaceTaken:
		default:
			t.Errorf("applicant %d: %v", i, err)
		}
	}
	if held != spaces-1 {
		t.Errorf("%d of %d spaces are held", held, spaces)
	}
}

func TestARenewalLeavesTheCommunityItsFunctions(t *testing.T) {
	r, ctx := dayCares(t, 2, 2), context.Background()
	first, next := r.hold(1, 0, 0, "2026-07-01", "2027-06-30"), r.hold(2, 1, 1, "2027-07-01", "2028-06-30")
	r.allotted(t, first)
	r.allotted(t, next)
	extend := engagement.ExtendOrder{Key: "x", HoldKey: first.Key, EndsOn: "2027-12-31", At: noon}
	refusedAs(t, r.worker.ExtendSpace(ctx, extend), approval.SpaceTaken)
	if err := r.worker.FreeSpace(ctx, onboarding.FreeOrder{Key: next.Key, At: noon}); err != nil {
		t.Fatal(err)
	}
	if err := r.worker.ExtendSpace(ctx, extend); err != nil {
		t.Error(err)
	}
}

// An existing contract let the space before anybody asked; what its operator
// keeps up counts all the same.
func TestAnExistingContractIsHeldWhateverItCosts(t *testing.T) {
	r, ctx := dayCares(t, 3, 2), context.Background()
	for n, keeps := range [][]string{nil, {"day_care"}} {
		order := r.hold(n, n, n, "2025-07-01", "2028-06-30")
		order.Existing, order.Keeps = true, keeps
		if err := r.worker.HoldSpace(ctx, order); err != nil {
			t.Fatal(err)
		}
	}
	lets, err := r.api.Lettings(r.as(approval.Handler, community), community, "2026-01-01", "2026-12-31")
	if err != nil {
		t.Fatal(err)
	}
	kept := fmt.Sprint(lets[0].Keeps, lets[1].Keeps)
	if len(lets) != 2 || kept != "[] [day_care]" && kept != "[day_care] []" {
		t.Errorf("let: %v", lets)
	}
}
