package onboarding

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli/approval"
)

// Side is one of the two who hand a space over.
type Side string

// The two sides. At a hand-over the community gives and the operator
// receives; at a hand-back it is the other way round. The giving side puts
// right what is wrong.
const (
	Giving    Side = "giving"    // 交出方
	Receiving Side = "receiving" // 接收方
)

// Sides lists both sides with their display names.
var Sides = []struct {
	Side Side
	Name approval.Text
}{
	{Giving, approval.Text{ZH: "交出方", EN: "giving side"}},
	{Receiving, approval.Text{ZH: "接收方", EN: "receiving side"}},
}

// ItemKind is what an item of the checklist is about.
type ItemKind string

// The kinds of items, after Zibo's rules for taking over a building (淄博市物业
// 管理条例 arts. 15 and 17): rooms, equipment and papers.
const (
	ItemRoom  ItemKind = "room"           // 房间
	ItemAsset ItemKind = "asset"          // 资产
	ItemMeter ItemKind = "meter"          // 水电气热表
	ItemKeys  ItemKind = "keys"           // 钥匙、门禁卡
	ItemFire  ItemKind = "fire_equipment" // 消防设施
	ItemPhoto ItemKind = "photo"          // 现场照片
)

// ItemKinds lists every kind with its display name.
var ItemKinds = []struct {
	Kind ItemKind
	Name approval.Text
}{
	{ItemRoom, approval.Text{ZH: "房间", EN: "room"}},
	{ItemAsset, approval.Text{ZH: "资产", EN: "asset"}},
	{ItemMeter, approval.Text{ZH: "计量表读数", EN: "meter reading"}},
	{ItemKeys, approval.Text{ZH: "钥匙与门禁卡", EN: "keys"}},
	{ItemFire, approval.Text{ZH: "消防设施", EN: "fire equipment"}},
	{ItemPhoto, approval.Text{ZH: "现场照片", EN: "photographs"}},
}

// Item is one line of the checklist as it was drawn up.
type Item struct {
	ID       string   `json:"id,omitempty"` // set by Draw: kind and number, "asset-3"
	Kind     ItemKind `json:"kind"`
	Name     string   `json:"name"`
	Room     string   `json:"room,omitempty"` // where it is
	Unit     string   `json:"unit,omitempty"` // 把, 台; of a meter kWh, m³
	Quantity int64    `json:"quantity"`       // as listed: pieces; 1 for a room or meter, the number of pictures for photographs
	// The two sides' readings. The item counts once both state the same.
	Giving    *Reading `json:"giving,omitempty"`
	Receiving *Reading `json:"receiving,omitempty"`
	// WrittenOff is the repair that was closed as written off; "" = none was.
	WrittenOff string `json:"written_off,omitempty"`
}

// Repair is a difference that must be put right before the item counts.
type Repair struct {
	ID       string        `json:"id"` // "repair-2"; the seat of its task
	ItemID   string        `json:"item_id"`
	Why      approval.Text `json:"why"`
	OpenedAt time.Time     `json:"opened_at"`
	DoneAt   time.Time     `json:"done_at,omitzero"`
	DoneBy   string        `json:"done_by,omitempty"`
	Report   string        `json:"report,omitempty"` // what was done
	Photos   []string      `json:"photos,omitempty"` // SHA-256 of pictures of what was done
	// WrittenOff closes it without putting anything right; Compensation is what
	// the giving side pays for it, fen, outside the system.
	WrittenOff   bool         `json:"written_off,omitempty"`
	Compensation approval.Fen `json:"compensation,omitempty"`
}

// Open reports whether the repair is still to be done.
func (r Repair) Open() bool { return r.DoneAt.IsZero() }

// Checklist is the handover list of one space (移交清单) and how far both
// sides have come with it. It is plain data, embedded in a case's state.
type Checklist struct {
	SpaceID   string    `json:"space_id"`
	SpaceName string    `json:"space_name"`
	Back      bool      `json:"back,omitempty"` // a hand-back at the end of an engagement
	Items     []Item    `json:"items"`
	Repairs   []Repair  `json:"repairs"`
	DrawnBy   string    `json:"drawn_by"`
	DrawnAt   time.Time `json:"drawn_at"`
	Paper     string    `json:"paper,omitempty"` // SHA-256 of the certificate both sides signed on paper
}

// Inventory is the space as the register has it when the list is drawn up.
type Inventory struct {
	SpaceID    string   `json:"space_id"`
	Name       string   `json:"name"`
	Rooms      []string `json:"rooms"`
	OccupiedBy string   `json:"occupied_by,omitempty"` // whoever still holds the space; "" = it is free
}

const (
	maxItems     = 500
	maxItemRunes = 80
	maxNoteRunes = 500
	maxQuantity  = 1_000_000
	maxMeter     = 1_000_000_000_000 // thousandths of the unit
	maxPhotos    = 50
	minPictures  = 4 // 不少于4个角度 (form of the handover list, sample)
)

