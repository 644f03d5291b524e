package space

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/approval"
)

// Area is in square decimetres (dm²): 100 are a square metre.
type Area int64

const (
	maxArea     Area = 100_000 * 100 // of one room, dm²
	maxRooms         = 200
	maxName          = 60
	maxHolder        = 80
	maxProof         = 120
	maxNote          = 500
	maxRoomCode      = 20
)

// M2 renders square metres with up to two decimals and without trailing zeros.
func (a Area) M2() string {
	text := fmt.Sprintf("%d.%02d", a/100, a%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Status is whether somebody holds a space.
type Status string

// The statuses of a space.
const (
	Free Status = "free" // 空闲
	Held Status = "held" // 已预留: promised to an application that is not through
	Let  Status = "let"  // 已交付使用
)

// Statuses lists every status with its display name.
var Statuses = []struct {
	Status Status
	Name   approval.Text
}{
	{Free, approval.Text{ZH: "空闲", EN: "free"}},
	{Held, approval.Text{ZH: "已预留", EN: "held"}},
	{Let, approval.Text{ZH: "已交付", EN: "let"}},
}

// Space is one space of a community as it is in the inventory.
type Space struct {
	ID    string         `json:"id"`
	Scope approval.Scope `json:"scope"` // the community
	Details
	Built        Area      `json:"built_area"`  // of all rooms, dm²
	Usable       Area      `json:"usable_area"` // of all rooms, dm²
	Status       Status    `json:"status"`
	Version      int       `json:"version"` // counts from 1
	RegisteredAt time.Time `json:"registered_at"`
	ChangedAt    time.Time `json:"changed_at"`
	ChangedBy    string    `json:"changed_by"`
}

// Details is what is stated of a space. Code is the community's own number for
// it, unique there.
type Details struct {
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Address   string    `json:"address,omitempty"`
	Ownership Ownership `json:"ownership"`
	Holder    string    `json:"holder"`          // who owns it
	Proof     string    `json:"proof,omitempty"` // of ownership: kind and number of the paper
	ProofID   string    `json:"proof_attachment_id,omitempty"`
	Use       string    `json:"use"` // what it is used for now
	Note      string    `json:"note,omitempty"`
	Surveyed  bool      `json:"surveyed,omitempty"`   // flue and fire exits were looked at
	Flue      bool      `json:"flue,omitempty"`       // an independent flue; known if Surveyed
	FireExits int       `json:"fire_exits,omitempty"` // known if Surveyed
	Closed    bool      `json:"closed,omitempty"`     // given up: kept on record, no longer let
	Rooms     []Room    `json:"rooms"`
}

// Room is one room of a space. Areas are dm².
type Room struct {
	Code      string   `json:"code"` // unique in the space
	Name      string   `json:"name"`
	Floor     string   `json:"floor,omitempty"` // as people call it: 1, B1, 3层
	Built     Area     `json:"built_area"`
	Usable    Area     `json:"usable_area"`
	Functions []string `json:"functions"` // codes of the catalogue it provides today
}

// Ownership is how the community holds the space.
type Ownership string

// The kinds of ownership.
const (
	PublicOwned  Ownership = "public"     // 国有
	Collective   Ownership = "collective" // 集体所有
	OwnersShared Ownership = "owners"     // 业主共有
	Allocated    Ownership = "allocated"  // 配建移交
	Rented       Ownership = "rented"     // 租用
	OtherTenure  Ownership = "other"      // 其他
)

// Ownerships lists every kind of ownership with its display name.
var Ownerships = []struct {
	Ownership Ownership
	Name      approval.Text
}{
	{PublicOwned, approval.Text{ZH: "国有", EN: "state-owned"}},
	{Collective, approval.Text{ZH: "集体所有", EN: "collective"}},
	{OwnersShared, approval.Text{ZH: "业主共有", EN: "shared by the owners of the estate"}},
	{Allocated, approval.Text{ZH: "配建移交", EN: "built with the estate and handed over"}},
	{Rented, approval.Text{ZH: "租用", EN: "rented"}},
	{OtherTenure, approval.Text{ZH: "其他权属", EN: "other tenure"}},
}

// Area adds up the rooms.
func (d Details) Area() (built, usable Area) {
	for _, room := range d.Rooms {
		built, usable = built+room.Built, usable+room.Usable
	}
	return built, usable
}

// Functions are all functions the rooms provide, in the order of the catalogue.
func (d Details) Functions() []string {
	return inOrder(func(code string) bool { return d.provides(code, nil) })
}

// provides tells whether a room that is not among those left out provides it.
func (d Details) provides(code string, without []string) bool {
	return slices.ContainsFunc(d.Rooms, func(room Room) bool {
		return slices.Contains(room.Functions, code) && !slices.Contains(without, room.Code)
	})
}

func inOrder(has func(code string) bool) []string {
	codes := []string{}
	for _, aspect := range Catalogue {
		for _, function := range aspect.Functions {
			if has(function.Code) {
				codes = append(codes, function.Code)
			}
		}
	}
	return codes
}

// Validate refuses a space that is not fully described. Fields of rooms are named
// "rooms/2/usable_area".
func (d Details) Validate() error {
	for _, text := range []struct {
		value       string
		least, most int
		field       string
	}{
		{d.Code, 1, maxRoomCode, "code"}, {d.Name, 1, maxName, "name"}, {d.Address, 0, maxProof, "address"},
		{d.Holder, 1, maxHolder, "holder"}, {d.Proof, 0, maxProof, "proof"}, {d.Use, 1, maxName, "use"}, {d.Note, 0, maxNote, "note"},
	} {
		if err := approval.Plain(text.value, text.least, text.most, text.field); err != nil {
			return err
		}
	}
	if _, known := d.Ownership.name(); !known {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这种权属。", "There is no ownership %[1]q.", d.Ownership).At("ownership")
	}
	if d.FireExits < 0 || d.FireExits > 100 || (!d.Surveyed && (d.Flue || d.FireExits != 0)) {
		return approval.Errorf(approval.Invalid, "烟道和安全出口须在勘查后填写，安全出口为0至100个。",
			"Flue and fire exits are known once surveyed; exits are 0 to 100.").At("surveyed")
	}
	if len(d.Rooms) == 0 || len(d.Rooms) > maxRooms {
		return approval.Errorf(approval.Invalid, "阵地须有1至%[1]d个房间。", "A space has 1 to %[1]d rooms.", maxRooms).At("rooms")
	}
	for i, room := range d.Rooms {
		if err := room.Validate(fmt.Sprintf("rooms/%d", i)); err != nil {
			return err
		}
		if slices.ContainsFunc(d.Rooms[:i], func(other Room) bool { return other.Code == room.Code }) {
			return approval.Errorf(approval.Invalid, "房间编号“%[1]s”重复。", "The room code %[1]q is used twice.", room.Code).At(fmt.Sprintf("rooms/%d/code", i))
		}
	}
	return nil
}

// Validate refuses a room that is not named, larger inside than outside, or with
// a function the catalogue does not have.
func (r Room) Validate(field string) error {
	if err := approval.Plain(r.Code, 1, maxRoomCode, field+"/code"); err != nil {
		return err
	}
	if err := approval.Plain(r.Name, 1, maxName, field+"/name"); err != nil {
		return err
	}
	if err := approval.Plain(r.Floor, 0, maxRoomCode, field+"/floor"); err != nil {
		return err
	}
	if r.Built <= 0 || r.Built > maxArea {
		return approval.Errorf(approval.Invalid, "建筑面积须大于0且不超过%[1]s平方米。", "The built area is more than 0 and at most %[1]s m².", maxArea.M2()).At(field + "/built_area")
	}
	if r.Usable <= 0 || r.Usable > r.Built {
		return approval.Errorf(approval.Invalid, "使用面积须大于0且不超过建筑面积。", "The usable area is more than 0 and at most the built area.").At(field + "/usable_area")
	}
	for i, code := range r.Functions {
		if _, known := FunctionOf(code); !known || slices.Contains(r.Functions[:i], code) {
			return approval.Errorf(approval.Invalid, "功能“%[1]s”不在目录中或重复。", "The function %[1]q is not in the catalogue or named twice.", code).At(field + "/functions")
		}
	}
	return nil
}

func (o Ownership) name() (approval.Text, bool) {
	for _, known := range Ownerships {
		if known.Ownership == o {
			return known.Name, true
		}
	}
	return approval.Text{}, false
}

// MayKeep refuses a person who does not keep the community's inventory and
// needs list.
func MayKeep(by approval.Person, scope approval.Scope) error {
	if scope.Level() != approval.Community {
		return approval.Errorf(approval.Invalid, "阵地和需求应登记在社区一级。", "Spaces and needs belong to a community.").At("scope")
	}
	return approval.Permit(by, scope, approval.Handler, approval.Secretary, approval.Administrator)
}

// Change is a correction of a space. Version is the one the caller saw.
type Change struct {
	Details
	Version int    `json:"version"`
	Reason  string `json:"reason"`
}

// Validate refuses a correction nobody explains.
func (c Change) Validate() error {
	if err := approval.Plain(c.Reason, 1, 200, "reason"); err != nil {
		return err
	}
	return c.Details.Validate()
}

// MayBecome refuses to give up a space somebody holds.
func (s Space) MayBecome(details Details) error {
	if details.Closed && !s.Closed && s.Status != Free {
		return approval.Errorf(approval.Conflict, "阵地“%[1]s”已预留或已交付使用，不能停用。", "The space %[1]q is held or let and cannot be given up.", s.Name).At("closed")
	}
	return nil
}
