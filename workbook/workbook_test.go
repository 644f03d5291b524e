package workbook

import (
	"archive/zip"
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"linli/approval"
	"linli/approval/space"
)

func sample(code string) space.Space {
	return space.Space{Version: 3, Details: space.Details{
		Code: code, Name: "=HYPERLINK(\"http://example.org\")", Address: "@示例路1号", Ownership: space.Allocated, Holder: "+示例街道办事处",
		Proof: "'移交书", Use: "-闲置", Note: "第一行\n第二行", Surveyed: true, Flue: true, FireExits: 2, Rooms: []space.Room{
			{Code: "001", Name: "餐厅", Floor: "1", Built: 12345, Usable: 10001, Functions: []string{"meals_point", "market"}},
			{Code: "2", Name: "活动室", Built: 100, Usable: 1, Functions: []string{}},
		},
	}}
}

func written(t *testing.T, spaces ...space.Space) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteSpaces(&out, spaces); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func nothing(int, int) {}

func TestWhatIsExportedIsImportedUnchanged(t *testing.T) {
	first, second := sample("A-1"), sample("0012")
	second.Closed, second.Surveyed, second.Flue, second.FireExits, second.Version = true, false, false, 0, 1
	var done, total int
	rows, problems, err := ReadSpaces(written(t, first, second), func(d, n int) { done, total = d, n })
	if err != nil || len(problems) > 0 || len(rows) != 2 || done != 6 || total != 6 {
		t.Fatalf("%d rows, %v, %v, %d of %d", len(rows), problems, err, done, total)
	}
	for i, want := range []space.Space{first, second} {
		if !reflect.DeepEqual(rows[i].Details, want.Details) || rows[i].Version != want.Version {
			t.Errorf("read %+v, wrote %+v", rows[i], want)
		}
	}
	plan := space.PlanImport([]space.Space{first, second}, rows)
	if plan.Unchanged != 2 || len(plan.Create)+len(plan.Change)+len(plan.Problems) > 0 {
		t.Errorf("the plan is %+v", plan)
	}
}

func TestTextIsNeverAFormula(t *testing.T) {
	book, err := excelize.OpenReader(bytes.NewReader(written(t, sample("A"))))
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range []string{"B2", "C2", "E2", "G2"} {
		value, _ := book.GetCellValue(spaceSheet, cell)
		formula, _ := book.GetCellFormula(spaceSheet, cell)
		if formula != "" || !strings.HasPrefix(value, "'") {
			t.Errorf("%s holds %q, formula %q", cell, value, formula)
		}
	}
}

// spoiled is the sample with some cells changed.
func spoiled(t *testing.T, change func(book *excelize.File)) []byte {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(written(t, sample("A"))))
	if err != nil {
		t.Fatal(err)
	}
	change(book)
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestEveryWrongCellIsNamed(t *testing.T) {
	set := func(sheet, cell string, value any) func(*excelize.File) {
		return func(book *excelize.File) { _ = book.SetCellValue(sheet, cell, value) }
	}
	for name, c := range map[string]struct {
		change        func(*excelize.File)
		sheet, column string
		row           int
	}{
		"empty name":         {set(spaceSheet, "B2", ""), spaceSheet, "名称", 2},
		"unknown ownership":  {set(spaceSheet, "D2", "私有"), spaceSheet, "权属", 2},
		"neither yes nor no": {set(spaceSheet, "I2", "大概"), spaceSheet, "已勘查", 2},
		"half an exit":       {set(spaceSheet, "K2", 1.5), spaceSheet, "安全出口数", 2},
		"flue unsurveyed":    {set(spaceSheet, "I2", "否"), spaceSheet, "已勘查", 2},
		"three decimals":     {set(roomSheet, "E2", 1.234), roomSheet, "建筑面积（平方米）", 2},
		"area in words":      {set(roomSheet, "F3", "很大"), roomSheet, "使用面积（平方米）", 3},
		"larger inside":      {set(roomSheet, "F3", 99), roomSheet, "使用面积（平方米）", 3},
		"unknown function":   {set(roomSheet, "G3", "棋牌室"), roomSheet, "功能", 3},
		"room of no space":   {set(roomSheet, "A3", "B"), roomSheet, "阵地编号", 3},
		"room twice":         {set(roomSheet, "B3", "001"), roomSheet, "房间编号", 3},
		"unknown heading":    {set(spaceSheet, "N1", "颜色"), spaceSheet, "颜色", 1},
		"missing heading":    {set(spaceSheet, "A1", ""), spaceSheet, "编号", 1},
		"a formula":          {func(b *excelize.File) { _ = b.SetCellFormula(spaceSheet, "E2", "1+1") }, spaceSheet, "产权单位", 2},
		"an identity number": {set(spaceSheet, "H2", "联系人11010519491231002X"), spaceSheet, "备注", 2},
		"merged cells":       {func(b *excelize.File) { _ = b.MergeCell(roomSheet, "G2", "G3") }, roomSheet, "功能", 2},
		"merged columns":     {func(b *excelize.File) { _ = b.MergeCell(spaceSheet, "G2", "H2") }, spaceSheet, "现用途、备注", 2},
		"no sheet":           {func(b *excelize.File) { _ = b.DeleteSheet(roomSheet) }, roomSheet, "", 1},
		"too many rows":      {set(spaceSheet, "A5000", "x"), spaceSheet, "", MaxRows + 1},
	} {
		_, problems, err := ReadSpaces(spoiled(t, c.change), nothing)
		if err != nil || len(problems) == 0 || problems[0].Sheet != c.sheet || problems[0].Column != c.column || problems[0].Row != c.row || problems[0].Reason.ZH == "" {
			t.Errorf("%s: %v, %v", name, problems, err)
		}
	}
}

