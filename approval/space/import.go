package space

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/approval"
)

// ImportKind is what a workbook holds.
type ImportKind string

// The kinds of workbooks.
const (
	ImportSpaces ImportKind = "spaces"
	ImportNeeds  ImportKind = "needs"
)

// Import is one workbook on its way into the inventory: all of it or nothing.
type Import struct {
	ID           string         `json:"id"` // the operation's
	Scope        approval.Scope `json:"scope"`
	Kind         ImportKind     `json:"kind"`
	AttachmentID string         `json:"attachment_id"`
	Status       string         `json:"status"` // running, done, refused
	Total        int            `json:"rows_total"`
	Done         int            `json:"rows_done"`
	Report       *Report        `json:"report,omitempty"` // once it is over
	StartedAt    time.Time      `json:"started_at"`
	StartedBy    string         `json:"started_by"`
	EndedAt      time.Time      `json:"ended_at,omitzero"`
}

// The statuses of an import.
const (
	ImportRunning = "running"
	ImportDone    = "done"
	ImportRefused = "refused" // nothing was taken
)

// Report says what an import did; with problems it did nothing.
type Report struct {
	Created   int       `json:"created"`
	Changed   int       `json:"changed"`
	Unchanged int       `json:"unchanged"`
	Problems  []Problem `json:"problems"`
	More      int       `json:"more_problems,omitempty"` // beyond MaxProblems
}

// MaxProblems is how many problems a report lists.
const MaxProblems = 200

// Problem is one cell that cannot be taken. Row counts from 1 as the program
// shows it; Column is its heading, "" for the row as a whole. Without a sheet the
// workbook as a whole is refused.
type Problem struct {
	Sheet  string        `json:"sheet"`
	Row    int           `json:"row"`
	Column string        `json:"column,omitempty"`
	Reason approval.Text `json:"reason"`
}

// Refused makes the report of an import that did nothing.
func Refused(problems []Problem) Report {
	report := Report{Problems: problems}
	if len(problems) > MaxProblems {
		report.Problems, report.More = problems[:MaxProblems], len(problems)-MaxProblems
	}
	return report
}

// Row is one space as a workbook states it. Version is what the exported sheet
// said; 0 is a new space.
type Row struct {
	At      Place
	Version int
	Details
}

// Place is where in the workbook a space stands.
type Place struct {
	Sheet string
	Row   int
}

func (p Place) problem(column, zh, en string, args ...any) Problem {
	return Problem{Sheet: p.Sheet, Row: p.Row, Column: column, Reason: approval.Errorf(approval.Invalid, zh, en, args...).Message}
}

// Plan is what an import would do.
type Plan struct {
	Create    []Details
	Change    map[string]Change // by the id of the space
	Unchanged int
	Problems  []Problem
}

// PlanImport holds the rows of a workbook against the inventory. Spaces the
// workbook does not name stay as they are. A row stated on an older version, a
// space named twice and one that may not be given up are problems.
func PlanImport(existing []Space, rows []Row) Plan {
	plan := Plan{Change: map[string]Change{}}
	for i, row := range rows {
		if slices.ContainsFunc(rows[:i], func(other Row) bool { return other.Code == row.Code }) {
			plan.refuse(row, "编号", "编号“%[1]s”在表中重复。", "The code %[1]q is used twice in the sheet.", row.Code)
			continue
		}
		at := slices.IndexFunc(existing, func(s Space) bool { return s.Code == row.Code })
		if at < 0 {
			plan.create(row)
			continue
		}
		plan.change(existing[at], row)
	}
	return plan
}

func (p *Plan) refuse(row Row, column, zh, en string, args ...any) {
	p.Problems = append(p.Problems, row.At.problem(column, zh, en, args...))
}

func (p *Plan) create(row Row) {
	if row.Version != 0 {
		p.refuse(row, "版本", "本社区没有编号为“%[1]s”的阵地，新增的阵地请留空版本。",
			"The community has no space %[1]q; leave the version of a new one empty.", row.Code)
		return
	}
	p.Create = append(p.Create, row.Details)
}

