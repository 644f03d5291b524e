package engagement_test

import (
	"slices"
	"testing"

	"linli/approval"
	"linli/approval/contract"
	. "linli/approval/engagement"
)

func (w *world) moved(people ...string) {
	var acting []contract.Signatory
	for _, person := range people {
		acting = append(acting, contract.Signatory{Person: person})
	}
	w.state.Replace(acting, w.now)
	w.settled()
}

// Reports, payments and the hand-back are asked of whoever acts for the operator
// by then, and so is what was asked before.
func TestASuccessorReportsPaysAndHandsBack(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-02-03")
	w.moved()
	left := operator
	asked := w.open(Reporting, SeatOperator)
	if !slices.Equal(asked.Persons, []string{left.ID}) {
		t.Fatalf("with nobody left %v reports", asked.Persons)
	}
	w.moved("u-successor")
	if due := w.open(Reporting, SeatOperator).DueAt; !due.Equal(asked.DueAt) {
		t.Errorf("the successor has until %s, the report was due on %s", due, asked.DueAt)
	}
	report := Details{Report: &Report{Period: "2026-01", Figures: Figures{Revenue: fen(1_000_000), Profit: fen(100_000)}, Share: 30_000, Papers: papers()}}
	w.refused(w.act(left, w.open(Reporting, SeatOperator), approval.Submit, "", report), approval.NotEligible, "")
	w.refused(w.act(left, w.open(approval.CaseDesk, SeatOperator), approval.Withdraw, "不再经营", nil), approval.NotEligible, "")
	defer func(before approval.Person) { operator = before }(operator)
	operator = approval.Person{ID: "u-successor"}
	w.report("2026-01", 100_000, 30_000)
	if people := w.state.View(1).People; !slices.Equal(people, []string{"u-successor"}) {
		t.Errorf("the copy names %v", people)
	}
	for _, task := range w.state.Tasks {
		if task.Status == approval.TaskOpen && task.OfPeople() && !slices.Equal(task.Persons, []string{"u-successor"}) {
			t.Errorf("%s is %v's", task.ID, task.Persons)
		}
		if task.Status == approval.TaskOpen && !task.OfPeople() && !(slices.Contains(task.Excluded, left.ID) && slices.Contains(task.Excluded, "u-successor")) {
			t.Errorf("%s keeps only %v away", task.ID, task.Excluded)
		}
	}
	w.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不再经营", nil)
	if persons := w.open(Exit, "giving").Persons; !slices.Equal(persons, []string{"u-successor"}) {
		t.Errorf("%v hands back", persons)
	}
	if excluded := w.open(Exit, "receiving").Excluded; !slices.Contains(excluded, left.ID) {
		t.Errorf("who left may take the space back for the community: %v", excluded)
	}
}
