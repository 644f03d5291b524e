package space

import (
	"slices"

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
// as the community still holds them; a closed one provides nothing.
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
