package workbook

import (
	"io"
	"strconv"
	"strings"

	"linli/approval"
	"linli/approval/space"
)

const (
	needSheet  = "需求"
	needsItems = "需求目录"
)

var needHeadings = []column{{"类别", true}, {"编号", false}, {"名称", true}, {"需求人数", true}, {"优先级", true}, {"备注", false}}

// WriteNeeds writes a community's needs list; without needs it is the template.
// The version stands in the notes, where reading finds it.
func WriteNeeds(out io.Writer, list space.NeedList) error {
	w := newWriter()
	w.sheet(needSheet, needHeadings)
	for i, need := range list.Needs {
		w.text(needSheet, 0, i+2, categoryName(need.Category))
		w.text(needSheet, 1, i+2, need.Code)
		w.text(needSheet, 2, i+2, need.Name)
		w.number(needSheet, 3, i+2, float64(need.Count))
		w.text(needSheet, 4, i+2, priorityName(need.Priority))
		w.text(needSheet, 5, i+2, need.Note)
	}
	w.needNotes(list.Version)
	return w.finish(out, needSheet)
}

func (w *writer) needNotes(version int) {
	w.sheet(notesSheet, nil)
	for i, note := range []string{
		"1. 标题带*的列必填；标题不要改动。导入会整体替换本社区的需求清单，旧清单留存。",
		"2. 类别和目录内的名称见“" + needsItems + "”；目录内的项目编号可留空，自定项目的编号以own_开头，留空则自动编号。" + space.Sample.ZH + "。",
		"3. 需求人数为居民或家庭数，整数；优先级可选：急需、较急、一般。",
		"4. 下面的版本号请保留：若他人已修改清单，须重新导出。不接受公式；不要填写身份证号码。",
	} {
		w.text(notesSheet, 0, i+1, note)
	}
	w.text(notesSheet, 0, 6, "版本")
	w.number(notesSheet, 1, 6, float64(version))
	w.note(w.book.SetColWidth(notesSheet, "A", "A", 90))
	w.sheet(needsItems, []column{{"类别", false}, {"名称", false}, {"编号", false}})
	line := 2
	for _, category := range space.NeedCategories {
		for _, item := range category.Items {
			w.text(needsItems, 0, line, category.Name.ZH)
			w.text(needsItems, 1, line, item.Name.ZH)
			w.text(needsItems, 2, line, item.Code)
			line++
		}
	}
}

// ReadNeeds reads a workbook of needs into a list without scope, with the version
// it was exported at. Own needs without a code are still to be numbered.
func ReadNeeds(content []byte, progress func(done, total int)) (space.NeedList, []space.Problem, error) {
	var list space.NeedList
	book, err := open(content)
	if err != nil {
		return list, nil, err
	}
	defer book.Close()
	t := read(book, needSheet, needHeadings)
	text, err := book.GetCellValue(notesSheet, "B6")
	if err == nil {
		list.Version, err = strconv.Atoi(strings.TrimSpace(text))
	}
	if err != nil {
		t.problems = append(t.problems, space.Problem{Sheet: notesSheet, Row: 6, Column: "版本", Reason: approval.Text{
			ZH: "缺少版本号，请使用系统导出的表格。", EN: "The version is missing; use the exported workbook."}})
	}
	progress(0, len(t.rows))
	for i, r := range t.rows {
		list.Needs = append(list.Needs, needOf(r))
		progress(i+1, len(t.rows))
	}
	if len(t.problems) > 0 {
		return list, t.problems, nil
	}
	return list, checkNeeds(list.Numbered(space.NeedList{}, 0), t.rows), nil
}

// checkNeeds asks the domain about every need; the first refusal of the list as a
// whole, such as a need named twice, comes last.
func checkNeeds(list space.NeedList, rows []row) (problems []space.Problem) {
	blame := func(at int, err error) {
		refused := refusalOf(err)
		field := refused.Field[strings.LastIndex(refused.Field, "/")+1:]
		problems = append(problems, space.Problem{Sheet: needSheet, Row: rows[at].number, Column: fields[field], Reason: refused.Message})
	}
	for i, need := range list.Needs {
		if err := need.Validate("need"); err != nil {
			blame(i, err)
		}
	}
	if problems != nil {
		return problems
	}
	if err := list.Validate(); err != nil {
		at := 0
		if parts := strings.Split(refusalOf(err).Field, "/"); len(parts) == 3 {
			at, _ = strconv.Atoi(parts[1])
		}
		blame(at, err)
	}
	return problems
}

func needOf(r row) space.Need {
	categories := make([]string, 0, len(space.NeedCategories))
	for _, category := range space.NeedCategories {
		categories = append(categories, category.Code)
	}
	priorities := make([]space.Priority, 0, len(space.Priorities))
	for _, known := range space.Priorities {
		priorities = append(priorities, known.Priority)
	}
	need := space.Need{
		Category: one(r, "类别", categories, categoryName), Code: r.text("编号"), Name: r.text("名称"), Count: r.whole("需求人数"),
		Priority: one(r, "优先级", priorities, priorityName), Note: r.text("备注"),
	}
	if need.Code == "" {
		need.Code = space.NeedCode(need.Category, need.Name)
	}
	return need
}

func categoryName(code string) string {
	for _, category := range space.NeedCategories {
		if category.Code == code {
			return category.Name.ZH
		}
	}
	return code
}

func priorityName(code space.Priority) string {
	for _, known := range space.Priorities {
		if known.Priority == code {
			return known.Name.ZH
		}
	}
	return string(code)
}

func refusalOf(err error) *approval.Error { return approval.Refusal(err) }
