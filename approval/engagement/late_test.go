package engagement_test

import (
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
)

func TestAMissingReportIsRemindedAndEscalatedButNeverAssumed(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-20")
	task := w.open(Reporting, SeatOperator)
	if !task.Reminded || !task.Escalated || w.state.Overdue != 1 || w.state.Periods[0].Status != Due {
		t.Fatalf("overdue %d, task %+v", w.state.Overdue, task)
	}
	w.report("2026-01", 10_000, 3_000) // late, yet taken
	if w.has(Reporting, SeatArrears) {
		t.Error("arrears are closed while the engagement runs")
	}
}

// What stays out goes up: to the secretary, who hands it up with a word, or
// whose time runs out; what the operator does closes it all.
func TestWhatStaysOutGoesUp(t *testing.T) {
	for _, speaks := range []bool{true, false} {
		w := begin(t, nil)
		w.until("2026-02-12")
		secretary := w.open(Reporting, "urging-operator")
		if secretary.Role != approval.Secretary || secretary.DueAt.IsZero() || w.has(Reporting, "oversight-operator") {
			t.Fatalf("%+v", secretary)
		}
		if speaks {
			w.refused(w.act(person(approval.Secretary), secretary, approval.Submit, "", nil), approval.CommentRequired, "comment")
			w.do(person(approval.Secretary), Reporting, "urging-operator", approval.Submit, "已约谈，承诺本周报送", nil)
		} else {
			w.until("2026-02-20")
		}
		if street := w.open(Reporting, "oversight-operator"); street.Role != approval.SubdistrictApprover || street.Scope != community.Up(approval.Subdistrict) {
			t.Fatalf("%+v", street)
		}
		w.do(operator, Reporting, SeatOperator, approval.Submit, "", Details{Report: &Report{
			Period: "2026-01", Figures: Figures{Revenue: fen(100), Profit: fen(100)}, Share: 30, Papers: papers()}})
		if w.has(Reporting, "urging-operator") || w.has(Reporting, "oversight-operator") {
			t.Fatal("what was late is done, and offices are still asked")
		}
		w.do(person(approval.Handler), Reporting, SeatCommunity, approval.Approve, "", nil)
		w.until("2026-03-10")
		if !w.has(Reporting, "urging-payment") {
			t.Fatal("a payment that stays out is not put before the secretary")
		}
		w.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不做了", nil)
		if w.has(Reporting, "urging-payment") || !w.has(Reporting, "arrears-payment") {
			t.Fatal("at the exit the subdistrict deals with what is late")
		}
	}
}

// Whoever is to act next is told by name of the operator and the period.
func TestTheSecretaryAndTheSubdistrictAreTold(t *testing.T) {
	w := begin(t, nil)
	told := func(seat string) (messages []approval.Message) {
		for _, task := range w.state.Tasks {
			if task.Seat == seat && task.Escalated {
				messages = append(messages, w.state.Alert(task)...)
			}
		}
		return messages
	}
	w.until("2026-02-12")
	messages := told(SeatOperator)
	last := messages[len(messages)-1]
	if last.Kind != "escalation" || last.Role != approval.Secretary || last.Scope != community || !strings.Contains(last.Text.ZH, "2026-01的反哺报表") || !strings.Contains(last.Text.ZH, "示例助餐服务部") {
		t.Fatalf("%+v", messages)
	}
	w.until("2026-02-18")
	messages = told("urging-operator")
	if last = messages[len(messages)-1]; last.Role != approval.SubdistrictApprover || last.Scope != community.Up(approval.Subdistrict) {
		t.Fatalf("%+v", messages)
	}
}
