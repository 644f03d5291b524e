package engagement_test

import (
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
	"linli/approval/onboarding"
)

func TestTheFirstReportBecomesADonation(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-01-31")
	if w.has(Reporting, SeatOperator) {
		t.Fatal("a report is asked for before its period ends")
	}
	w.until("2026-02-02")
	w.report("2026-01", 1_000_000, 300_000)
	period := w.state.Periods[0]
	if w.state.Given != 300_000 || period.Status != Settled || period.Receipt.IncomeID != "in-1" {
		t.Fatalf("given %s, period %+v", w.state.Given.Yuan(), period)
	}
	if w.state.Donation(w.now) != nil {
		t.Error("the share would be booked twice")
	}
}

func TestReportsRefused(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-02")
	w.report("2026-01", 1_000_000, 300_000)
	closed := approval.TaskID(w.state.Start.CaseID, Reporting, w.state.Periods[0].Turn, SeatOperator)
	w.until("2026-03-02")
	task := w.open(Reporting, SeatOperator)
	sound := Report{Period: "2026-02", Figures: Figures{Revenue: fen(500_000), Profit: fen(100_001)}, Share: 30_000, Papers: papers()}
	for field, play := range map[string]struct {
		code  approval.Code
		spoil func(*Report)
	}{
		"form/details/report/share":    {approval.Invalid, func(r *Report) { r.Share = 30_001 }},
		"form/details/report/papers":   {approval.Invalid, func(r *Report) { r.Papers = nil }},
		"form/details/report/profit":   {approval.Invalid, func(r *Report) { r.Profit = nil }},
		"form/details/report/revenue":  {approval.Invalid, func(r *Report) { r.Revenue = nil }},
		"form/details/report/days":     {approval.Invalid, func(r *Report) { r.Days = num(3) }},
		"form/details/report/period/":  {approval.Conflict, func(r *Report) { r.Period = "2026-01" }}, // closed
		"form/details/report/period//": {approval.Conflict, func(r *Report) { r.Period = "2026-03" }}, // still runs
		"form/details/report/period":   {approval.Invalid, func(r *Report) { r.Period = "1999-01" }},
	} {
		report := sound
		play.spoil(&report)
		w.refused(w.act(operator, task, approval.Submit, "", Details{Report: &report}), play.code, strings.TrimRight(field, "/"))
	}
	w.refused(w.act(operator, task, approval.Submit, "", nil), approval.Invalid, "form/details/report")
	w.refused(w.act(operator, approval.Task{ID: closed, CaseID: task.CaseID}, approval.Submit, "", Details{Report: &sound}), approval.Conflict, "form/details/report/period")
	w.refused(w.act(person(approval.Handler), task, approval.Submit, "", Details{Report: &sound}), approval.NotEligible, "")
	w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &sound})
}

func TestWhoReportsConfirmsAndBooksAreDifferent(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-02")
	w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &Report{
		Period: "2026-01", Figures: Figures{Revenue: fen(100), Profit: fen(100)}, Share: 30, Papers: papers()}})
	both := approval.Person{ID: "u-both", Grants: []approval.Grant{{Role: approval.Handler, Scope: "370300"}, {Role: approval.CharityOfficer, Scope: "370300"}}}
	insider := approval.Person{ID: operator.ID, Grants: both.Grants}
	w.refused(w.act(insider, w.open(Reporting, SeatCommunity), approval.Approve, "", nil), approval.SamePerson, "")
	w.do(both, Reporting, SeatCommunity, approval.Approve, "", nil)
	w.do(operator, Reporting, SeatPayment, approval.Submit, "", Details{Payment: &Payment{BankReference: "B1", PaidOn: "2026-02-02"}})
	w.refused(w.act(both, w.open(Reporting, SeatCharity), approval.Approve, "", Details{Received: received("2026-02-02")}), approval.SamePerson, "")
	bad := received("2026-02-02")
	bad.Receipt.Number = ""
	w.refused(w.act(person(approval.CharityOfficer), w.open(Reporting, SeatCharity), approval.Approve, "", Details{Received: bad}), approval.Invalid, "form/details/received/receipt/code")
	w.do(person(approval.CharityOfficer), Reporting, SeatCharity, approval.Return, "款项未到账", nil)
	w.pay()
	if w.state.Given != 30 {
		t.Fatalf("given %d", w.state.Given)
	}
}

func TestAReturnedReportIsMadeAnew(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-02")
	w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &Report{
		Period: "2026-01", Figures: Figures{Revenue: fen(100), Profit: fen(100)}, Share: 30, Papers: papers()}})
	w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Return, "缺少进货凭证", nil)
	w.report("2026-01", 1_000, 300)
	if w.state.Given != 300 {
		t.Fatalf("given %d", w.state.Given)
	}
}