// Draw makes the list from the register's rooms and whatever else the giving
// side names. It refuses an occupied space and a list that leaves out a room,
// the meters, the keys, the fire equipment or the photographs.
func Draw(space Inventory, items []Item, by string, now time.Time) (Checklist, error) {
	list, err := drawn(space, items, by, now)
	if err != nil {
		return Checklist{}, err
	}
	for _, kind := range []ItemKind{ItemRoom, ItemMeter, ItemKeys, ItemFire, ItemPhoto} {
		if !slices.ContainsFunc(list.Items, func(i Item) bool { return i.Kind == kind }) {
			return Checklist{}, approval.Errorf(approval.Invalid, "移交清单缺少“%[1]s”。", "The handover list has no %[2]s.", kindName(kind).ZH, kindName(kind).EN).At("items")
		}
	}
	return list, nil
}

// drawn is a list that may leave kinds out.
func drawn(space Inventory, items []Item, by string, now time.Time) (Checklist, error) {
	if err := space.Vacant(); err != nil {
		return Checklist{}, err
	}
	list := Checklist{SpaceID: space.SpaceID, SpaceName: space.Name, DrawnBy: by, DrawnAt: now}
	for _, room := range space.Rooms {
		list.add(Item{Kind: ItemRoom, Name: room, Quantity: 1})
	}
	if len(items)+len(list.Items) > maxItems {
		return Checklist{}, approval.Errorf(approval.Invalid, "移交清单不能超过%[1]d项。", "A handover list has at most %[1]d items.", maxItems).At("items")
	}
	for i, item := range items {
		if err := item.validate(space.Rooms, fmt.Sprintf("items/%d", i)); err != nil {
			return Checklist{}, err
		}
		list.add(Item{Kind: item.Kind, Name: item.Name, Room: item.Room, Unit: item.Unit, Quantity: item.Quantity})
	}
	return list, nil
}

func (c *Checklist) add(item Item) {
	n := 1
	for _, known := range c.Items {
		if known.Kind == item.Kind {
			n++
		}
	}
	item.ID = fmt.Sprintf("%s-%d", item.Kind, n)
	c.Items = append(c.Items, item)
}

func (i Item) validate(rooms []string, field string) error {
	if kindName(i.Kind) == (approval.Text{}) || i.Kind == ItemRoom {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这一清单类别；房间以阵地档案为准。", "There is no kind of item %[1]q; rooms come from the register.", i.Kind).At(field + "/kind")
	}
	if n := utf8.RuneCountInString(i.Name); strings.TrimSpace(i.Name) == "" || n > maxItemRunes || utf8.RuneCountInString(i.Unit) > 10 {
		return approval.Errorf(approval.Invalid, "名称须为1至%[1]d个字，单位不超过10个字。", "A name has 1 to %[1]d characters, a unit at most 10.", maxItemRunes).At(field + "/name")
	}
	if i.Room != "" && !slices.Contains(rooms, i.Room) {
		return approval.Errorf(approval.Invalid, "阵地没有房间“%[1]s”。", "The space has no room %[1]q.", i.Room).At(field + "/room")
	}
	return i.list(i.Quantity, field+"/quantity")
}

// list refuses a quantity such an item cannot be listed with.
func (i Item) list(quantity int64, field string) error {
	least, most := int64(1), int64(maxQuantity)
	switch i.Kind {
	case ItemRoom, ItemMeter:
		most = 1
	case ItemPhoto:
		least, most = minPictures, maxPhotos
	}
	if quantity < least || quantity > most {
		return approval.Errorf(approval.Invalid, "“%[1]s”的数量须为%[2]d至%[3]d。", "The quantity of %[1]q must be %[2]d to %[3]d.", i.Name, least, most).At(field)
	}
	return nil
}

func kindName(kind ItemKind) approval.Text {
	for _, known := range ItemKinds {
		if known.Kind == kind {
			return known.Name
		}
	}
	return approval.Text{}
}

// HandBack is the same list for the end of the engagement: the same items,
// nothing read yet, given by whoever received them. Of what was written off,
// only what was left is given back.
func (c Checklist) HandBack(now time.Time) Checklist {
	back := Checklist{SpaceID: c.SpaceID, SpaceName: c.SpaceName, Back: true, DrawnAt: now}
	for _, item := range c.Items {
		if item.writtenOff() {
			if item.Quantity = item.Receiving.Quantity; item.Quantity == 0 {
				continue
			}
		}
		item.Giving, item.Receiving, item.WrittenOff = nil, nil, ""
		back.Items = append(back.Items, item)
	}
	return back
}

// Complete reports whether every item counts and nothing is left to repair; what
// was agreed on paper is.
func (c Checklist) Complete() bool {
	if c.Paper != "" {
		return true
	}
	return len(c.Items) > 0 &&
		!slices.ContainsFunc(c.Items, func(i Item) bool { return !i.Agreed() }) &&
		!slices.ContainsFunc(c.Repairs, Repair.Open)
}

// Agreed reports whether both sides stated the same of the item, and neither
// disputes that it is written off.
func (i Item) Agreed() bool {
	return i.Giving != nil && i.Receiving != nil && i.Giving.same(*i.Receiving) && !i.Giving.Disputed && !i.Receiving.Disputed
}

// Hash fixes what both sides agreed on; the certificate (移交书) carries it.
func (c Checklist) Hash() string { return approval.ContentHash(c) }
