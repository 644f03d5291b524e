package onboarding

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli/approval"
)

// Condition is the state something is in.
type Condition string

// The conditions. Worn things are usable and count; defective and missing
// ones open a repair.
const (
	Intact    Condition = "intact"    // 完好
	Worn      Condition = "worn"      // 有磨损，可用
	Defective Condition = "defective" // 损坏
	Missing   Condition = "missing"   // 缺失
)

// Conditions lists every condition with its display name.
var Conditions = []struct {
	Condition Condition
	Name      approval.Text
}{
	{Intact, approval.Text{ZH: "完好", EN: "intact"}},
	{Worn, approval.Text{ZH: "有磨损，可用", EN: "worn"}},
	{Defective, approval.Text{ZH: "损坏", EN: "defective"}},
	{Missing, approval.Text{ZH: "缺失", EN: "missing"}},
}

// Reading is what one side states of an item.
type Reading struct {
	ItemID   string    `json:"item_id"`
	Quantity int64     `json:"quantity"`
	State    Condition `json:"state"`
	Meter    int64     `json:"meter,omitempty"`  // of a meter: thousandths of its unit
	Photos   []string  `json:"photos,omitempty"` // SHA-256 of pictures, lower-case hex; their number is the quantity of a photo item
	Note     string    `json:"note,omitempty"`
	Disputed bool      `json:"disputed,omitempty"` // of what was written off: the side does not agree to it
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// same compares what was stated, not who stated it when or in which words.
func (r Reading) same(other Reading) bool {
	return r.Quantity == other.Quantity && r.State == other.State && r.Meter == other.Meter &&
		slices.Equal(slices.Sorted(slices.Values(r.Photos)), slices.Sorted(slices.Values(other.Photos)))
}

// Check refuses readings the side cannot state now; it changes nothing.
// Nobody speaks for both sides.
func (c Checklist) Check(side Side, readings []Reading, by string) error {
	if len(readings) == 0 || len(readings) > maxItems {
		return approval.Errorf(approval.Invalid, "须确认1至%[1]d项。", "Confirm 1 to %[1]d items.", maxItems).At("readings")
	}
	for n, reading := range readings {
		field := fmt.Sprintf("readings/%d", n)
		if slices.ContainsFunc(readings[:n], func(r Reading) bool { return r.ItemID == reading.ItemID }) {
			return approval.Errorf(approval.Invalid, "同一项被确认两次。", "An item is confirmed twice.").At(field + "/item_id")
		}
		if err := c.checkReading(side, reading, by, field); err != nil {
			return err
		}
	}
	return nil
}

func (c Checklist) checkReading(side Side, reading Reading, by, field string) error {
	item := c.item(reading.ItemID)
	if item == nil {
		return approval.Errorf(approval.NotFound, "移交清单没有“%[1]s”这一项。", "The handover list has no item %[1]q.", reading.ItemID).At(field + "/item_id")
	}
	if repair := c.repairOf(item.ID); repair != nil {
		return approval.Errorf(approval.Conflict, "“%[1]s”正在整修，整修完成后再确认。", "%[1]q is under repair; confirm it when that is done.", item.Name).At(field + "/item_id")
	}
	if item.Agreed() {
		return approval.Errorf(approval.Conflict, "“%[1]s”双方已确认一致。", "Both sides have agreed on %[1]q.", item.Name).At(field + "/item_id")
	}
	if other := item.read(side.other()); other != nil && other.By == by {
		return approval.Errorf(approval.SamePerson, "交出方与接收方不能由同一人确认。", "One person cannot confirm for both sides.").At(field + "/item_id")
	}
	return reading.validate(*item, field)
}

func (r Reading) validate(item Item, field string) error {
	if conditionName(r.State) == (approval.Text{}) {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这一状况。", "There is no condition %[1]q.", r.State).At(field + "/state")
	}
	if r.Quantity < 0 || r.Quantity > maxQuantity || (r.State == Missing) != (r.Quantity == 0) {
		return approval.Errorf(approval.Invalid, "数量须为0至%[1]d，且仅在缺失时为0。", "The quantity is 0 to %[1]d, and 0 only for what is missing.", maxQuantity).At(field + "/quantity")
	}
	if r.Meter < 0 || r.Meter > maxMeter || (item.Kind != ItemMeter && r.Meter != 0) {
		return approval.Errorf(approval.Invalid, "读数不能为负，且只用于计量表。", "A reading is not negative and belongs to a meter only.").At(field + "/meter")
	}
	if len(r.Photos) > maxPhotos || slices.ContainsFunc(r.Photos, func(p string) bool { return !hexDigest(p) }) || repeated(r.Photos) {
		return approval.Errorf(approval.Invalid, "照片须以互不相同的SHA-256标明，不超过%[1]d张。", "Photographs are named by different SHA-256 sums, at most %[1]d.", maxPhotos).At(field + "/photos")
	}
	if item.Kind == ItemPhoto && int64(len(r.Photos)) != r.Quantity {
		return approval.Errorf(approval.Invalid, "照片数量与所列摘要不符。", "The number of photographs and of sums differ.").At(field + "/photos")
	}
	if r.Disputed && item.WrittenOff == "" {
		return approval.Errorf(approval.Invalid, "此项没有核销，无从提出异议。", "This item was not written off; there is nothing to dispute.").At(field + "/disputed")
	}
	described := strings.TrimSpace(r.Note) != "" || r.sound() && !r.Disputed || item.WrittenOff != "" && !r.Disputed
	if utf8.RuneCountInString(r.Note) > maxNoteRunes || !described {
		return approval.Errorf(approval.CommentRequired, "损坏或缺失须写明情况，不超过%[1]d个字。", "What is defective or missing must be described in at most %[1]d characters.", maxNoteRunes).At(field + "/note")
	}
	return nil
}

func (r Reading) sound() bool { return r.State == Intact || r.State == Worn }

// Confirm takes checked readings of one side and returns the repairs they
// open: for what is defective, missing or fewer than listed, and for what the
// two sides state differently. What was written off opens one only where the
// sides differ or one disputes it.
func (c *Checklist) Confirm(side Side, readings []Reading, by string, now time.Time) (opened []Repair) {
	for _, reading := range readings {
		item := c.item(reading.ItemID)
		reading.By, reading.At = by, now
		if side == Giving {
			item.Giving = &reading
		} else {
			item.Receiving = &reading
		}
		if why := item.Differ(); why != (approval.Text{}) {
			repair := Repair{ID: fmt.Sprintf("repair-%d", len(c.Repairs)+1), ItemID: item.ID, Why: why, OpenedAt: now}
			c.Repairs = append(c.Repairs, repair)
			opened = append(opened, repair)
		}
	}
	return opened
}

// Differ says what keeps an item from counting, or nothing.
func (i Item) Differ() approval.Text {
	if why := i.disputed(); why != (approval.Text{}) {
		return why
	}
	for _, side := range Sides {
		reading := i.read(side.Side)
		switch {
		case reading == nil || i.WrittenOff != "":
		case !reading.sound():
			return approval.Text{ZH: i.Name + conditionName(reading.State).ZH + "：" + reading.Note, EN: i.Name + " is " + conditionName(reading.State).EN + ": " + reading.Note}
		case reading.Quantity != i.Quantity:
			return approval.Text{
				ZH: fmt.Sprintf("%s应有%d，%s清点为%d", i.Name, i.Quantity, side.Name.ZH, reading.Quantity),
				EN: fmt.Sprintf("%s: %d listed, the %s counted %d", i.Name, i.Quantity, side.Name.EN, reading.Quantity),
			}
		}
	}
	if i.Giving == nil || i.Receiving == nil || i.Agreed() {
		return approval.Text{}
	}
	return approval.Text{
		ZH: fmt.Sprintf("%s双方确认不一致：交出方%s，接收方%s", i.Name, i.Giving.value().ZH, i.Receiving.value().ZH),
		EN: fmt.Sprintf("%s: the sides differ, giving %s, receiving %s", i.Name, i.Giving.value().EN, i.Receiving.value().EN),
	}
}

// value is the reading in words.
func (r Reading) value() approval.Text {
	state := conditionName(r.State)
	zh, en := fmt.Sprintf("%d，%s", r.Quantity, state.ZH), fmt.Sprintf("%d, %s", r.Quantity, state.EN)
	if r.Meter != 0 {
		meter := fmt.Sprintf("%d.%03d", r.Meter/1000, r.Meter%1000)
		zh, en = zh+"，读数"+meter, en+", reading "+meter
	}
	if len(r.Photos) > 0 {
		zh, en = fmt.Sprintf("%s，照片%d张", zh, len(r.Photos)), fmt.Sprintf("%s, %d pictures", en, len(r.Photos))
	}
	return approval.Text{ZH: zh, EN: en}
}

func (c Checklist) item(id string) *Item {
	for i := range c.Items {
		if c.Items[i].ID == id {
			return &c.Items[i]
		}
	}
	return nil
}

func (c Checklist) repair(id string) *Repair {
	for i := range c.Repairs {
		if c.Repairs[i].ID == id {
			return &c.Repairs[i]
		}
	}
	return nil
}

// repairOf is the open repair of an item, if any.
func (c Checklist) repairOf(item string) *Repair {
	for i := range c.Repairs {
		if c.Repairs[i].ItemID == item && c.Repairs[i].Open() {
			return &c.Repairs[i]
		}
	}
	return nil
}

func (i Item) read(side Side) *Reading {
	if side == Giving {
		return i.Giving
	}
	return i.Receiving
}

func (s Side) other() Side {
	if s == Giving {
		return Receiving
	}
	return Giving
}

func conditionName(condition Condition) approval.Text {
	for _, known := range Conditions {
		if known.Condition == condition {
			return known.Name
		}
	}
	return approval.Text{}
}

func hexDigest(text string) bool {
	return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == ""
}

func repeated(texts []string) bool {
	sorted := slices.Sorted(slices.Values(texts))
	return len(slices.Compact(sorted)) != len(texts)
}