func TestTheLedgersRefusalIsAskedForAgain(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-02")
	w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &Report{
		Period: "2026-01", Figures: Figures{Revenue: fen(100), Profit: fen(100)}, Share: 30, Papers: papers()}})
	w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Approve, "", nil)
	w.do(operator, Reporting, SeatPayment, approval.Submit, "", Details{Payment: &Payment{BankReference: "B1", PaidOn: "2026-02-02"}})
	w.do(person(approval.CharityOfficer), Reporting, SeatCharity, approval.Approve, "", Details{Received: received("2026-02-02")})
	w.state.DonationRefused("2026-01", approval.Errorf(approval.Conflict, "票据号码已使用。", "The receipt number was used before."), w.now)
	w.settled()
	w.do(person(approval.CharityOfficer), Reporting, SeatCharity, approval.Approve, "", Details{Received: received("2026-02-02")})
	w.booked()
	if w.state.Given != 30 {
		t.Fatalf("given %d", w.state.Given)
	}
}

func TestNoMoneyMovesForLossesAndHours(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-02")
	w.report("2026-01", -5_000, 0)
	if w.state.Periods[0].Status != Settled || w.state.Donation(w.now) != nil {
		t.Fatal("a loss leads to a payment")
	}
	w = begin(t, func(s *Start) {
		s.Share, s.FundID = onboarding.Share{Kind: onboarding.InKindHours, Hours: 120, Period: onboarding.Quarterly}, ""
	})
	w.until("2026-04-02")
	w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &Report{Period: "2026-Q1", Figures: Figures{Hours: num(31)}, Papers: papers()}})
	w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Approve, "", nil)
	if w.state.Hours != 31 || w.state.Given != 0 || w.state.Periods[0].Status != Settled || w.state.Donation(w.now) != nil {
		t.Fatalf("hours %d, given %d", w.state.Hours, w.state.Given)
	}
}

// Ten of the sample cases: 56 points, thirty days to put it right, 52 points, exit.
func TestFailedTwiceLeavesAndHandsBack(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-11-05")
	if w.state.Stage != Operating {
		t.Fatal("not operating")
	}
	w.refused(w.act(person(approval.Secretary), w.open(Evaluation, SeatCommunity), approval.Submit, "", Details{Scores: sheet(56)[:3]}), approval.Invalid, "form/details/scores")
	over := sheet(56)
	over[0].Points = 26
	w.refused(w.act(person(approval.Secretary), w.open(Evaluation, SeatCommunity), approval.Submit, "", Details{Scores: over}), approval.Invalid, "form/details/scores/0")
	w.score(56)
	if w.state.Stage != Rectification || w.state.Failures != 1 {
		t.Fatalf("stage %s after 56 points", w.state.Stage)
	}
	w.do(operator, Rectification, SeatOperator, approval.Submit, "", Details{Statement: &Statement{Text: "已补足公益服务", Papers: papers()}})
	w.score(52)
	if w.state.Stage != Exit || w.state.Leaving.Ground != FailedEvaluation {
		t.Fatalf("stage %s after 52 points", w.state.Stage)
	}
	w.handBack()
	if w.state.Free(w.now) != nil {
		t.Fatal("the space is given back before the periods are settled")
	}
	for _, p := range w.state.Periods {
		if p.Status == Due {
			task := approval.TaskID(w.state.Start.CaseID, Reporting, p.Turn, SeatOperator)
			act := w.act(operator, *w.state.Task(task), approval.Submit, "", Details{Report: &Report{
				Period: p.Name, Figures: Figures{Revenue: fen(0), Profit: fen(0)}, Papers: papers()}})
			if err := w.try(act); err != nil {
				t.Fatal(err)
			}
			w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Approve, "", nil)
		}
	}
	w.freed()
	if w.state.Status != approval.Terminated || !strings.Contains(w.state.Reason, "52") {
		t.Errorf("%s: %s", w.state.Status, w.state.Reason)
	}
}

func TestAPassAfterRectificationGoesOn(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-11-05")
	w.score(59)
	w.until("2026-12-20") // nobody reported: the time for it is over, the evaluation opens anew
	w.score(60)
	if w.state.Stage != Operating || w.state.Failures != 0 {
		t.Fatalf("stage %s, %d failures", w.state.Stage, w.state.Failures)
	}
}

func TestASafetyAccidentEndsIt(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-05-10")
	ending := w.open(approval.CaseDesk, SeatEnding)
	w.refused(w.act(person(approval.SubdistrictApprover), ending, approval.Terminate, "后厨起火", nil), approval.Invalid, "form/details/ground")
	w.refused(w.act(person(approval.SubdistrictApprover), ending, approval.Terminate, "后厨起火", Details{Ground: TermEnded}), approval.Invalid, "form/details/ground")
	w.do(person(approval.SubdistrictApprover), approval.CaseDesk, SeatEnding, approval.Terminate, "后厨起火", Details{Ground: SafetyAccident})
	w.refused(w.act(operator, w.open(approval.CaseDesk, SeatOperator), approval.Withdraw, "不做了", nil), approval.Conflict, "")
	last := w.state.Periods[len(w.state.Periods)-1]
	if w.state.Stage != Exit || last.Name != "2026-05" || last.To != "2026-05-10" || last.Status != Due {
		t.Fatalf("stage %s, last period %+v", w.state.Stage, last)
	}
}

