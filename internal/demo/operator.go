package demo

import (
	"context"
	"fmt"
	"path"

	"linli/approval/space"
)

// loadRegister registers spaces, needs and operators.
func (l *loader) loadRegister(ctx context.Context) error {
	for _, each := range l.data.Spaces {
		if err := l.loadSpace(ctx, each); err != nil {
			return fmt.Errorf("%s: %w", each.Key, err)
		}
	}
	for _, list := range l.data.Needs {
		if err := l.loadNeeds(ctx, list); err != nil {
			return fmt.Errorf("needs of %s: %w", list.Scope, err)
		}
	}
	for _, each := range l.data.Operators {
		if err := l.loadOperator(ctx, each); err != nil {
			return fmt.Errorf("%s: %w", each.Key, err)
		}
	}
	return nil
}

func (l *loader) loadSpace(ctx context.Context, each Space) error {
	keeper, err := l.as(ctx, each.By)
	if err != nil {
		return err
	}
	rooms := make([]Room, 0, len(each.Rooms))
	for _, room := range each.Rooms {
		if len(room.Functions) == 1 && room.Functions[0] == "required" {
			room.Functions = space.Required()
		}
		if room.Functions == nil {
			room.Functions = []string{}
		}
		rooms = append(rooms, room)
	}
	each.Rooms = rooms
	var registered made
	err = keeper.Write(ctx, "POST", "/v1/spaces", "demo-space-"+each.Key, each, &registered)
	l.spaces[each.Key] = registered.ID
	return err
}

func (l *loader) loadNeeds(ctx context.Context, list NeedList) error {
	keeper, err := l.as(ctx, list.By)
	if err != nil {
		return err
	}
	place := path.Base(string(list.Scope))
	return keeper.Write(ctx, "PUT", "/v1/needs/"+place, "demo-needs-"+place, map[string]any{"version": 0, "needs": list.Needs}, nil)
}

// operatorEntry is what the loader needs of the register's answer.
type operatorEntry struct {
	ID       string `json:"id"`
	Licences []made `json:"licences"`
	Checks   []made `json:"credit_checks"`
}

func (l *loader) loadOperator(ctx context.Context, each Operator) error {
	keeper, err := l.as(ctx, each.By)
	if err != nil {
		return err
	}
	var entry operatorEntry
	if err := keeper.Write(ctx, "POST", "/v1/operators", "demo-operator-"+each.Key, each, &entry); err != nil {
		return err
	}
	place := "/v1/operators/" + entry.ID
	for _, licence := range each.Licences {
		if err := keeper.Write(ctx, "POST", place+"/licences", "demo-licence-"+licence.Number, licence, &entry); err != nil {
			return fmt.Errorf("licence %s: %w", licence.Kind, err)
		}
	}
	l.operators[each.Key] = entry
	party := map[string]any{"name": each.Legal, "capacity": "legal_representative"}
	if err := keeper.Write(ctx, "POST", place+"/parties", "demo-party-"+each.Key, party, nil); err != nil {
		return fmt.Errorf("legal representative: %w", err)
	}
	secretary, err := l.as(ctx, each.Secretary)
	if err != nil {
		return err
	}
	err = secretary.Write(ctx, "POST", place+"/people", "demo-agent-"+each.Person, map[string]any{"person_id": l.people[each.Person], "position": "示例经办人"}, nil)
	if err != nil {
		return err
	}
	// The day of a check is the day of the load: one that is there is not made again.
	if err := keeper.Read(ctx, place, &entry); err != nil || len(entry.Checks) > 0 {
		return err
	}
	return l.check(ctx, keeper, entry.ID, each.Key+"-1", each.Entries)
}

// check records a look at the public lists.
func (l *loader) check(ctx context.Context, keeper *Client, operatorID, key string, listings []Listing) error {
	entries := []map[string]any{}
	for _, listing := range listings {
		entry := map[string]any{"list": listing.List, "subject": listing.Subject, "listed_on": day(-listing.Listed)}
		if listing.Name != "" {
			entry["name"] = listing.Name
		}
		if listing.Removed > 0 {
			entry["removed_on"] = day(-listing.Removed)
		}
		if listing.Note != "" {
			entry["note"] = listing.Note
		}
		entries = append(entries, entry)
	}
	return keeper.Write(ctx, "POST", "/v1/operators/"+operatorID+"/credit-checks", "demo-check-"+key,
		map[string]any{"source": "国家企业信用信息公示系统（示例）", "checked_on": day(0), "entries": entries}, nil)
}
