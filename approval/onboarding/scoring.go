package onboarding

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"linli/approval"
)

// Score is what one scorer gives for one item of the district's list: 0 to 100
// points.
type Score struct {
	Item   string `json:"item"`
	Points int64  `json:"points"`
}

// Sheet is one scorer's complete scores.
type Sheet struct {
	Scorer string
	Scores []Score
}

// Result is what the panel came to. Totals are hundredths of a point: points
// times the item's weight in percent, added up. The mean is Sum/Counted,
// compared exactly and never rounded before it is.
type Result struct {
	Counted int     `json:"counted,omitempty"` // scorers whose totals count
	Sum     int64   `json:"sum,omitempty"`     // of the totals that count
	All     int     `json:"all,omitempty"`     // scorers who scored
	Total   int64   `json:"total,omitempty"`   // of all totals
	Items   []int64 `json:"items,omitempty"`   // points of all scorers, by item in the order of the rules
}

// Mean is the result in points with two decimals, rounded half up, for people.
func (r Result) Mean() string {
	if r.Counted == 0 {
		return "–"
	}
	n := int64(r.Counted)
	hundredths := (2*r.Sum + n) / (2 * n)
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

// Passes reports whether the mean reaches a mark of 0 to 100 points.
func (r Result) Passes(mark int64) bool { return r.Sum >= mark*100*int64(r.Counted) }

// TallyScores adds up complete sheets. If the rules say so, the highest and the
// lowest total do not count. The order of the sheets does not matter.
func TallyScores(sheets []Sheet, panel PanelParameters) Result {
	result := Result{All: len(sheets), Items: make([]int64, len(panel.Items))}
	totals := make([]int64, 0, len(sheets))
	for _, sheet := range sheets {
		total := int64(0)
		for i, item := range panel.Items {
			points := sheet.points(item.ID)
			total += points * item.Weight
			result.Items[i] += points
		}
		totals = append(totals, total)
		result.Total += total
	}
	slices.Sort(totals)
	if panel.DropExtremes && len(totals) > 2 {
		totals = totals[1 : len(totals)-1]
	}
	for _, total := range totals {
		result.Sum += total
	}
	result.Counted = len(totals)
	return result
}

func (s Sheet) points(item string) int64 {
	for _, score := range s.Scores {
		if score.Item == item {
			return score.Points
		}
	}
	return 0
}

// CompareResults orders two results under the same rules, the better one first:
// by the mean; of equal means by the mean of all scorers, dropped ones
// included; then by the items in the order of the rules. 0 is a tie, which the
// call breaks by who applied first.
func CompareResults(a, b Result) int {
	return cmp.Or(
		byMean(a.Sum, a.Counted, b.Sum, b.Counted),
		byMean(a.Total, a.All, b.Total, b.All),
		slices.CompareFunc(a.ratios(), b.ratios(), func(x, y ratio) int { return byMean(x.sum, x.of, y.sum, y.of) }),
	)
}

type ratio struct {
	sum int64
	of  int
}

func (r Result) ratios() []ratio {
	items := make([]ratio, len(r.Items))
	for i, sum := range r.Items {
		items[i] = ratio{sum, r.All}
	}
	return items
}

// byMean compares x/n with y/m, the larger first; nothing scored counts least.
func byMean(x int64, n int, y int64, m int) int {
	return cmp.Compare(y*int64(max(n, 1)), x*int64(max(m, 1)))
}

// least is how many sheets the panel needs to decide anything. Where extremes
// are dropped, three must remain.
func (p PanelParameters) least() int {
	least := max(3, p.Scorers)
	if p.DropExtremes {
		least = max(5, least)
	}
	return least
}

// Convene takes who may score in this district and asks them. Who applied, has
// an interest, reviewed the case or stepped aside before does not score; too
// few scorers stop the case until the office has completed the panel (I10).
func (s *State) Convene(scorers []string, now time.Time) {
	barred := append(s.outsiders(), s.deciders(DeskReview)...)
	for _, act := range s.Acts {
		if act.Stage == Scoring && act.Action == approval.Recuse {
			barred = append(barred, act.Person)
		}
	}
	panel := slices.DeleteFunc(slices.Clone(scorers), func(id string) bool { return slices.Contains(barred, id) })
	slices.Sort(panel)
	panel = slices.Compact(panel)
	if len(panel) < s.Parameters.Panel.least() {
		s.standStill(now)
		return
	}
	s.Scorers = panel
	s.Enter(Scoring, now)
	for _, scorer := range panel {
		s.Ask(now, Scoring, approval.Task{
			Seat: scorer, Kind: approval.Vote, Persons: []string{scorer}, Role: approval.Scorer, Excluded: barred,
			Days: s.Parameters.Deadlines.Scoring, Actions: []approval.Action{approval.Submit, approval.Recuse},
		})
	}
}

// standStill asks the subdistrict to complete the panel.
func (s *State) standStill(now time.Time) {
	s.Enter(Panel, now)
	s.Ask(now, Panel, approval.Task{
		Seat: SeatConvener, Kind: approval.Form, Role: approval.SubdistrictApprover, Scope: s.Start.Scope.Up(approval.Subdistrict),
		Excluded: s.outsiders(), Days: s.Parameters.Deadlines.Scoring, Actions: []approval.Action{approval.Submit, approval.Reassign},
	})
}

// PanelComplete reports whether the office says the panel is complete; Convene
// then decides whether that is so.
func (s *State) PanelComplete() bool { return len(s.OpenAt(Panel)) == 0 }

// checkScores refuses a sheet that is not complete: every item of the rules
// once, with 0 to 100 points.
func (s *State) checkScores(scores []Score) error {
	items := s.Parameters.Panel.Items
	for i, score := range scores {
		field := fmt.Sprintf("form/details/scores/%d", i)
		if !slices.ContainsFunc(items, func(item ScoreItem) bool { return item.ID == score.Item }) {
			return approval.Errorf(approval.Invalid, "没有评分项“%[1]s”。", "There is no item %[1]q to score.", score.Item).At(field + "/item")
		}
		if slices.ContainsFunc(scores[:i], func(earlier Score) bool { return earlier.Item == score.Item }) {
			return approval.Errorf(approval.Invalid, "评分项“%[1]s”重复。", "The item %[1]q is scored twice.", score.Item).At(field + "/item")
		}
		if score.Points < 0 || score.Points > 100 {
			return approval.Errorf(approval.Invalid, "分数须为0至100的整数。", "Points are 0 to 100.").At(field + "/points")
		}
	}
	if len(scores) != len(items) {
		return approval.Errorf(approval.Invalid, "须对全部%[1]d个评分项打分。", "Score all %[1]d items.", len(items)).At("form/details/scores")
	}
	return nil
}

// sheets are the scores of the running round, one per scorer by construction.
func (s *State) sheets() []Sheet {
	var sheets []Sheet
	for _, act := range s.Acts {
		if act.Stage == Scoring && act.Round == s.Round(Scoring) && act.Action == approval.Submit {
			form, _ := details(act.Form)
			sheets = append(sheets, Sheet{Scorer: act.Seat, Scores: form.Scores})
		}
	}
	return sheets
}

// Scored reports whether the panel needs no more sheets: everybody has scored
// or stepped aside, or whoever has not is overdue and enough have.
func (s *State) Scored() bool {
	open := s.OpenAt(Scoring)
	for _, task := range open {
		if !task.Escalated {
			return false
		}
	}
	return len(open) == 0 || len(s.sheets()) >= s.Parameters.Panel.least()
}

// CloseScoring takes the result: on to the ranking or the notice, out, or to
// another panel for want of scorers.
func (s *State) CloseScoring(now time.Time) {
	sheets := s.sheets()
	if len(sheets) < s.Parameters.Panel.least() {
		s.standStill(now)
		return
	}
	s.Result = TallyScores(sheets, s.Parameters.Panel)
	if mark := s.Parameters.Panel.PassMark; !s.Result.Passes(mark) {
		s.End(approval.Rejected, fmt.Sprintf("评分%s分，未达到%d分", s.Result.Mean(), mark), now)
		return
	}
	s.admit(now)
}