// An operator that has gone: nothing is assumed in its place, the subdistrict
// closes its periods with a reason and reads the list as a witness.
func TestAnOperatorThatHasGoneDoesNotKeepTheSpace(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-01-20")
	w.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "经营困难", nil)
	if w.has(Reporting, SeatArrears) || w.has(Exit, "giving-witness") {
		t.Fatal("the operator had no time")
	}
	w.until("2026-03-01")
	w.refused(w.act(person(approval.SubdistrictApprover), w.open(Reporting, SeatArrears), approval.Approve, "", nil), approval.CommentRequired, "comment")
	w.do(person(approval.SubdistrictApprover), Reporting, SeatArrears, approval.Approve, "失联，另行追缴", nil)
	w.do(person(approval.SubdistrictApprover), Exit, "giving-witness", approval.Confirm, "", Details{Handover: &onboarding.HandoverForm{Readings: readings(w.state.HandBack)}})
	seen := readings(w.state.HandBack)
	seen[2].State, seen[2].Quantity, seen[2].Note = onboarding.Missing, 0, "钥匙未交"
	w.do(person(approval.Handler), Exit, string(onboarding.Receiving), approval.Confirm, "", Details{Handover: &onboarding.HandoverForm{Readings: seen}})
	w.until("2026-06-01")
	w.do(person(approval.SubdistrictApprover), Exit, "repair-1-witness", approval.Submit, "", Details{Handover: &onboarding.HandoverForm{Repaired: &onboarding.RepairReport{Report: "换锁配钥匙"}}})
	keys := readings(w.state.HandBack)[2:3]
	w.do(person(approval.SubdistrictApprover), Exit, "giving-witness", approval.Confirm, "", Details{Handover: &onboarding.HandoverForm{Readings: keys}})
	w.do(person(approval.Handler), Exit, string(onboarding.Receiving), approval.Confirm, "", Details{Handover: &onboarding.HandoverForm{Readings: keys}})
	w.freed()
	if w.state.Status != approval.Withdrawn || w.state.Periods[0].Status != Unsettled {
		t.Errorf("%s, %+v", w.state.Status, w.state.Periods[0])
	}
}

// A folded engagement knows every act it ever took and tells a closed period by
// name; what is open stays open.
func TestFoldingForgetsWordsNotActs(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-02")
	task := w.open(Reporting, SeatOperator)
	report := w.act(operator, task, approval.Submit, "", Details{Report: &Report{
		Period: "2026-01", Figures: Figures{Revenue: fen(100), Profit: fen(0)}, Papers: papers()}})
	if err := w.try(report); err != nil {
		t.Fatal(err)
	}
	w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Approve, "", nil)
	w.until("2026-03-02")
	before, tasks := len(w.state.Acts), len(w.state.Tasks)
	w.state.Fold()
	w.settled()
	if len(w.state.Acts) != before || len(w.state.Tasks) >= tasks || !w.has(Reporting, SeatOperator) || !w.has(approval.CaseDesk, SeatEnding) {
		t.Fatalf("%d of %d acts, %d of %d tasks", len(w.state.Acts), before, len(w.state.Tasks), tasks)
	}
	if err := w.state.Check(report, w.now); err != nil || w.state.Done(report.ID) == nil {
		t.Errorf("a repeated act is not known: %v", err)
	}
	other := report
	other.Comment = "另一请求"
	w.refused(other, approval.KeyReused, "")
	again := w.act(operator, task, approval.Submit, "", Details{Report: &Report{Period: "2026-01"}})
	w.refused(again, approval.Conflict, "form/details/report/period")
}

func TestStartsRefused(t *testing.T) {
	for field, spoil := range map[string]func(*Start){
		"case_id":  func(s *Start) { s.CaseID = "e_other" },
		"people":   func(s *Start) { s.People = nil },
		"fund_id":  func(s *Start) { s.FundID = "" },
		"ends_on":  func(s *Start) { s.EndsOn = "2025-12-31" },
		"handover": func(s *Start) { s.Handover = s.Handover.HandBack(s.OpenedAt) },
	} {
		s := start()
		spoil(&s)
		if refusal := approval.Refusal(s.Validate()); refusal == nil || refusal.Field != field {
			t.Errorf("%s: %v", field, refusal)
		}
	}
}
