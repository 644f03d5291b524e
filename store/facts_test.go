package store_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/approval/operator"
	"linli/approval/space"
)

// question is what a case of the first operator asks about the first space.
func (r *register) question() onboarding.FactQuestion {
	return onboarding.FactQuestion{
		CaseID: "c_1", Scope: community, OperatorID: r.operators[0].ID, SpaceID: r.spaces[0].ID, Number: r.numbers[0],
		StartsOn: "2026-07-01", EndsOn: "2028-06-30", FiledAt: noon, At: noon,
	}
}

func (r *register) facts(change func(*onboarding.FactQuestion)) onboarding.RegisterFacts {
	r.t.Helper()
	question := r.question()
	if change != nil {
		change(&question)
	}
	return must(r.worker.OnboardingFacts(context.Background(), question))(r.t)
}

// What nobody recorded is absent, never a zero that reads as fine.
func TestFactsNobodyRecordedAreAbsent(t *testing.T) {
	r := openRegister(t, 1, 1)
	facts := r.facts(nil)
	if facts.Credit.Checked || facts.Operator.FoundedKnown || facts.Operator.LastScoreKnown || facts.Operator.RelationsChecked ||
		facts.Needs.Listed || facts.Call.Present || facts.Space.Surveyed || facts.Space.FunctionsKnown || len(facts.Operator.Licences) != 0 {
		t.Errorf("known without a record: %+v", facts)
	}
	if !facts.Space.Vacant || facts.Space.UsableArea != 3_800 || !facts.Space.OwnershipKnown || facts.Renewal || !facts.Community.AreasKnown || facts.Community.Households != 2_400 {
		t.Errorf("%+v, %+v", facts.Space, facts.Community)
	}
	ctx := context.Background()
	for _, unknown := range []func(*onboarding.FactQuestion){
		func(q *onboarding.FactQuestion) { q.OperatorID = "op_none" }, func(q *onboarding.FactQuestion) { q.SpaceID = "sp_none" }, func(q *onboarding.FactQuestion) { q.CallID = "c_none" },
	} {
		question := r.question()
		unknown(&question)
		_, err := r.worker.OnboardingFacts(ctx, question)
		refusedAs(t, err, approval.NotFound)
	}
}