func TestFilesThatAreNoWorkbooksAreRefused(t *testing.T) {
	var bomb bytes.Buffer
	archive := zip.NewWriter(&bomb)
	part, _ := archive.Create("xl/workbook.xml")
	for range 40 {
		_, _ = part.Write(make([]byte, 1<<20))
	}
	_ = archive.Close()
	for name, content := range map[string][]byte{"nothing": nil, "a picture": []byte("\x89PNG"), "a bomb": bomb.Bytes()} {
		if _, _, err := ReadSpaces(content, nothing); approval.CodeOf(err) != approval.UnsupportedMedia {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := ReadNeeds(content, nothing); approval.CodeOf(err) != approval.UnsupportedMedia {
			t.Errorf("%s as needs: %v", name, err)
		}
	}
}

func TestNeedsComeBackAsTheyWere(t *testing.T) {
	list := space.NeedList{Version: 4, Needs: []space.Need{
		{Category: "care", Code: "elderly_canteen", Name: "老年食堂", Count: 120, Priority: space.High, Note: "=周末也要"},
		{Category: "environment", Code: "own_pet_bins", Name: "宠物便箱", Count: 4, Priority: space.Low},
	}}
	var out bytes.Buffer
	if err := WriteNeeds(&out, list); err != nil {
		t.Fatal(err)
	}
	read, problems, err := ReadNeeds(out.Bytes(), nothing)
	if err != nil || len(problems) > 0 || !reflect.DeepEqual(read, list) {
		t.Errorf("%+v, %v, %v", read, problems, err)
	}
	list.Needs = append(list.Needs, list.Needs[0])
	out.Reset()
	_ = WriteNeeds(&out, list)
	if _, problems, _ := ReadNeeds(out.Bytes(), nothing); len(problems) != 1 || problems[0].Row != 4 || problems[0].Column != "编号" {
		t.Errorf("a need listed twice: %v", problems)
	}
}

// A sheet that breaks off, or names a cell there cannot be, loses no row in silence
// and is no fault of the system.
func TestADamagedSheetIsRefused(t *testing.T) {
	first, second := sample("A-1"), sample("0012")
	content := written(t, first, second)
	damaged := func(old, put string) []byte { return rewritten(t, content, "xl/worksheets/sheet2.xml", old, put) }
	for name, file := range map[string][]byte{
		"an end that does not fit": damaged("</row>", "</line>"),
		"cut off":                  damaged("</sheetData>", ""),
		"shared texts cut off":     rewritten(t, content, "xl/sharedStrings.xml", "</sst>", ""),
	} {
		if _, _, err := ReadSpaces(file, nothing); approval.CodeOf(err) != approval.UnsupportedMedia {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, file := range map[string][]byte{
		"a cell there is not":      damaged(`r="A2"`, `r="2A2"`),
		"a column beyond the last": damaged(`r="A2"`, `r="ZZZZ2"`),
		"a row beyond the last":    damaged(`<row r="2"`, `<row r="1048577"`),
	} {
		if _, problems, err := ReadSpaces(file, nothing); err != nil || len(problems) == 0 || problems[0].Sheet != spaceSheet {
			t.Errorf("%s: %v, %v", name, problems, err)
		}
	}
}

// rewritten is a workbook with one text of one part replaced.
func rewritten(t *testing.T, content []byte, part, old, put string) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	into := zip.NewWriter(&out)
	for _, entry := range archive.File {
		from, _ := entry.Open()
		text, _ := io.ReadAll(from)
		if entry.Name == part {
			if !bytes.Contains(text, []byte(old)) {
				t.Fatalf("%s has no %s", part, old)
			}
			text = bytes.Replace(text, []byte(old), []byte(put), 1)
		}
		to, _ := into.Create(entry.Name)
		_, _ = to.Write(text)
	}
	if err := into.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
