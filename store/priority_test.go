package store_test

import (
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// Nobody outruns an operator that may still renew: the term that follows its own
// is open to others once it has declined, was refused, leaves or falls short.
func TestATermAfterAnothersWaitsForItsRenewal(t *testing.T) {
	r, ctx := openRegister(t, 2, 1), t.Context()
	r.engaged("e_1", community)
	first := r.hold(1, 0, 0, "2026-07-01", "2028-06-30")
	r.allotted(t, first)
	secretary := r.as(approval.Secretary, community)
	next := r.hold(2, 0, 1, "2028-07-01", "2030-06-30")
	call := r.call("c_call", noon.AddDate(0, 0, 10))
	call.Call.StartsOn, call.Call.EndsOn = "2028-08-01", "2029-07-31"
	vacant := func(order onboarding.HoldOrder) bool {
		t.Helper()
		facts, err := r.worker.OnboardingFacts(ctx, onboarding.FactQuestion{
			CaseID: order.CaseID, OperatorID: order.OperatorID, SpaceID: order.SpaceID, Number: order.Number, Scope: community,
			StartsOn: order.StartsOn, EndsOn: order.EndsOn, At: noon,
		})
		if err != nil {
			t.Fatal(err)
		}
		return facts.Space.Vacant
	}
	waits := func(why string) {
		t.Helper()
		err := r.worker.HoldSpace(ctx, next)
		refusedAs(t, err, approval.SpaceTaken)
		if message := approval.Refusal(err).Message.ZH; !strings.Contains(message, "示例运营0部") || !strings.Contains(message, "2028-06-30") {
			t.Errorf("%s: it says %q", why, message)
		}
		refusedAs(t, r.api.OpenCall(secretary, call), approval.SpaceTaken)
		if vacant(next) {
			t.Errorf("%s: screening finds the space vacant", why)
		}
	}
	open := func(why string) {
		t.Helper()
		if !vacant(next) {
			t.Errorf("%s: screening finds the space taken", why)
		}
		if err := r.worker.HoldSpace(ctx, next); err != nil {
			t.Errorf("%s: %v", why, err)
		}
		noError(t, r.worker.FreeSpace(ctx, onboarding.FreeOrder{Key: next.Key, At: noon}))
		next.Key += "+"
	}
	copied := func(change func(*engagement.View)) {
		t.Helper()
		copied := view("e_1", 1)
		copied.Onboarding, copied.Operator.ID, copied.Space.ID = first.CaseID, first.OperatorID, first.SpaceID
		copied.Term = engagement.Term{From: first.StartsOn, To: first.EndsOn}
		if change != nil {
			change(&copied)
		}
		noError(t, r.worker.KeepEngagement(ctx, copied))
	}
	scored := func(year string, band engagement.Band) func(*engagement.View) {
		return func(v *engagement.View) { v.Evaluations = []engagement.Assessment{{Year: year, Band: band}} }
	}
	answered := func(status string) func(*engagement.View) {
		return func(v *engagement.View) { v.Renewal = &engagement.Request{Status: status} }
	}

	waits("it has just begun")
	copied(nil)
	waits("not evaluated yet")
	copied(scored("2026-07-01/2027-06-30", engagement.Pass))
	waits("another year comes")
	copied(scored("2027-07-01/2028-06-30", ""))
	waits("the last year is being evaluated")
	copied(scored("2027-07-01/2028-06-30", engagement.Good))
	waits("it may renew")
	copied(answered(engagement.RequestOpen))
	waits("it asks")

	copied(scored("2027-07-01/2028-06-30", engagement.Pass))
	open("it falls short")
	copied(answered(engagement.RequestDeclined))
	open("it declines")
	copied(answered(engagement.RequestRefused))
	open("it is refused")
	copied(func(v *engagement.View) { v.Stage = engagement.Exit })
	open("it leaves")
	noError(t, r.api.OpenCall(secretary, call))

	copied(nil)
	candidate := next
	candidate.CallID, candidate.StartsOn, candidate.EndsOn = call.CaseID, call.Call.StartsOn, call.Call.EndsOn
	noError(t, r.worker.HoldSpace(ctx, candidate)) // asked when the call went out
}

// Its own next term and a contract that was signed long ago ask nobody.
func TestPriorityHoldsAgainstOthersOnly(t *testing.T) {
	r, ctx := openRegister(t, 2, 1), t.Context()
	r.allotted(t, r.hold(1, 0, 0, "2026-07-01", "2028-06-30"))
	own, signed := r.hold(2, 0, 0, "2028-07-01", "2029-06-30"), r.hold(3, 0, 1, "2028-07-01", "2029-06-30")
	noError(t, r.worker.HoldSpace(ctx, own))
	noError(t, r.worker.FreeSpace(ctx, onboarding.FreeOrder{Key: own.Key, At: noon}))
	signed.Existing = true
	noError(t, r.worker.HoldSpace(ctx, signed))
	noError(t, r.worker.HoldSpace(ctx, r.hold(4, 0, 1, "2026-01-01", "2026-06-30"))) // before the term
}