// The operator's papers, the latest look at the lists, and who of those who
// decide is tied to it.
func TestFactsAboutAnOperator(t *testing.T) {
	r := openRegister(t, 2, 1)
	handler := r.as(approval.Handler, community)
	id := r.operators[0].ID
	for _, licence := range []operator.NewLicence{
		{Kind: operator.FoodLicence, Number: "1", ValidUntil: "2026-03-14", Verified: true}, {Kind: operator.Registration, Number: "2"}, {Kind: operator.StaffHealth, Number: "3", ValidUntil: "2026-01-01", Verified: true},
	} {
		noError(t, r.api.RecordLicence(handler, id, licence, "p_9", noon))
	}
	noError(t, r.api.RecordLicence(handler, r.operators[1].ID, operator.NewLicence{Kind: operator.FireCheck, Number: "9", Verified: true}, "p_9", noon))
	for _, check := range []operator.NewCreditCheck{
		{Source: "示例信用平台", CheckedOn: "2026-01-05", Entries: []operator.CreditEntry{{List: operator.JudgmentDefaulter, Subject: operator.SubjectOperator, ListedOn: "2025-12-01"}}},
		{Source: "示例信用平台", CheckedOn: "2026-03-01", Entries: []operator.CreditEntry{{List: operator.AbnormalOperations, Subject: operator.SubjectOperator, ListedOn: "2025-02-01", RemovedOn: "2025-05-01"}}},
	} {
		noError(t, r.api.RecordCreditCheck(handler, id, check, "p_9", noon))
	}
	noError(t, r.api.AddParty(handler, id, operator.NewParty{Name: "示例股东", Capacity: operator.ShareholderCapacity}, "p_9", noon))
	parties, _, err := r.api.RelatedParties(handler, id)
	noError(t, err)
	for _, person := range []string{"p_3", "p_4"} {
		noError(t, r.api.DeclareTie(handler, id, operator.NewTie{PersonID: person, PartyID: parties[0].ID, Relation: approval.Relative}, "p_9", noon))
	}
	if _, err := r.asOwner().Exec(context.Background(), `INSERT INTO grants (id, person, role, scope, granted_at, granted_by)
		VALUES ('g_3', 'p_3', 'secretary', $1, now(), 'test'), ('g_4', 'p_4', 'handler', $1, now(), 'test')`, string(community)); err != nil {
		t.Fatal(err)
	}
	facts := r.facts(nil)
	status := map[string]onboarding.LicenceFact{}
	for _, licence := range facts.Operator.Licences {
		status[licence.Kind] = licence
	}
	if want := (map[string]onboarding.LicenceFact{
		"food_licence": {Kind: "food_licence", Status: "valid", DaysLeft: 10}, "registration": {Kind: "registration", Status: "unverified", NeverExpires: true},
		"staff_health": {Kind: "staff_health", Status: "expired", DaysLeft: -62},
	}); !reflect.DeepEqual(status, want) {
		t.Errorf("licences %+v", status)
	}
	if credit := facts.Credit; !credit.Checked || credit.AgeDays != 3 || len(credit.Entries) != 1 || credit.Entries[0].List != "abnormal_operations" || credit.Entries[0].Active || credit.Entries[0].MonthsAgo != 13 {
		t.Errorf("the latest check: %+v", credit)
	}
	if !facts.Operator.RelationsChecked || !slices.Equal(facts.Interested, []string{"p_3", "p_4"}) || facts.Operator.InterestedDeciders != 1 {
		t.Errorf("related %v, of whom %d decide", facts.Interested, facts.Operator.InterestedDeciders)
	}
}

// The space in the term asked for, what else of the community is let, and what
// the case itself holds left out.
func TestFactsAboutASpace(t *testing.T) {
	r, ctx := openRegister(t, 2, 2), context.Background()
	handler := r.as(approval.Handler, community)
	must(r.api.SetNeeds(handler, space.NeedList{Scope: community, ChangedBy: "p_9", ChangedAt: noon, Needs: []space.Need{
		{Category: "care", Code: "elderly_canteen", Name: "老年食堂", Count: 1, Priority: space.High}, {Category: "care", Code: "day_care", Name: "日间照料", Count: 1, Priority: space.Low},
	}}))(t)
	noError(t, r.worker.HoldSpace(ctx, r.hold(1, 0, 0, "2026-07-01", "2028-06-30")))
	noError(t, r.worker.HoldSpace(ctx, r.hold(2, 1, 1, "2026-07-01", "2026-12-31")))
	facts := r.facts(func(q *onboarding.FactQuestion) { q.Needs = []string{"elderly_canteen", "own_x"} })
	if !facts.Space.Vacant || facts.Community.LetArea != 3_800 || facts.Community.ServiceArea != 7_600 || facts.Renewal {
		t.Errorf("its own hold stands in its way: %+v, %+v", facts.Space, facts.Community)
	}
	if facts.Needs != (onboarding.NeedFacts{Listed: true, Matched: 1, Priority: 1}) {
		t.Errorf("needs %+v", facts.Needs)
	}
	other := func(from, until string) onboarding.RegisterFacts {
		return r.facts(func(q *onboarding.FactQuestion) {
			q.CaseID, q.OperatorID, q.SpaceID, q.Number, q.StartsOn, q.EndsOn = "c_9", r.operators[0].ID, r.spaces[1].ID, r.numbers[1], from, until
		})
	}
	if taken := other("2026-12-31", "2027-06-30"); taken.Space.Vacant || taken.Community.LetArea != 7_600 {
		t.Errorf("a space held on the first day: %+v, let %d", taken.Space, taken.Community.LetArea)
	}
	if free := other("2027-01-01", "2027-06-30"); !free.Space.Vacant || free.Community.LetArea != 3_800 {
		t.Errorf("a space held until the day before: %+v, let %d", free.Space, free.Community.LetArea)
	}
	noError(t, r.worker.AllotSpace(ctx, onboarding.AllotOrder{Key: "c_1/space/1", At: noon}))
	if facts = r.facts(func(q *onboarding.FactQuestion) { q.CaseID = "c_9" }); !facts.Renewal {
		t.Error("an operator that runs the space already does not apply for a renewal")
	}
}

