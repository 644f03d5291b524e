package space_test

import (
	"slices"
	"testing"

	"linli/approval"
	. "linli/approval/approvaltest"
	. "linli/approval/space"
)

func TestNeedsRefused(t *testing.T) {
	need := Need{Category: "care", Code: "elderly_canteen", Name: "老年食堂", Count: 120, Priority: High}
	for _, each := range []struct {
		what  string
		spoil func(*Need)
		field string
	}{
		{"a sound one", func(*Need) {}, ""},
		{"one of the community's own", func(n *Need) { n.Code = "own_chess_1" }, ""},
		{"an own one without a name", func(n *Need) { n.Code = "own_" }, "needs/0/code"},
		{"an own one in capitals", func(n *Need) { n.Code = "own_A" }, "needs/0/code"},
		{"of another category", func(n *Need) { n.Code = "ramp" }, "needs/0/code"},
		{"of no category", func(n *Need) { n.Category = "luxury" }, "needs/0/category"},
		{"nobody asked", func(n *Need) { n.Count = 0 }, "needs/0/count"},
		{"no priority", func(n *Need) { n.Priority = "urgent" }, "needs/0/priority"},
		{"no name", func(n *Need) { n.Name = "" }, "needs/0/name"},
	} {
		stated := need
		each.spoil(&stated)
		code := approval.Invalid
		if each.field == "" {
			code = ""
		}
		Refuses(t, each.what, NeedList{Needs: []Need{stated}}.Validate(), code, each.field)
	}
	Refuses(t, "a need twice", NeedList{Needs: []Need{need, need}}.Validate(), approval.Invalid, "needs/1/code")
	Refuses(t, "501 needs", NeedList{Needs: make([]Need, 501)}.Validate(), approval.Invalid, "needs")
}

func TestWhichNeedsAnApplicationAnswers(t *testing.T) {
	list := NeedList{Needs: []Need{
		{Category: "care", Code: "elderly_canteen", Priority: High}, {Category: "care", Code: "day_care", Priority: Low}, {Category: "care", Code: "infant_care", Priority: High},
	}}
	match := list.Match([]string{"day_care", "elderly_canteen", "own_x", "own_x"})
	if !match.Listed || len(match.Answered) != 2 || match.Answered[0].Code != "elderly_canteen" || match.Priority() != 1 || len(match.Unlisted) != 1 {
		t.Errorf("%+v", match)
	}
	Refuses(t, "needs of list and catalogue", NeedList{Needs: []Need{{Code: "own_x"}}}.Known([]string{"own_x", "ramp"}), "", "")
	Refuses(t, "a need of another list", list.Known([]string{"ramp", "own_x"}), approval.Invalid, "needs/1")
	if (NeedList{}).Match([]string{"day_care"}).Listed {
		t.Error("an empty list counts as a list")
	}
	if NeedCode("care", "老年食堂") != "elderly_canteen" || NeedCode("care", "棋牌角") != "" || NeedCode("none", "老年食堂") != "" {
		t.Error("an item of the catalogue is found by its name, another is the community's own")
	}
}

// A code once given never names another need: applications refer to it.
func TestOwnNeedsAreNumberedOnce(t *testing.T) {
	before := NeedList{Needs: []Need{{Category: "care", Code: "own_2", Name: "代购代办"}, {Category: "care", Code: "own_3", Name: "棋牌角"}}}
	list := NeedList{Needs: []Need{
		{Category: "care", Name: "助浴上门"}, {Category: "care", Code: "own_3", Name: "棋牌角"}, {Category: "care", Name: "代购代办"},
		{Category: "health", Name: "棋牌角"}, {Category: "care", Name: "棋牌角"}, {Category: "care", Code: "own_pets", Name: "宠物角"},
	}}
	var codes []string
	for _, need := range list.Numbered(before, 6).Needs {
		codes = append(codes, need.Code)
	}
	if want := []string{"own_7", "own_3", "own_2", "own_8", "own_9", "own_pets"}; !slices.Equal(codes, want) {
		t.Errorf("numbered %v, want %v", codes, want)
	}
	if list.Needs[0].Code != "" {
		t.Error("the list itself was numbered")
	}
	later := NeedList{Needs: []Need{{Name: "新"}, {Code: "own_12", Name: "旧"}}}
	if code := later.Numbered(NeedList{}, 3).Needs[0].Code; code != "own_13" {
		t.Errorf("beside own_12: %s", code)
	}
}

