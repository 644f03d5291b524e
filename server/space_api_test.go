package server_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/approval/space"
	"linli/store/storetest"
)

// newSpace is an invented space as a community registers it.
func newSpace(scope approval.Scope, code string) map[string]any {
	return map[string]any{
		"scope": scope, "code": code, "name": "示例邻里中心", "ownership": "allocated", "holder": "示例街道办事处", "proof": "移交书〔示例〕1号", "use": "闲置",
		"rooms": []any{
			map[string]any{"code": "101", "name": "餐厅", "floor": "1", "built_area": 12000, "usable_area": 10050, "functions": []string{"meals_point"}},
			map[string]any{"code": "102", "name": "活动室", "built_area": 8000, "usable_area": 7000, "functions": []string{"elderly_activity", "reading_room"}},
		},
	}
}

func changedSpace(code string, version int) map[string]any {
	changed := newSpace("", code)
	delete(changed, "scope")
	changed["version"], changed["reason"] = version, "重新测量"
	return changed
}

// A community's inventory goes out as a workbook and comes in unchanged; a changed
// copy is taken as a whole or not at all.
func TestWorkbooksAreTakenAsAWholeOrNotAtAll(t *testing.T) {
	w := newCaseWorld(t)
	for _, code := range []string{"A-1", "A-2"} {
		w.write(w.handler, "POST", "/v1/spaces", newSpace(storetest.Community1, code)).want(t, 200, "")
	}
	w.write(w.handler, "POST", "/v1/spaces", newSpace(storetest.Community1, "A-1")).want(t, 409, approval.Conflict)
	exported := func() []byte {
		return w.ask(asked{method: "GET", path: "/v1/exports/spaces/370303001901", bearer: w.handler}).raw
	}
	take := func(content []byte) space.Import {
		t.Helper()
		var over space.Import
		answer := w.write(w.handler, "POST", "/v1/imports", map[string]any{
			"scope": storetest.Community1, "kind": "spaces", "attachment_id": w.workbook(content)})
		answer.want(t, 200, "")
		decode(t, answer, &over)
		seen := w.ask(asked{method: "GET", path: "/v1/imports/" + over.ID, bearer: w.handler})
		seen.want(t, 200, "")
		return over
	}
	if over := take(exported()); over.Status != space.ImportDone || over.Report.Unchanged != 2 || over.Done != 6 || over.Total != 6 {
		t.Errorf("the exported workbook: %+v, %+v", over, over.Report)
	}
	edit := func(content []byte, cells map[string]any) []byte {
		t.Helper()
		book, err := excelize.OpenReader(bytes.NewReader(content))
		fatal(t, err)
		for cell, value := range cells {
			fatal(t, book.SetCellValue("阵地", cell, value))
		}
		var out bytes.Buffer
		fatal(t, book.Write(&out))
		return out.Bytes()
	}
	old := exported()
	half := take(edit(old, map[string]any{"G2": "食堂", "D3": "私有"}))
	if half.Status != space.ImportRefused || len(half.Report.Problems) != 1 || half.Report.Problems[0].Row != 3 || half.Report.Problems[0].Column != "权属" {
		t.Errorf("half wrong: %+v %+v", half, half.Report)
	}
	if string(exported()) == "" || take(exported()).Report.Unchanged != 2 {
		t.Error("a refused import changed something")
	}
	if over := take(edit(old, map[string]any{"G2": "食堂"})); over.Report.Changed != 1 || over.Report.Unchanged != 1 {
		t.Errorf("one change: %+v", over.Report)
	}
	late := take(edit(old, map[string]any{"G2": "托育"}))
	if late.Status != space.ImportRefused || late.Report.Problems[0].Column != "版本" {
		t.Errorf("an old copy: %+v", late.Report)
	}
	needs := map[string]any{"version": 0, "needs": []any{map[string]any{"category": "care", "code": "elderly_canteen", "name": "老年食堂", "count": 80, "priority": "high"}}}
	w.write(w.handler, "PUT", "/v1/needs/370303001901", needs).want(t, 200, "")
	w.write(w.handler, "PUT", "/v1/needs/370303001901", needs).want(t, 409, approval.StaleContent)
	list := w.ask(asked{method: "GET", path: "/v1/exports/needs/370303001901", bearer: w.handler}).raw
	answer := w.write(w.handler, "POST", "/v1/imports", map[string]any{"scope": storetest.Community1, "kind": "needs", "attachment_id": w.workbook(list)})
	var over space.Import
	decode(t, answer, &over)
	if over.Status != space.ImportDone || over.Report.Unchanged != 1 {
		t.Errorf("needs unchanged: %+v %s", over.Report, fmt.Sprint(answer.status))
	}
	w.ownNeedsKeepTheirCodes()
}

