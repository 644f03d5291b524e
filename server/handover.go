package server

import (
	"context"
	"fmt"

	"linli/approval"
	"linli/approval/onboarding"
)

// handoverForm is what acts on a handover list may carry. Photographs are named
// by the id of an upload and fixed by its stored hash.
type handoverForm struct {
	Items    []handoverItem    `json:"items,omitempty"`
	Readings []handoverReading `json:"readings,omitempty"`
	Repaired *handoverRepair   `json:"repaired,omitempty"`
}

type handoverItem struct {
	Kind     onboarding.ItemKind `json:"kind"`
	Name     string              `json:"name"`
	Room     string              `json:"room,omitempty"`
	Unit     string              `json:"unit,omitempty"`
	Quantity int64               `json:"quantity"`
}

type handoverReading struct {
	ItemID   string               `json:"item_id"`
	Quantity int64                `json:"quantity"`
	State    onboarding.Condition `json:"state"`
	Meter    int64                `json:"meter,omitempty"`
	Photos   []string             `json:"photos,omitempty"`
	Note     string               `json:"note,omitempty"`
	Disputed bool                 `json:"disputed,omitempty"`
}

type handoverRepair struct {
	Report       string       `json:"report"`
	Photos       []string     `json:"photos,omitempty"`
	Quantity     int64        `json:"quantity,omitempty"`
	WrittenOff   bool         `json:"written_off,omitempty"`
	Compensation approval.Fen `json:"compensation,omitempty"`
}

// handover turns a stated form into the domain's.
func (s *Server) handover(ctx context.Context, in *handoverForm, task approval.TaskView) (*onboarding.HandoverForm, error) {
	if in == nil {
		return nil, nil
	}
	out := &onboarding.HandoverForm{Items: itemsOf(in.Items)}
	for i, reading := range in.Readings {
		photos, err := s.photographs(ctx, reading.Photos, task)
		if err != nil {
			return nil, below(err, fmt.Sprintf("handover/readings/%d", i))
		}
		out.Readings = append(out.Readings, onboarding.Reading{
			ItemID: reading.ItemID, Quantity: reading.Quantity, State: reading.State, Meter: reading.Meter, Photos: photos, Note: reading.Note, Disputed: reading.Disputed,
		})
	}
	if in.Repaired != nil {
		photos, err := s.photographs(ctx, in.Repaired.Photos, task)
		if err != nil {
			return nil, below(err, "handover/repaired")
		}
		out.Repaired = &onboarding.RepairReport{
			Report: in.Repaired.Report, Photos: photos, Quantity: in.Repaired.Quantity, WrittenOff: in.Repaired.WrittenOff, Compensation: in.Repaired.Compensation,
		}
	}
	return out, nil
}

func itemsOf(listed []handoverItem) (items []onboarding.Item) {
	for _, item := range listed {
		items = append(items, onboarding.Item{Kind: item.Kind, Name: item.Name, Room: item.Room, Unit: item.Unit, Quantity: item.Quantity})
	}
	return items
}

// photographs are the stored hashes of uploads. Either side may name what the
// other has uploaded: they state that they saw the same.
func (s *Server) photographs(ctx context.Context, ids []string, task approval.TaskView) ([]string, error) {
	var hashes []string
	for i, id := range ids {
		if hexDigest(id) { // as the other side's reading shows it
			hashes = append(hashes, id)
			continue
		}
		stored, err := s.records.Attachment(ctx, id)
		if err != nil {
			return nil, at(err, fmt.Sprintf("photos/%d", i))
		}
		if !task.Case.Scope.Contains(stored.Scope) {
			return nil, approval.Errorf(approval.Invalid, "照片不属于本社区。", "The photograph belongs to another community.").At(fmt.Sprintf("photos/%d", i))
		}
		hashes = append(hashes, stored.SHA256)
	}
	return hashes, nil
}

func hexDigest(text string) bool {
	if len(text) != 64 {
		return false
	}
	for _, r := range text {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}