func (p *Plan) change(before Space, row Row) {
	after := row.Details
	after.ProofID = before.ProofID // no column of the sheet
	switch err := before.MayBecome(after); {
	case row.Version != before.Version:
		p.refuse(row, "版本", "编号“%[1]s”的阵地现为第%[2]d版，表中为第%[3]d版，请重新导出后再修改。",
			"The space %[1]q is at version %[2]d by now, the sheet says %[3]d; export it again.", row.Code, before.Version, row.Version)
	case err != nil:
		p.Problems = append(p.Problems, Problem{Sheet: row.At.Sheet, Row: row.At.Row, Column: "已停用", Reason: approval.Refusal(err).Message})
	case approval.ContentHash(after) == approval.ContentHash(before.Details):
		p.Unchanged++
	default:
		p.Change[before.ID] = Change{Details: after, Version: before.Version, Reason: "表格导入"}
	}
}

// Report is what the plan comes to once it is carried out.
func (p Plan) Report() Report {
	if len(p.Problems) > 0 {
		return Refused(p.Problems)
	}
	return Report{Created: len(p.Create), Changed: len(p.Change), Unchanged: p.Unchanged, Problems: []Problem{}}
}

// ReportNeeds is what replacing a list by another comes to.
func ReportNeeds(before, after NeedList) Report {
	report := Report{Problems: []Problem{}}
	for _, need := range after.Needs {
		at := slices.IndexFunc(before.Needs, func(other Need) bool { return other.Code == need.Code })
		switch {
		case at < 0:
			report.Created++
		case before.Needs[at] == need:
			report.Unchanged++
		default:
			report.Changed++
		}
	}
	return report
}

// Same reports whether two lists ask for the same, in the same order.
func (l NeedList) Same(other NeedList) bool { return slices.Equal(l.Needs, other.Needs) }

// NeedCode finds the code of an item by its name in a category of the catalogue;
// "" if it is the community's own.
func NeedCode(category, name string) string {
	known, _ := needCategory(category)
	for _, item := range known.Items {
		if item.Name.ZH == name {
			return item.Code
		}
	}
	return ""
}

// Numbered gives every need without a code one: that of the need of the same name
// in the list before, or the next number nobody has had. highest is the highest
// number the community ever gave: applications name needs by their codes, so no
// code passes from one need to another.
func (l NeedList) Numbered(before NeedList, highest int) NeedList {
	l.Needs = slices.Clone(l.Needs)
	for _, need := range l.Needs {
		highest = max(highest, ownNumber(need.Code))
	}
	for i, need := range l.Needs {
		if need.Code != "" {
			continue
		}
		if code := before.codeOf(need); code != "" && !l.lists(code) {
			l.Needs[i].Code = code
			continue
		}
		highest++
		l.Needs[i].Code = fmt.Sprintf("%s%d", ownNeed, highest)
	}
	return l
}

func (l NeedList) codeOf(wanted Need) string {
	for _, need := range l.Needs {
		if need.Category == wanted.Category && need.Name == wanted.Name {
			return need.Code
		}
	}
	return ""
}

func (l NeedList) lists(code string) bool {
	return slices.ContainsFunc(l.Needs, func(need Need) bool { return need.Code == code })
}

// ownNumber is the number of an own need that was numbered, else 0.
func ownNumber(code string) int {
	digits, own := strings.CutPrefix(code, ownNeed)
	number, err := strconv.Atoi(digits)
	if !own || err != nil || len(digits) > maxOwnDigits {
		return 0
	}
	return number
}

// Stale is the problem of a list stated on another version than the latest.
func (l NeedList) Stale(latest NeedList) (Problem, bool) {
	at := Place{Sheet: "填写说明", Row: 6}
	return at.problem("版本", "需求清单现为第%[1]d版，表中为第%[2]d版，请重新导出后再修改。",
		"The needs list is at version %[1]d by now, the workbook says %[2]d; export it again.", latest.Version, l.Version), l.Version != latest.Version
}
