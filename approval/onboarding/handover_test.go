package onboarding_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	. "linli/approval/onboarding"
)

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, approval.Shanghai)

func picture(n int) string { return fmt.Sprintf("%064x", n) }

var kitchen = Inventory{SpaceID: "sp-1", Name: "示范一社区助餐点", Rooms: []string{"厨房", "取餐间"}}

func listed() []Item {
	return []Item{
		{Kind: ItemAsset, Name: "双开门冰箱", Room: "厨房", Unit: "台", Quantity: 2},
		{Kind: ItemMeter, Name: "电表", Unit: "kWh", Quantity: 1},
		{Kind: ItemKeys, Name: "大门钥匙", Unit: "把", Quantity: 3},
		{Kind: ItemFire, Name: "灭火器", Unit: "具", Quantity: 4},
		{Kind: ItemPhoto, Name: "移交前照片", Quantity: 4},
	}
}

func drawn(t testing.TB) Checklist {
	t.Helper()
	list, err := Draw(kitchen, listed(), "u-handler", morning)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// sound reads every item as listed.
func sound(list Checklist) []Reading {
	var readings []Reading
	for _, item := range list.Items {
		reading := Reading{ItemID: item.ID, Quantity: item.Quantity, State: Intact}
		switch item.Kind {
		case ItemMeter:
			reading.Meter = 1_234_500
		case ItemPhoto:
			for n := range int(item.Quantity) {
				reading.Photos = append(reading.Photos, picture(n))
			}
		}
		readings = append(readings, reading)
	}
	return readings
}

func confirm(t testing.TB, list *Checklist, side Side, readings ...Reading) []Repair {
	t.Helper()
	by := "u-handler"
	if side == Receiving {
		by = "u-operator"
	}
	if err := list.Check(side, readings, by); err != nil {
		t.Fatal(err)
	}
	return list.Confirm(side, readings, by, morning)
}

func refused(t testing.TB, err error, code approval.Code, field string) {
	t.Helper()
	refusal := approval.Refusal(err)
	if refusal == nil || refusal.Code != code || refusal.Field != field || refusal.Message.ZH == "" || refusal.Message.EN == "" {
		t.Fatalf("want %s at %q, got %v", code, field, err)
	}
}

func TestAnOccupiedSpaceIsNotHandedOver(t *testing.T) {
	space := kitchen
	space.OccupiedBy = "示例餐饮服务部"
	_, err := Draw(space, listed(), "u-handler", morning)
	refused(t, err, approval.Conflict, "space_id")
	if !strings.Contains(approval.Refusal(err).Message.ZH, "示例餐饮服务部") {
		t.Error("the refusal does not say who occupies the space")
	}
}

func TestAListLeavesNothingOut(t *testing.T) {
	for _, kind := range []ItemKind{ItemMeter, ItemKeys, ItemFire, ItemPhoto} {
		items := slices.DeleteFunc(listed(), func(i Item) bool { return i.Kind == kind })
		_, err := Draw(kitchen, items, "u", morning)
		refused(t, err, approval.Invalid, "items")
	}
	for field, spoil := range map[string]func(*Item){
		"items/0/kind":     func(i *Item) { i.Kind = ItemRoom },
		"items/0/name":     func(i *Item) { i.Name = " " },
		"items/0/room":     func(i *Item) { i.Room = "阁楼" },
		"items/0/quantity": func(i *Item) { i.Quantity = 0 },
	} {
		items := listed()
		spoil(&items[0])
		_, err := Draw(kitchen, items, "u", morning)
		refused(t, err, approval.Invalid, field)
	}
}

func TestBothSidesStateTheSame(t *testing.T) {
	list := drawn(t)
	if list.Complete() {
		t.Fatal("a list nobody has read is complete")
	}
	confirm(t, &list, Giving, sound(list)...)
	if list.Complete() {
		t.Fatal("one side alone completes the list")
	}
	all := sound(list)
	slices.Reverse(all[len(all)-1].Photos) // the order of pictures says nothing
	confirm(t, &list, Receiving, all...)
	if !list.Complete() || len(list.Repairs) != 0 {
		t.Fatalf("the list is not complete: %+v", list.Repairs)
	}
	refused(t, list.Check(Giving, sound(list)[:1], "u-handler"), approval.Conflict, "readings/0/item_id")
}

// Nine: three defects and a meter that both sides read differently.
func TestDifferencesAreRepairedAndReadAgain(t *testing.T) {
	list := drawn(t)
	confirm(t, &list, Giving, sound(list)...)
	saw := sound(list)
	saw[0].State, saw[0].Note = Defective, "墙面渗水"                  // room
	saw[2].Quantity = 1                                            // one refrigerator of two
	saw[3].Meter = 1_250_000                                       // electricity meter
	saw[4].State, saw[4].Quantity, saw[4].Note = Missing, 0, "未交付" // keys
	repairs := confirm(t, &list, Receiving, saw...)
	if len(repairs) != 4 || list.Complete() {
		t.Fatalf("four differences, %d repairs", len(repairs))
	}
	for _, repair := range repairs {
		item := repair.ItemID
		refused(t, list.Check(Receiving, []Reading{{ItemID: item, Quantity: 1, State: Intact}}, "u-operator"), approval.Conflict, "readings/0/item_id")
		refused(t, list.CheckRepair(repair.ID, RepairReport{}), approval.Invalid, "repaired/report")
		report := RepairReport{Report: "已处理", Photos: []string{picture(9)}}
		if err := list.CheckRepair(repair.ID, report); err != nil {
			t.Fatal(err)
		}
		list.Repaired(repair.ID, report, "u-handler", morning.AddDate(0, 0, 10))
		refused(t, list.CheckRepair(repair.ID, report), approval.Conflict, "repair")
	}
	if list.Complete() {
		t.Fatal("what was repaired counts without being read again")
	}
	for _, repair := range repairs {
		i := slices.IndexFunc(list.Items, func(i Item) bool { return i.ID == repair.ItemID })
		again := sound(list)[i]
		confirm(t, &list, Giving, again)
		confirm(t, &list, Receiving, again)
	}
	if !list.Complete() {
		t.Fatal("the list does not complete after every repair")
	}
}

func TestAWrongListIsCorrectedByTheRepair(t *testing.T) {
	list := drawn(t)
	reading := sound(list)[2]
	reading.Quantity = 1
	repair := confirm(t, &list, Receiving, reading)[0]
	refused(t, list.CheckRepair(repair.ID, RepairReport{Report: "清单有误", Quantity: -1}), approval.Invalid, "repaired/quantity")
	list.Repaired(repair.ID, RepairReport{Report: "清单有误，实为1台", Quantity: 1}, "u-handler", morning)
	confirm(t, &list, Giving, reading)
	if opened := confirm(t, &list, Receiving, reading); len(opened) != 0 || !list.Items[2].Agreed() {
		t.Fatal("the corrected list still differs")
	}
}

func TestMalformedReadingsChangeNothing(t *testing.T) {
	list := drawn(t)
	confirm(t, &list, Giving, sound(list)[0])
	before := list.Hash()
	for field, spoil := range map[string]func(*Reading){
		"readings/0/item_id":  func(r *Reading) { r.ItemID = "asset-99" },
		"readings/0/state":    func(r *Reading) { r.State = "" },
		"readings/0/quantity": func(r *Reading) { r.Quantity = 0 },
		"readings/0/meter":    func(r *Reading) { r.Meter = 1 },
		"readings/0/photos":   func(r *Reading) { r.Photos = []string{"zz"} },
		"readings/0/note":     func(r *Reading) { r.State = Defective },
	} {
		reading := sound(list)[2]
		spoil(&reading)
		if refusal := approval.Refusal(list.Check(Receiving, []Reading{reading}, "u-operator")); refusal == nil || refusal.Field != field {
			t.Errorf("%s: got %v", field, refusal)
		}
	}
	refused(t, list.Check(Receiving, sound(list)[:1], "u-handler"), approval.SamePerson, "readings/0/item_id")
	refused(t, list.Check(Receiving, nil, "u-operator"), approval.Invalid, "readings")
	if list.Hash() != before {
		t.Error("a check changed the list")
	}
}

func TestAHandBackStartsFromTheSameItems(t *testing.T) {
	list := drawn(t)
	confirm(t, &list, Giving, sound(list)...)
	confirm(t, &list, Receiving, sound(list)...)
	back := list.HandBack(morning.AddDate(2, 0, 0))
	if !back.Back || back.Complete() || len(back.Items) != len(list.Items) || !list.Complete() {
		t.Fatal("the hand-back is not the same list unread")
	}
}

// Whatever two sides state, repair and write off in whatever order, a complete
// list holds only items both read alike, sound and as listed unless written off,
// and never an open repair.
func TestACompleteListIsAgreed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list, err := Draw(kitchen, listed(), "u-handler", morning)
		if err != nil {
			t.Fatal(err)
		}
		people := map[Side]string{Giving: "u-handler", Receiving: "u-operator"}
		for range rapid.IntRange(1, 60).Draw(t, "moves") {
			side := rapid.SampledFrom([]Side{Giving, Receiving}).Draw(t, "side")
			if open := slices.IndexFunc(list.Repairs, Repair.Open); open >= 0 && rapid.Bool().Draw(t, "repair") {
				report := RepairReport{Report: "已处理", WrittenOff: rapid.Bool().Draw(t, "written off")}
				if list.CheckRepair(list.Repairs[open].ID, report) == nil {
					list.Repaired(list.Repairs[open].ID, report, people[Giving], morning)
				}
				continue
			}
			reading := sound(list)[rapid.IntRange(0, len(list.Items)-1).Draw(t, "item")]
			if rapid.IntRange(0, 5).Draw(t, "wrong") == 0 {
				reading.State, reading.Note = Defective, "有损坏"
			}
			if rapid.IntRange(0, 5).Draw(t, "disputed") == 0 {
				reading.Disputed, reading.Note = true, "不同意"
			}
			if list.Check(side, []Reading{reading}, people[side]) == nil {
				list.Confirm(side, []Reading{reading}, people[side], morning)
			}
		}
		for _, item := range list.Items {
			counts := item.Agreed() && item.Differ() == (approval.Text{})
			if list.Complete() && item.WrittenOff == "" && (item.Giving.State != Intact || item.Giving.Quantity != item.Quantity) {
				t.Fatalf("complete with a difference nobody wrote off: %+v", item)
			}
			if list.Complete() && (!counts || item.Giving.By == item.Receiving.By) {
				t.Fatalf("complete with %+v", item)
			}
		}
		if list.Complete() && slices.ContainsFunc(list.Repairs, Repair.Open) {
			t.Fatal("complete with an open repair")
		}
	})
}

func TestACertificateWaitsForAgreement(t *testing.T) {
	list := drawn(t)
	facts := CertificateFacts{Number: "e_1", Community: "示范一社区", Operator: "示例运营公司", Witness: "车站街道", Name: func(id string) string { return "某人" }}
	_, err := list.Certificate(facts)
	refused(t, err, approval.Conflict, "")
	confirm(t, &list, Giving, sound(list)...)
	confirm(t, &list, Receiving, sound(list)...)
	paper, err := list.Certificate(facts)
	if err != nil || paper.Hash != list.Hash() || !paper.At.Equal(morning) || paper.Title.ZH != "空间移交书" {
		t.Fatalf("%+v, %v", paper, err)
	}
	back := list.HandBack(morning)
	confirm(t, &back, Giving, sound(back)...)
	confirm(t, &back, Receiving, sound(back)...)
	if paper, _ = back.Certificate(facts); paper.Title.ZH != "空间交还书" || paper.Blocks[1].Pair.Value != facts.Operator {
		t.Errorf("%+v", paper.Blocks[1])
	}
}
