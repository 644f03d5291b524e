package space

import (
	"slices"
	"strings"

	"linli/approval"
)

// Letting is what an operator asks for: the whole space or some of its rooms,
// and which functions there he undertakes to keep up for the residents.
type Letting struct {
	Rooms []string `json:"rooms,omitempty"` // codes; none = the whole space
	Keeps []string `json:"keeps,omitempty"` // codes of functions
}

// Validate refuses rooms the space does not have and functions no catalogue has.
func (l Letting) Validate(space Space) error {
	if space.Closed {
		return approval.Errorf(approval.Conflict, "阵地“%[1]s”已停用，不能申请。", "The space %[1]q is given up and cannot be let.", space.Name).At("space_id")
	}
	for i, code := range l.Rooms {
		has := slices.ContainsFunc(space.Rooms, func(room Room) bool { return room.Code == code })
		if !has || slices.Contains(l.Rooms[:i], code) {
			return approval.Errorf(approval.Invalid, "阵地没有编号为“%[1]s”的房间，或重复填写。", "The space has no room %[1]q, or it is named twice.", code).At("rooms")
		}
	}
	for i, code := range l.Keeps {
		if _, known := FunctionOf(code); !known || slices.Contains(l.Keeps[:i], code) {
			return approval.Errorf(approval.Invalid, "功能“%[1]s”不在目录中或重复。", "The function %[1]q is not in the catalogue or named twice.", code).At("keeps")
		}
	}
	return nil
}

// rooms are the codes of the rooms that are let.
func (l Letting) rooms(space Space) []string {
	if len(l.Rooms) > 0 {
		return l.Rooms
	}
	all := make([]string, 0, len(space.Rooms))
	for _, room := range space.Rooms {
		all = append(all, room.Code)
	}
	return all
}

// Area is what is let, dm².
func (l Letting) Area(space Space) (built, usable Area) {
	let := l.rooms(space)
	for _, room := range space.Rooms {
		if slices.Contains(let, room.Code) {
			built, usable = built+room.Built, usable+room.Usable
		}
	}
	return built, usable
}

// Taken is a space somebody holds or runs in the term that is asked about, and
// which functions he undertook to keep up there.
type Taken struct {
	SpaceID string
	Keeps   []string // codes
}

// Left is an inventory as the community still holds it while some of it is let:
// of a space that is let, only the functions every operator there keeps up.
func Left(inventory []Space, lets []Taken) []Space {
	left := slices.Clone(inventory)
	for i := range left {
		for _, let := range lets {
			if let.SpaceID == left[i].ID {
				left[i].Rooms = roomsWith(left[i].Rooms, let.Keeps)
			}
		}
	}
	return left
}

func roomsWith(rooms []Room, functions []string) []Room {
	kept := slices.Clone(rooms)
	for i := range kept {
		kept[i].Functions = slices.DeleteFunc(slices.Clone(kept[i].Functions), func(code string) bool { return !slices.Contains(functions, code) })
	}
	return kept
}

// Retention is what a letting does to the required functions of a community.
// Lists are in the order of the catalogue.
type Retention struct {
	Kept    []string `json:"kept"`    // provided now and afterwards
	Lost    []string `json:"lost"`    // provided now, nowhere afterwards
	Missing []string `json:"missing"` // not provided now either
}

// Retained works out which required functions the community keeps when a space
// is let: in rooms that are not let, in its other spaces, or because the
// operator undertakes to keep them up. others are the community's other spaces
// as the community still holds them, see Left; a closed one provides nothing.
func Retained(space Space, letting Letting, others ...Space) Retention {
	let, found := letting.rooms(space), Retention{Kept: []string{}, Lost: []string{}, Missing: []string{}}
	for _, code := range Required() {
		elsewhere := slices.ContainsFunc(others, func(other Space) bool {
			return other.ID != space.ID && !other.Closed && other.provides(code, nil)
		})
		switch {
		case elsewhere || space.provides(code, let):
			found.Kept = append(found.Kept, code)
		case !space.provides(code, nil):
			found.Missing = append(found.Missing, code)
		case slices.Contains(letting.Keeps, code):
			found.Kept = append(found.Kept, code)
		default:
			found.Lost = append(found.Lost, code)
		}
	}
	return found
}

// Refusal refuses a letting that costs the community a required function, and
// names what it costs; nil where it costs none.
func (r Retention) Refusal() error {
	if len(r.Lost) == 0 {
		return nil
	}
	var zh, en []string
	for _, code := range r.Lost {
		function, _ := FunctionOf(code)
		zh, en = append(zh, function.Name.ZH), append(en, function.Name.EN)
	}
	return approval.Errorf(approval.SpaceTaken, "此期限内出让该阵地，本社区将缺少必备功能：%[1]s；其他阵地没有，或已出让而未承诺保留。",
		"Let in that term, the space would leave the community without required functions: %[2]s; no other space has them, or those are let and nobody keeps them up.",
		strings.Join(zh, "、"), strings.Join(en, ", ")).At("keeps")
}
