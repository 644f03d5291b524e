package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/workflows"
)

// callRow is a call as the database has it.
type callRow struct {
	ID            string
	Closed, Ended bool
}

// word is what a call told one of its candidates.
type word struct {
	Place struct {
		Rank int  `json:"rank"`
		Of   int  `json:"of"`
		Turn bool `json:"turn"`
	} `json:"place"`
	Over bool `json:"over"`
}

// calls: who applied, how they rank and who got the space agree with the cases
// of the candidates.
func (g *game) calls(ctx context.Context, cases map[string]told) []string {
	rows, err := query[callRow](ctx, g.s, `SELECT id, closed_at IS NOT NULL AS closed, ended_at IS NOT NULL AS ended FROM calls ORDER BY id`)
	if err != nil {
		return []string{"reading calls: " + err.Error()}
	}
	filed, err := query[struct{ CallID, CaseID string }](ctx, g.s, `SELECT call_id, case_id FROM call_applications ORDER BY call_id, case_id`)
	if err != nil {
		return []string{"reading applications under calls: " + err.Error()}
	}
	lists := map[string][]string{}
	for _, row := range filed {
		lists[row.CallID] = append(lists[row.CallID], row.CaseID)
	}
	problems := standing(rows, cases)
	for callID, h := range cases {
		if h.procedure == workflows.NameCall {
			for _, problem := range slices.Concat(answered(callID, h, lists[callID], cases), awarded(callID, h, lists[callID], cases)) {
				problems = append(problems, "call "+callID+": "+problem)
			}
		}
	}
	return problems
}

// standing: a call takes applications, holds its space and ends in the database
// as it does in its history.
func standing(rows []callRow, cases map[string]told) (problems []string) {
	there := map[string]bool{}
	for _, row := range rows {
		h := cases[row.ID]
		there[row.ID] = true
		if h.procedure != workflows.NameCall || row.Closed != (len(h.of("CloseCall")) > 0) || row.Ended != h.closed {
			problems = append(problems, fmt.Sprintf("call %s is closed %v and ended %v; its history (%s) closed it %d times and ended %v",
				row.ID, row.Closed, row.Ended, h.procedure, len(h.of("CloseCall")), h.closed))
		}
	}
	for id, h := range cases {
		if h.procedure == workflows.NameCall && !there[id] {
			problems = append(problems, "call "+id+" is not in the database")
		}
	}
	return problems
}

// answered: the call counts exactly the applications that name it, and its list
// never changes once it is closed.
func answered(callID string, h told, listed []string, cases map[string]told) (problems []string) {
	var named []string
	for caseID, c := range cases {
		if c.procedure != workflows.NameOnboarding {
			continue
		}
		if a, err := c.application(); err != nil || a.CallID == callID {
			named = append(named, caseID)
		}
	}
	slices.Sort(named)
	slices.Sort(listed)
	if !slices.Equal(named, listed) {
		problems = append(problems, fmt.Sprintf("%v applied, it counts %v", named, listed))
	}
	for _, e := range h.of("CloseCall") {
		var closed []string
		if err := json.Unmarshal(e.result, &closed); e.done && err != nil {
			return append(problems, err.Error())
		}
		slices.Sort(closed)
		if e.done && !slices.Equal(closed, listed) {
			problems = append(problems, fmt.Sprintf("was closed with %v, it counts %v", closed, listed))
		}
	}
	return problems
}

// heard is what a candidate was last told, and whether it was ever its turn.
func (h told) heard() (last word, turn bool, err error) {
	for _, s := range h.signals {
		if s.name != workflows.MessageCallSays {
			continue
		}
		var w word
		if err := json.Unmarshal(s.word, &w); err != nil {
			return last, turn, err
		}
		turn = turn || w.Place.Turn
		if w.Place.Rank > 0 {
			last = w
		}
	}
	return last, turn, nil
}

// mean is a panel's result as a fraction.
type mean struct{ sum, of int64 }

// weights are the sample items of Zhangdian, in percent.
var weights = map[string]int64{"service": 40, "price": 25, "ability": 20, "share": 15}

// scored works out a candidate's mean from the sheets in its history: of the last
// panel, the highest and the lowest total left out.
func (h told) scored() (m mean, err error) {
	totals := map[int][]int64{}
	last := 0
	for _, o := range h.acts {
		at := placeOf(o.act)
		if o.receipt == nil || at.stage != onboarding.Scoring || o.act.Action != approval.Submit {
			continue
		}
		var sheet struct {
			Scores []struct {
				Item   string
				Points int64
			}
		}
		if err := json.Unmarshal(o.act.Form.Details, &sheet); err != nil {
			return m, err
		}
		total := int64(0)
		for _, score := range sheet.Scores {
			total += score.Points * weights[score.Item]
		}
		totals[at.round] = append(totals[at.round], total)
		last = max(last, at.round)
	}
	sums := totals[last]
	if len(sums) < 5 {
		return m, fmt.Errorf("ranked on %d sheets", len(sums))
	}
	slices.Sort(sums)
	for _, total := range sums[1 : len(sums)-1] {
		m.sum, m.of = m.sum+total, m.of+1
	}
	return m, nil
}

// awarded: candidates stand in the order of their scores, it is nobody's turn
// while a better one is still in, and one of them gets the space or none.
func awarded(callID string, h told, candidates []string, cases map[string]told) (problems []string) {
	ranked := map[int]string{}
	completed, turns := 0, map[int]bool{}
	for _, caseID := range candidates {
		c := cases[caseID]
		last, turn, err := c.heard()
		if err != nil {
			return append(problems, err.Error())
		}
		took := c.closed && c.result.Status == approval.Completed
		if took {
			completed++
		}
		if !turn && (took || len(c.of("HoldSpace")) > 0) {
			problems = append(problems, caseID+" held the space and it was never its turn")
		}
		if h.closed && !turn && !c.closed {
			problems = append(problems, "is over and "+caseID+" still waits")
		}
		if last.Place.Rank == 0 {
			continue
		}
		if ranked[last.Place.Rank] != "" {
			problems = append(problems, fmt.Sprintf("%s and %s share rank %d", caseID, ranked[last.Place.Rank], last.Place.Rank))
		}
		ranked[last.Place.Rank], turns[last.Place.Rank] = caseID, turn
	}
	problems = append(problems, inOrder(ranked, turns, cases)...)
	switch status := h.result.Status; {
	case completed > 1, h.closed && status == approval.Completed && completed != 1, h.closed && status == approval.Lapsed && completed != 0:
		problems = append(problems, fmt.Sprintf("ended %q, and %d candidates took the space over", status, completed))
	}
	return problems
}

func inOrder(ranked map[int]string, turns map[int]bool, cases map[string]told) (problems []string) {
	means := map[int]mean{}
	for rank, caseID := range ranked {
		m, err := cases[caseID].scored()
		if err != nil {
			problems = append(problems, caseID+": "+err.Error())
		}
		means[rank] = m
	}
	for rank, caseID := range ranked {
		for better, other := range ranked {
			if better >= rank {
				continue
			}
			if means[better].sum*means[rank].of < means[rank].sum*means[better].of {
				problems = append(problems, fmt.Sprintf("%s ranks %d with %v, %s %d with %v", other, better, means[better], caseID, rank, means[rank]))
			}
			if o := cases[other]; turns[rank] && (!o.closed || o.result.Status == approval.Completed) {
				problems = append(problems, fmt.Sprintf("it is the turn of %s, rank %d, while %s, rank %d, is %q", caseID, rank, other, better, o.result.Status))
			}
		}
	}
	return problems
}
