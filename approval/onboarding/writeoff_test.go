package onboarding_test

import (
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/onboarding"
)

// lost reads the item as gone.
func lost(item, note string) Reading {
	return Reading{ItemID: item, State: Missing, Note: note}
}

// writeOff closes the repair as written off.
func writeOff(t testing.TB, list *Checklist, repair string, compensation approval.Fen, why string) {
	t.Helper()
	report := RepairReport{Report: why, WrittenOff: true, Compensation: compensation}
	if err := list.CheckRepair(repair, report); err != nil {
		t.Fatal(err)
	}
	list.Repaired(repair, report, "u-handler", morning)
}

func rows(t testing.TB, list Checklist) string {
	t.Helper()
	paper, err := list.Certificate(CertificateFacts{Name: func(id string) string { return id }})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, block := range paper.Blocks {
		if block.Table != nil {
			for _, row := range block.Table.Rows {
				all = append(all, strings.Join(row, "|"))
			}
		}
	}
	return strings.Join(all, "\n")
}

// Something is lost for good and paid for, something was listed by mistake, one
// of two pieces is gone, and a wall stays stained: each counts once both sides
// have stated the same of what is left, and never before.
func TestWhatCannotBePutRightIsWrittenOff(t *testing.T) {
	list := drawn(t)
	var rest []Reading
	for _, reading := range sound(list) {
		switch reading.ItemID {
		case "room-1", "asset-1", "keys-1", "fire_equipment-1":
		default:
			rest = append(rest, reading)
		}
	}
	confirm(t, &list, Giving, rest...)
	confirm(t, &list, Receiving, rest...)
	left := []Reading{
		{ItemID: "room-1", Quantity: 1, State: Defective, Note: "墙面污损"}, {ItemID: "asset-1", Quantity: 1, State: Intact},
		lost("keys-1", "丢失"), lost("fire_equipment-1", "误列"),
	}
	repairs := confirm(t, &list, Giving, left...)
	if len(repairs) != 4 {
		t.Fatalf("four differences, %d repairs", len(repairs))
	}
	for n, compensation := range []approval.Fen{20_000, 150_000, 9_000, 0} {
		writeOff(t, &list, repairs[n].ID, compensation, "双方商定")
	}
	left[2].Note = "" // said before
	if opened := confirm(t, &list, Giving, left...); len(opened) != 0 || list.Complete() {
		t.Fatalf("one side alone settles a write-off: %v", opened)
	}
	if opened := confirm(t, &list, Receiving, left...); len(opened) != 0 || !list.Complete() {
		t.Fatalf("the list does not complete: %v", opened)
	}
	all := rows(t, list)
	for _, line := range []string{
		"大门钥匙||0把，缺失，核销", "双开门冰箱|厨房|1台，完好，核销", "核销，赔偿90.00元：双方商定", "核销，赔偿1,500.00元：双方商定", "核销，不赔偿：双方商定",
	} {
		if !strings.Contains(all, line) {
			t.Errorf("the certificate does not say %q:\n%s", line, all)
		}
	}
	back := list.HandBack(morning.AddDate(2, 0, 0))
	for _, item := range back.Items {
		if item.ID == "keys-1" || item.ID == "fire_equipment-1" || item.WrittenOff != "" || item.ID == "asset-1" && item.Quantity != 1 {
			t.Errorf("what was written off is asked back: %+v", item)
		}
	}
	if len(back.Items) != len(list.Items)-2 {
		t.Errorf("%d items of %d are given back", len(back.Items), len(list.Items))
	}
}

