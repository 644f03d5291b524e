package space_test

import (
	"slices"
	"strings"
	"testing"

	"linli/approval"
	. "linli/approval/approvaltest"
	. "linli/approval/space"
)

func room(code string, usable Area, functions ...string) Room {
	return Room{Code: code, Name: "示例房间" + code, Floor: "1", Built: usable + 500, Usable: usable, Functions: functions}
}

func sound() Details {
	return Details{
		Code: "A1", Name: "示范阵地", Ownership: PublicOwned, Holder: "示例街道办事处", Proof: "示例产权证", Use: "闲置",
		Surveyed: true, Flue: true, FireExits: 2, Rooms: []Room{room("101", 3_800, "meals_point"), room("102", 1_250, "day_care", "reading_room")},
	}
}

// The catalogue has the published shape: 7 aspects, 41 functions, each code once.
func TestTheCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, aspect := range Catalogue {
		for _, function := range aspect.Functions {
			if seen[function.Code] || function.Name.ZH == "" || function.Name.EN == "" {
				t.Errorf("function %q", function.Code)
			}
			seen[function.Code] = true
			if found, known := FunctionOf(function.Code); !known || found.Name != function.Name {
				t.Errorf("%s is not found", function.Code)
			}
		}
	}
	if len(Catalogue) != 7 || len(seen) != 41 {
		t.Errorf("%d aspects, %d functions", len(Catalogue), len(seen))
	}
	if required := Required(); len(required) == 0 || len(required) >= len(seen) {
		t.Errorf("%d functions are required", len(required))
	}
	if _, known := FunctionOf("casino"); known {
		t.Error("a function nobody catalogued")
	}
	if len(NeedCategories) != 5 {
		t.Errorf("%d categories of needs", len(NeedCategories))
	}
}

func TestAreasAndFunctionsAreThoseOfTheRooms(t *testing.T) {
	built, usable := sound().Area()
	if built != 6_050 || usable != 5_050 {
		t.Errorf("built %d, usable %d", built, usable)
	}
	if functions := sound().Functions(); !slices.Equal(functions, []string{"day_care", "meals_point", "reading_room"}) {
		t.Errorf("in the catalogue's order: %v", functions)
	}
	for area, text := range map[Area]string{3_800: "38", 3_850: "38.5", 3_805: "38.05", 0: "0"} {
		if area.M2() != text {
			t.Errorf("%d dm² is %s, want %s", area, area.M2(), text)
		}
	}
}

func TestSpacesRefused(t *testing.T) {
	for _, each := range []struct {
		what  string
		spoil func(*Details)
		field string
	}{
		{"a sound one", func(*Details) {}, ""},
		{"no code", func(d *Details) { d.Code = "" }, "code"},
		{"no name", func(d *Details) { d.Name = " " }, "name"},
		{"nobody owns it", func(d *Details) { d.Holder = "" }, "holder"},
		{"no use", func(d *Details) { d.Use = "" }, "use"},
		{"an unknown ownership", func(d *Details) { d.Ownership = "stolen" }, "ownership"},
		{"a flue nobody looked at", func(d *Details) { d.Surveyed = false }, "surveyed"},
		{"101 fire exits", func(d *Details) { d.FireExits = 101 }, "surveyed"},
		{"no rooms", func(d *Details) { d.Rooms = nil }, "rooms"},
		{"201 rooms", func(d *Details) { d.Rooms = make([]Room, 201) }, "rooms"},
		{"one code for two rooms", func(d *Details) { d.Rooms[1].Code = "101" }, "rooms/1/code"},
		{"a room without a name", func(d *Details) { d.Rooms[0].Name = "" }, "rooms/0/name"},
		{"no built area", func(d *Details) { d.Rooms[0].Built = 0 }, "rooms/0/built_area"},
		{"larger inside than outside", func(d *Details) { d.Rooms[1].Usable = d.Rooms[1].Built + 1 }, "rooms/1/usable_area"},
		{"an unknown function", func(d *Details) { d.Rooms[0].Functions = []string{"casino"} }, "rooms/0/functions"},
		{"a function twice", func(d *Details) { d.Rooms[0].Functions = []string{"day_care", "day_care"} }, "rooms/0/functions"},
	} {
		details := sound()
		each.spoil(&details)
		code := approval.Invalid
		if each.field == "" {
			code = ""
		}
		Refuses(t, each.what, details.Validate(), code, each.field)
	}
	Refuses(t, "an unexplained correction", Change{Details: sound()}.Validate(), approval.Invalid, "reason")
	closed := sound()
	closed.Closed = true
	for _, status := range []Status{Held, Let} {
		Refuses(t, "giving up a space that is "+string(status), Space{Details: sound(), Status: status}.MayBecome(closed), approval.Conflict, "closed")
	}
	Refuses(t, "giving up a free one", Space{Details: sound(), Status: Free}.MayBecome(closed), "", "")
	community := approval.Scope("370300/370303/370303001/370303001901")
	handler := approval.Person{ID: "p", Grants: []approval.Grant{{Role: approval.Handler, Scope: community}}}
	Refuses(t, "the community's handler", MayKeep(handler, community), "", "")
	Refuses(t, "another community's", MayKeep(handler, "370300/370303/370303001/370303001902"), approval.Forbidden, "")
	Refuses(t, "a whole district's inventory", MayKeep(handler, "370300/370303"), approval.Invalid, "scope")
}

