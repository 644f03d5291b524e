package engagement_test

import (
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/engagement"
	"linli/approval/onboarding"
)

// What is lost for good and paid for does not keep the space: it is written off,
// once the community agrees, and the certificate says so.
func TestWhatIsLostForGoodIsWrittenOffAtTheHandBack(t *testing.T) {
	w := begin(t, nil)
	w.until("2026-01-15")
	w.do(operator, approval.CaseDesk, SeatOperator, approval.Withdraw, "不再经营", nil)
	read := func(by approval.Person, side onboarding.Side, keys onboarding.Reading) {
		t.Helper()
		all := readings(w.state.HandBack)
		var stated []onboarding.Reading
		for i, item := range w.state.HandBack.Items {
			switch {
			case item.ID == keys.ItemID:
				stated = append(stated, keys)
			case !item.Agreed():
				stated = append(stated, all[i])
			}
		}
		w.do(by, Exit, string(side), approval.Confirm, "", Details{Handover: &onboarding.HandoverForm{Readings: stated}})
	}
	gone := onboarding.Reading{ItemID: "keys-1", State: onboarding.Missing, Note: "丢失"}
	read(operator, onboarding.Giving, gone)
	report := onboarding.RepairReport{Report: "无法补齐，照价赔偿", WrittenOff: true, Compensation: 9_000}
	short := report
	short.Compensation = -9_000
	w.refused(w.act(operator, w.open(Exit, "repair-1"), approval.Submit, "", Details{Handover: &onboarding.HandoverForm{Repaired: &short}}),
		approval.Invalid, "form/details/handover/repaired/compensation")
	w.do(operator, Exit, "repair-1", approval.Submit, "", Details{Handover: &onboarding.HandoverForm{Repaired: &report}})
	read(operator, onboarding.Giving, gone)
	gone.Note = ""
	if w.state.HandBack.Complete() {
		t.Fatal("written off without the community")
	}
	read(person(approval.Handler), onboarding.Receiving, gone)
	if len(w.state.OpenAt(Exit)) != 0 {
		t.Fatalf("the hand-back is not settled: %+v", w.state.HandBack)
	}
	paper, err := w.state.HandBack.Certificate(onboarding.CertificateFacts{Name: func(id string) string { return id }})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, block := range paper.Blocks {
		if block.Table != nil {
			for _, row := range block.Table.Rows {
				lines = append(lines, strings.Join(row, " "))
			}
		}
	}
	if all := strings.Join(lines, "\n"); !strings.Contains(all, "核销，赔偿90.00元：无法补齐，照价赔偿") || !strings.Contains(all, "缺失，核销") {
		t.Errorf("the certificate says\n%s", all)
	}
}