// ownNeedsKeepTheirCodes lists, drops and lists again: the number of a need that is
// gone is not given to the next.
func (w *caseWorld) ownNeedsKeepTheirCodes() {
	w.t.Helper()
	const at = "/v1/needs/370303001901"
	lists := func(rows ...[]any) string {
		w.t.Helper()
		book, err := excelize.OpenReader(bytes.NewReader(w.ask(asked{method: "GET", path: "/v1/exports/needs/370303001901", bearer: w.handler}).raw))
		fatal(w.t, err)
		fatal(w.t, book.RemoveRow("需求", 3))
		for i, row := range rows {
			fatal(w.t, book.SetSheetRow("需求", fmt.Sprintf("A%d", i+3), &row))
		}
		var out bytes.Buffer
		fatal(w.t, book.Write(&out))
		w.write(w.handler, "POST", "/v1/imports", map[string]any{"scope": storetest.Community1, "kind": "needs", "attachment_id": w.workbook(out.Bytes())}).want(w.t, 200, "")
		var list space.NeedList
		decode(w.t, w.ask(asked{method: "GET", path: at, bearer: w.handler}), &list)
		return list.Needs[len(list.Needs)-1].Code
	}
	var codes []string
	for _, name := range []string{"棋牌角", "棋牌角", "代购代办"} {
		codes = append(codes, lists([]any{"养老托幼", "", name, 5, "一般"}))
	}
	if want := []string{"own_1", "own_1", "own_2"}; !slices.Equal(codes, want) {
		w.t.Errorf("own needs are coded %v, want %v", codes, want)
	}
	lists()
	if code := lists([]any{"养老托幼", "", "棋牌角", 5, "一般"}); code != "own_3" {
		w.t.Errorf("after all were dropped, the next is %s", code)
	}
}

// A letting is tried against what the community still holds in that term.
func TestASpaceThatIsLetLeavesTheCommunityNothing(t *testing.T) {
	a := newAdmissionWorld(t)
	var ids []string
	for _, code := range []string{"A-1", "A-2"} {
		var added space.Space
		answer := a.write(a.who["clerk"], "POST", "/v1/spaces", newSpace(storetest.Community1, code))
		answer.want(t, 200, "")
		decode(t, answer, &added)
		ids = append(ids, added.ID)
	}
	lost := func(term map[string]any) int {
		t.Helper()
		var answer struct {
			Lost []string `json:"lost"`
		}
		asked := a.ask(asked{method: "POST", path: "/v1/spaces/" + ids[1] + "/letting", bearer: a.who["clerk"], body: term})
		asked.want(t, 200, "")
		decode(t, asked, &answer)
		return len(answer.Lost)
	}
	if n := lost(map[string]any{}); n != 0 {
		t.Errorf("with the same functions next door %d are lost", n)
	}
	number, err := a.store.SpaceNumber(a.clerk(), ids[0])
	fatal(t, err)
	fatal(t, a.engine.worker.HoldSpace(t.Context(), onboarding.HoldOrder{
		Key: "k", CaseID: "c_1", OperatorID: a.operator, SpaceID: ids[0], Number: number, StartsOn: "2026-07-01", EndsOn: "2028-06-30",
		Keeps: []string{"meals_point"}, At: a.now(),
	}))
	if n := lost(map[string]any{}); n != 2 {
		t.Errorf("of three functions, one of which the operator next door keeps up, %d are lost", n)
	}
	if n := lost(map[string]any{"starts_on": "2028-07-01", "ends_on": "2030-06-30"}); n != 0 {
		t.Errorf("once the space next door is given back %d are lost", n)
	}
	a.ask(asked{method: "POST", path: "/v1/spaces/" + ids[1] + "/letting", bearer: a.who["clerk"], body: map[string]any{"starts_on": "1 July"}}).want(t, 422, approval.Invalid)
}

// Whatever is wrong with a workbook, its import is over with the answer.
func TestAWorkbookThatCannotBeReadEndsItsImport(t *testing.T) {
	w := newCaseWorld(t)
	w.write(w.handler, "POST", "/v1/spaces", newSpace(storetest.Community1, "A-1")).want(t, 200, "")
	exported := w.ask(asked{method: "GET", path: "/v1/exports/spaces/370303001901", bearer: w.handler}).raw
	take := func(content []byte) answered {
		return w.write(w.handler, "POST", "/v1/imports", map[string]any{"scope": storetest.Community1, "kind": "spaces", "attachment_id": w.workbook(content)})
	}
	take(rewritten(t, exported, "xl/workbook.xml", "<workbook", "<")).want(t, 415, approval.UnsupportedMedia)
	var damaged space.Import
	refused := take(rewritten(t, exported, "xl/worksheets/sheet2.xml", `r="A2"`, `r="2A2"`))
	refused.want(t, 200, "")
	decode(t, refused, &damaged)
	if damaged.Status != space.ImportRefused || len(damaged.Report.Problems) == 0 {
		t.Errorf("a cell there is not: %+v", damaged)
	}
	var running, ended int
	row := connect(t, w.address.Owner).QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE status = 'running'), count(*) FILTER (WHERE jsonb_array_length(report -> 'problems') > 0) FROM imports`)
	fatal(t, row.Scan(&running, &ended))
	if running != 0 || ended != 2 {
		t.Errorf("%d imports still run, %d ended with their problems", running, ended)
	}
}

// rewritten is a workbook with one text of one part replaced.
func rewritten(t *testing.T, content []byte, part, old, put string) []byte {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	fatal(t, err)
	var out bytes.Buffer
	into := zip.NewWriter(&out)
	for _, entry := range from.File {
		opened, err := entry.Open()
		fatal(t, err)
		text, err := io.ReadAll(opened)
		fatal(t, err)
		if entry.Name == part {
			text = bytes.Replace(text, []byte(old), []byte(put), 1)
		}
		to, err := into.Create(entry.Name)
		fatal(t, err)
		_, err = to.Write(text)
		fatal(t, err)
	}
	fatal(t, into.Close())
	return out.Bytes()
}