// A letting leaves every required function somewhere, or says which it loses.
func TestWhatALettingLeavesTheCommunity(t *testing.T) {
	asked := Space{ID: "sp-1", Details: sound()}
	other := Space{ID: "sp-2", Details: Details{Rooms: []Room{room("1", 100, "reading_room")}}}
	closed := Space{ID: "sp-3", Details: Details{Closed: true, Rooms: []Room{room("1", 100, "day_care")}}}
	for _, each := range []struct {
		what       string
		letting    Letting
		others     []Space
		kept, lost []string
	}{
		{"all of it, alone", Letting{}, nil, nil, []string{"day_care", "meals_point", "reading_room"}},
		{"one room", Letting{Rooms: []string{"101"}}, nil, []string{"day_care", "reading_room"}, []string{"meals_point"}},
		{"what another space has", Letting{}, []Space{other}, []string{"reading_room"}, []string{"day_care", "meals_point"}},
		{"a closed space has nothing", Letting{}, []Space{closed}, nil, []string{"day_care", "meals_point", "reading_room"}},
		{"itself among the others", Letting{}, []Space{asked}, nil, []string{"day_care", "meals_point", "reading_room"}},
		{"what the operator keeps up", Letting{Keeps: []string{"meals_point", "day_care"}}, []Space{other}, []string{"day_care", "meals_point", "reading_room"}, nil},
	} {
		found := Retained(asked, each.letting, each.others...)
		if !slices.Equal(found.Kept, each.kept) && len(found.Kept)+len(each.kept) > 0 || !slices.Equal(found.Lost, each.lost) && len(found.Lost)+len(each.lost) > 0 {
			t.Errorf("%s: kept %v, lost %v", each.what, found.Kept, found.Lost)
		}
		if len(found.Kept)+len(found.Lost)+len(found.Missing) != len(Required()) {
			t.Errorf("%s: a required function is in no list, or in two", each.what)
		}
	}
	let := func(keeps ...string) Taken { return Taken{SpaceID: "sp-2", Keeps: keeps} }
	for what, lost := range map[string]int{
		"another space that is let":                  len(Retained(asked, Letting{}, Left([]Space{asked, other}, []Taken{let("day_care")})...).Lost) - 3,
		"what the other operator keeps up":           len(Retained(asked, Letting{}, Left([]Space{asked, other}, []Taken{let("reading_room")})...).Lost) - 2,
		"kept up by the first of two operators only": len(Retained(asked, Letting{}, Left([]Space{asked, other}, []Taken{let("reading_room"), let()})...).Lost) - 3,
		"the inventory itself stays as it is":        len(other.Functions()) - 1,
	} {
		if lost != 0 {
			t.Errorf("%s: %d more or fewer", what, lost)
		}
	}
	refusal := Retained(asked, Letting{Keeps: []string{"day_care"}}).Refusal()
	Refuses(t, "a letting that costs functions", refusal, approval.SpaceTaken, "keeps")
	if message := approval.Refusal(refusal).Message; !strings.Contains(message.ZH, "社区助餐点、图书阅览室") || !strings.Contains(message.EN, "community meals point, reading room") {
		t.Errorf("refused with %v", message)
	}
	Refuses(t, "a letting that costs none", Retained(asked, Letting{Keeps: asked.Functions()}).Refusal(), "", "")
	if built, usable := (Letting{Rooms: []string{"102"}}).Area(asked); built != 1_750 || usable != 1_250 {
		t.Errorf("let: built %d, usable %d", built, usable)
	}
	Refuses(t, "a room it does not have", Letting{Rooms: []string{"9"}}.Validate(asked), approval.Invalid, "rooms")
	Refuses(t, "a room twice", Letting{Rooms: []string{"101", "101"}}.Validate(asked), approval.Invalid, "rooms")
	Refuses(t, "a function no catalogue has", Letting{Keeps: []string{"casino"}}.Validate(asked), approval.Invalid, "keeps")
	Refuses(t, "a space that is given up", Letting{}.Validate(closed), approval.Conflict, "space_id")
}
