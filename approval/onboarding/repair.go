package onboarding

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli/approval"
)

// RepairReport is what the giving side hands in when a repair is done.
type RepairReport struct {
	Report string   `json:"report"`
	Photos []string `json:"photos,omitempty"` // SHA-256, lower-case hex
	// Quantity corrects the list where the list was wrong and not the room; 0
	// leaves it.
	Quantity int64 `json:"quantity,omitempty"`
	// WrittenOff closes the repair without putting anything right: something is
	// lost or broken for good, or was listed by mistake. It counts once both
	// sides have stated the same of what is left. Compensation is what they
	// agreed on, fen, 0 for none; it is recorded and paid outside.
	WrittenOff   bool         `json:"written_off,omitempty"`
	Compensation approval.Fen `json:"compensation,omitempty"`
}

// CheckRepair refuses a report that does not fit an open repair.
func (c Checklist) CheckRepair(id string, report RepairReport) error {
	repair := c.repair(id)
	if repair == nil {
		return approval.Errorf(approval.NotFound, "没有整修事项“%[1]s”。", "There is no repair %[1]q.", id).At("repair")
	}
	if !repair.Open() {
		return approval.Errorf(approval.Conflict, "此整修事项已办结。", "This repair is done.").At("repair")
	}
	if n := utf8.RuneCountInString(report.Report); strings.TrimSpace(report.Report) == "" || n > maxNoteRunes {
		return approval.Errorf(approval.Invalid, "须写明整修情况，不超过%[1]d个字。", "Describe in 1 to %[1]d characters what was done.", maxNoteRunes).At("repaired/report")
	}
	if len(report.Photos) > maxPhotos || slices.ContainsFunc(report.Photos, func(p string) bool { return !hexDigest(p) }) {
		return approval.Errorf(approval.Invalid, "照片须以SHA-256标明，不超过%[1]d张。", "Photographs are named by SHA-256, at most %[1]d.", maxPhotos).At("repaired/photos")
	}
	if err := report.checkWriteOff(*c.item(repair.ItemID)); err != nil || report.Quantity == 0 {
		return err
	}
	return c.item(repair.ItemID).list(report.Quantity, "repaired/quantity")
}

// Repaired closes a repair; both sides read the item anew.
func (c *Checklist) Repaired(id string, report RepairReport, by string, now time.Time) {
	repair := c.repair(id)
	repair.DoneAt, repair.DoneBy, repair.Report, repair.Photos = now, by, report.Report, report.Photos
	repair.WrittenOff, repair.Compensation = report.WrittenOff, report.Compensation
	item := c.item(repair.ItemID)
	item.Giving, item.Receiving, item.WrittenOff = nil, nil, ""
	if report.WrittenOff {
		item.WrittenOff = repair.ID
	}
	if report.Quantity != 0 {
		item.Quantity = report.Quantity
	}
}

// Party is who acts for a side: named persons (an operator's people hold no
// grant), or whoever holds a role at a scope.
type Party struct {
	Persons []string       `json:"persons,omitempty"`
	Role    approval.Role  `json:"role,omitempty"`
	Scope   approval.Scope `json:"scope"`
}

// ConfirmTask asks a side to confirm the list; it stays open until the list is
// complete and the case cancels it.
func ConfirmTask(side Side, party Party, days int) approval.Task {
	return approval.Task{
		Seat: string(side), Kind: approval.Form, Persons: party.Persons, Role: party.Role, Scope: party.Scope, Days: days,
		Actions: []approval.Action{approval.Confirm, approval.Copy},
	}
}

// RepairTask asks the giving side to put a difference right in so many days.
func RepairTask(repair Repair, giving Party, days int) approval.Task {
	return approval.Task{
		Seat: repair.ID, Kind: approval.Form, Persons: giving.Persons, Role: giving.Role, Scope: giving.Scope, Days: days,
		Actions: []approval.Action{approval.Submit, approval.Copy},
	}
}

// HandoverForm is what acts on these tasks carry in their details, under
// "handover": Items to draw the list up, Readings to confirm it, Repaired to
// report a repair or a write-off. The task says which of them is meant.
type HandoverForm struct {
	Items    []Item        `json:"items,omitempty"`
	Readings []Reading     `json:"readings,omitempty"`
	Repaired *RepairReport `json:"repaired,omitempty"`
}