// What became of the operator's engagements, wherever in the city they are.
func TestFactsAboutATrackRecord(t *testing.T) {
	r, ctx := openRegister(t, 1, 1), context.Background()
	keep := func(caseID string, scope approval.Scope, change func(*engagement.View)) {
		r.engaged(caseID, scope)
		copied := view(caseID, 1)
		copied.Scope, copied.Operator.ID = scope, r.operators[0].ID
		change(&copied)
		noError(t, r.worker.KeepEngagement(ctx, copied))
	}
	keep("e_1", community, func(v *engagement.View) {
		v.Evaluations = []engagement.Assessment{{Total: 95, Band: engagement.Excellent, At: noon.AddDate(-1, 0, 0)}, {Total: 40}} // the second is not confirmed
	})
	keep("e_2", "370300/370305/370305001/370305001901", func(v *engagement.View) {
		v.Status, v.ClosedAt = approval.Terminated, noon
		v.Evaluations = []engagement.Assessment{{Total: 56, Band: engagement.Fail, At: noon.AddDate(0, -1, 0)}}
	})
	late := step("e_1", 2, "rectify", approval.Task{Stage: engagement.Rectification, Seat: "operator", Kind: approval.Form, Persons: []string{"p_1"}, Scope: community})
	late.Case.Procedure = engagement.Procedure
	must(r.worker.Record(ctx, late))(t)
	if _, err := r.asOwner().Exec(ctx, `UPDATE tasks SET due_at = $1 WHERE case_id = 'e_1' AND stage = 'rectification'`, noon.AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
	if facts := r.facts(nil).Operator; facts.RunningEngagements != 1 || !facts.LastScoreKnown || facts.LastScore != 56 || facts.RectificationsUndone != 1 {
		t.Errorf("%+v", facts)
	}
}

// A call is known with its deadline; filing at the deadline is too late. Who
// comes when it has ended reads so.
func TestFactsAboutACall(t *testing.T) {
	r := openRegister(t, 1, 1)
	noError(t, r.api.OpenCall(r.as(approval.Secretary, community), r.call("c_call", noon.AddDate(0, 0, 10))))
	for filed, inTime := range map[int]bool{9: true, 10: false} {
		facts := r.facts(func(q *onboarding.FactQuestion) { q.CallID, q.FiledAt = "c_call", noon.AddDate(0, 0, filed) })
		if !facts.Call.Present || facts.Call.InTime != inTime || !facts.Space.Vacant {
			t.Errorf("filed on day %d: %+v, vacant %v", filed, facts.Call, facts.Space.Vacant)
		}
	}
	if facts := r.facts(nil); facts.Space.Vacant {
		t.Error("a space that is called for is free for whoever does not answer the call")
	}
	under := func(q *onboarding.FactQuestion) { q.CallID = "c_call" }
	if r.facts(under).CallOver {
		t.Error("a call under way is over")
	}
	must(r.worker.CloseCall(context.Background(), "c_call", noon))(t)
	noError(t, r.worker.EndCall(context.Background(), "c_call", nil, noon))
	if !r.facts(under).CallOver {
		t.Error("a call that has ended is not over")
	}
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