// A workbook is taken as a whole or not at all; what it does not name stays.
func TestAnImportIsPlannedRowByRow(t *testing.T) {
	existing := []Space{
		{ID: "sp-1", Details: sound(), Version: 3, Status: Let},
		{ID: "sp-2", Details: func() Details { d := sound(); d.Code, d.ProofID = "B1", "at-1"; return d }(), Version: 1, Status: Free},
	}
	row := func(at int, code string, version int, change func(*Details)) Row {
		r := Row{At: Place{Sheet: "阵地", Row: at}, Version: version, Details: sound()}
		if r.Code = code; change != nil {
			change(&r.Details)
		}
		return r
	}
	plan := PlanImport(existing, []Row{
		row(2, "A1", 3, nil), row(3, "B1", 1, func(d *Details) { d.Use = "助餐" }), row(4, "C1", 0, nil),
	})
	if change := plan.Change["sp-2"]; len(plan.Problems) != 0 || plan.Unchanged != 1 || len(plan.Create) != 1 || change.Use != "助餐" || change.ProofID != "at-1" || change.Version != 1 {
		t.Fatalf("%+v", plan)
	}
	if report := plan.Report(); report.Created != 1 || report.Changed != 1 || report.Unchanged != 1 || report.Problems == nil {
		t.Errorf("%+v", report)
	}

	plan = PlanImport(existing, []Row{
		row(2, "A1", 2, nil), row(3, "B1", 1, nil), row(4, "B1", 1, nil), row(5, "D1", 1, nil),
		row(6, "A1", 3, func(d *Details) { d.Closed = true }),
	})
	columns := map[int]string{}
	for _, problem := range plan.Problems {
		columns[problem.Row] = problem.Column
	}
	want := map[int]string{2: "版本", 4: "编号", 5: "版本", 6: "编号"}
	for at, column := range want {
		if columns[at] != column {
			t.Errorf("row %d: a problem in %q, want %q", at, columns[at], column)
		}
	}
	if report := plan.Report(); report.Created+report.Changed+report.Unchanged != 0 || len(report.Problems) != len(want) {
		t.Errorf("an import with problems still does %+v", report)
	}
	given := PlanImport(existing, []Row{row(2, "A1", 3, func(d *Details) { d.Closed = true })})
	if len(given.Problems) != 1 || given.Problems[0].Column != "已停用" {
		t.Errorf("giving up a space that is let: %+v", given.Problems)
	}
	if report := Refused(make([]Problem, MaxProblems+5)); len(report.Problems) != MaxProblems || report.More != 5 {
		t.Errorf("%d problems and %d more", len(report.Problems), report.More)
	}
}

func TestWhatReplacingANeedsListComesTo(t *testing.T) {
	before := NeedList{Version: 2, Needs: []Need{{Code: "a", Count: 1}, {Code: "b", Count: 2}}}
	after := NeedList{Version: 1, Needs: []Need{{Code: "a", Count: 1}, {Code: "b", Count: 3}, {Code: "c"}}}
	if report := ReportNeeds(before, after); report.Created != 1 || report.Changed != 1 || report.Unchanged != 1 {
		t.Errorf("%+v", report)
	}
	if before.Same(after) || !before.Same(NeedList{Version: 9, Needs: before.Needs}) {
		t.Error("lists are the same if they ask for the same in the same order")
	}
	if problem, stale := after.Stale(before); !stale || problem.Column != "版本" {
		t.Errorf("%+v, %v", problem, stale)
	}
	if _, stale := before.Stale(before); stale {
		t.Error("the latest list is stale")
	}
}