// Nobody is outvoted: a side that disputes a write-off, or states something
// else, opens the matter anew.
func TestAWriteOffIsAgreedOrOpenedAgain(t *testing.T) {
	for name, answer := range map[string]Reading{
		"disputed":       {ItemID: "keys-1", State: Missing, Note: "应赔偿换锁费用", Disputed: true},
		"found":          {ItemID: "keys-1", Quantity: 3, State: Intact},
		"part of it was": {ItemID: "keys-1", Quantity: 1, State: Intact},
	} {
		list := drawn(t)
		repair := confirm(t, &list, Giving, lost("keys-1", "丢失"))[0]
		writeOff(t, &list, repair.ID, 0, "丢失")
		confirm(t, &list, Giving, lost("keys-1", ""))
		again := confirm(t, &list, Receiving, answer)
		if len(again) != 1 || list.Items[4].Agreed() {
			t.Fatalf("%s: opened %v", name, again)
		}
		if name == "disputed" && !strings.Contains(again[0].Why.ZH, "接收方不同意核销，应赔偿换锁费用") {
			t.Errorf("it says %q", again[0].Why.ZH)
		}
		writeOff(t, &list, again[0].ID, 12_000, "丢失，赔偿换锁费用")
		confirm(t, &list, Receiving, lost("keys-1", ""))
		confirm(t, &list, Giving, lost("keys-1", ""))
		var rest []Reading
		for _, reading := range sound(list) {
			if reading.ItemID != "keys-1" {
				rest = append(rest, reading)
			}
		}
		confirm(t, &list, Giving, rest...)
		confirm(t, &list, Receiving, rest...)
		if all := rows(t, list); !strings.Contains(all, "提出核销（未采用）：丢失") || !strings.Contains(all, "核销，赔偿120.00元：丢失，赔偿换锁费用") {
			t.Errorf("%s:\n%s", name, all)
		}
	}
}

// What is found while it is written off stands on the certificate as found.
func TestWhatIsFoundIsNotWrittenOff(t *testing.T) {
	list := drawn(t)
	repair := confirm(t, &list, Giving, lost("keys-1", "丢失"))[0]
	writeOff(t, &list, repair.ID, 9_000, "丢失")
	confirm(t, &list, Giving, sound(list)...)
	confirm(t, &list, Receiving, sound(list)...)
	if all := rows(t, list); strings.Contains(all, "，核销") || !strings.Contains(all, "提出核销（未采用）") {
		t.Errorf("the certificate says\n%s", all)
	}
	if back := list.HandBack(morning); len(back.Items) != len(list.Items) {
		t.Error("what was found is not given back")
	}
}

func TestMalformedWriteOffs(t *testing.T) {
	list := drawn(t)
	repairs := confirm(t, &list, Giving, lost("keys-1", "丢失"), lost("photo-1", "没有拍"))
	for field, c := range map[string]struct {
		repair string
		report RepairReport
	}{
		"repaired/report":       {repairs[0].ID, RepairReport{WrittenOff: true, Report: " "}},
		"repaired/compensation": {repairs[0].ID, RepairReport{WrittenOff: true, Report: "丢失", Compensation: -1}},
		"repaired/quantity":     {repairs[0].ID, RepairReport{WrittenOff: true, Report: "丢失", Quantity: 2}},
		"repaired/written_off":  {repairs[1].ID, RepairReport{WrittenOff: true, Report: "没有拍"}},
	} {
		refused(t, list.CheckRepair(c.repair, c.report), approval.Invalid, field)
	}
	refused(t, list.CheckRepair(repairs[0].ID, RepairReport{Report: "已找回", Compensation: 100}), approval.Invalid, "repaired/compensation")
	refused(t, list.CheckRepair(repairs[0].ID, RepairReport{WrittenOff: true, Report: "丢失", Compensation: approval.MaxAmount + 1}), approval.Invalid, "repaired/compensation")

	meter := Reading{ItemID: "meter-1", Quantity: 1, State: Intact, Disputed: true, Note: "不同意"}
	refused(t, list.Check(Receiving, []Reading{meter}, "u-operator"), approval.Invalid, "readings/0/disputed")
	writeOff(t, &list, repairs[0].ID, 0, "丢失")
	refused(t, list.Check(Receiving, []Reading{{ItemID: "keys-1", State: Missing, Disputed: true}}, "u-operator"), approval.CommentRequired, "readings/0/note")
	confirm(t, &list, Giving, lost("keys-1", ""))
	refused(t, list.Check(Receiving, []Reading{lost("keys-1", "")}, "u-handler"), approval.SamePerson, "readings/0/item_id")
}
