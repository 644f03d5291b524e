package chaos_test

import (
	"context"
	"fmt"
	"slices"

	"linli/approval"
)

// settled waits until nobody is owed an answer, no money is on its way and no
// case has anything under way.
func (g *game) settled(ctx context.Context) {
	s := g.s
	s.t.Helper()
	s.until(ctx, "the system has come to rest", func(ctx context.Context) error {
		for what, sql := range map[string]string{
			"pending operations": `SELECT count(*) AS n FROM operations WHERE status = 'pending'`,
			"payments under way": `SELECT count(*) AS n FROM reservations WHERE status = 'in_transit'`,
		} {
			if n, err := s.number(ctx, sql); err != nil || n > 0 {
				return fmt.Errorf("%d %s, %w", n, what, err)
			}
		}
		cases, err := query[caseRow](ctx, s, `SELECT id, status FROM cases`)
		if err != nil {
			return err
		}
		for _, c := range cases {
			if err := s.resting(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// check holds what people were told, the histories, the copy, the ledger and
// the bank's book against each other and returns everything that is wrong.
func (g *game) check(ctx context.Context) (problems []string) {
	deeds, _ := g.oracle.snapshot()
	cases, problems := g.histories(ctx)
	problems = append(problems, g.oracle.errors...)
	for caseID, h := range cases {
		for _, problem := range slices.Concat(g.copied(ctx, caseID, h), g.here(ctx, caseID, h), ballots(h), separate(h), apart(h), h.replays(g.s)) {
			problems = append(problems, caseID+": "+problem)
		}
	}
	problems = append(problems, remembered(deeds, cases)...)
	problems = append(problems, g.money(ctx, cases)...)
	return append(problems, g.patiently(ctx)...)
}

// histories reads every case's, and those of cases that they have started and
// nobody has taken up yet.
func (g *game) histories(ctx context.Context) (cases map[string]told, problems []string) {
	_, known := g.oracle.snapshot()
	cases = map[string]told{}
	for queue := slices.Clone(known); len(queue) > 0; queue = queue[1:] {
		caseID := queue[0]
		if _, read := cases[caseID]; read {
			continue
		}
		h, err := g.s.history(ctx, caseID)
		if err != nil {
			problems = append(problems, fmt.Sprintf("history of %s: %v", caseID, err))
			continue
		}
		cases[caseID] = h
		queue = append(queue, h.children...)
	}
	return cases, problems
}

// patiently holds what many cases share against all their histories. A
// difference is looked at again with fresh ones: the clock may have moved a case
// meanwhile, and a word from one case to another is nobody's for a moment.
func (g *game) patiently(ctx context.Context) (problems []string) {
	for range 8 {
		cases, unread := g.histories(ctx)
		problems = slices.Concat(unread, g.spaces(ctx, cases), g.signatures(ctx, cases), g.engagements(ctx, cases), g.calls(ctx, cases),
			g.shares(ctx, cases), g.opened(ctx, cases))
		if len(problems) == 0 {
			return nil
		}
		g.settled(ctx)
	}
	return problems
}

// opened: there is no case but those somebody opened and the engagements that
// follow from them.
func (g *game) opened(ctx context.Context, cases map[string]told) (problems []string) {
	rows, err := query[caseRow](ctx, g.s, `SELECT id, status FROM cases ORDER BY id`)
	if err != nil {
		return []string{"reading cases: " + err.Error()}
	}
	for _, row := range rows {
		if _, known := cases[row.ID]; !known {
			problems = append(problems, fmt.Sprintf("nobody opened case %s, which is %s", row.ID, row.Status))
		}
	}
	return problems
}

// reached tells how far the cases came: a round that reaches nothing shows
// nothing.
func (s *system) reached(ctx context.Context) string {
	s.t.Helper()
	type counted struct{ Paid, Ended, Notices, Superseded, Held, Taken, Freed, Engaged, Shares int64 }
	found, err := query[counted](ctx, s, `
		SELECT (SELECT count(*) FROM reservations WHERE status = 'paid') AS paid, (SELECT count(*) FROM cases WHERE status <> 'running') AS ended,
		       (SELECT count(*) FROM notices) AS notices, (SELECT count(*) FROM case_event_superseded) AS superseded,
		       (SELECT count(*) FROM space_allocations) AS held, (SELECT count(*) FROM case_events WHERE kind = 'space_taken') AS taken,
		       (SELECT count(*) FROM space_allocations WHERE status = 'released') AS freed,
		       (SELECT count(*) FROM engagements) AS engaged, (SELECT count(*) FROM share_incomes) AS shares`)
	s.must("counting", err)
	n := found[0]
	for what, reached := range map[string]int64{"was paid": n.Paid, "found a space taken": n.Taken, "gave a space back": n.Freed, "was admitted": n.Engaged, "paid a share": n.Shares} {
		if reached == 0 {
			s.t.Errorf("nobody %s, so nothing was shown about it", what)
		}
	}
	return fmt.Sprintf("%d paid, %d ended, %d notices, %d steps superseded, %d spaces held, %d found taken, %d given back, %d engagements, %d shares",
		n.Paid, n.Ended, n.Notices, n.Superseded, n.Held, n.Taken, n.Freed, n.Engaged, n.Shares)
}

// remembered: an accepted act is in the history once, with its receipt; a
// refused one never took effect; nobody acted whom the oracle does not know
// (I6, I7).
func remembered(deeds map[string]*deed, cases map[string]told) (problems []string) {
	for _, d := range deeds {
		o := cases[d.caseID].acts[d.id]
		switch {
		case !d.answered:
			problems = append(problems, fmt.Sprintf("%s was never answered", d.id))
		case d.receipt != nil && (o == nil || o.receipt == nil):
			problems = append(problems, fmt.Sprintf("%s was accepted as step %d and is not in the history", d.id, d.receipt.Seq))
		case d.receipt != nil && (*o.receipt).Seq != d.receipt.Seq:
			problems = append(problems, fmt.Sprintf("%s was told step %d, the history says %d", d.id, d.receipt.Seq, o.receipt.Seq))
		case d.receipt == nil && o != nil && o.receipt != nil:
			problems = append(problems, fmt.Sprintf("%s was refused (%s) and took effect as step %d", d.id, d.refusal, o.receipt.Seq))
		}
	}
	for caseID, h := range cases {
		for id, o := range h.acts {
			d := deeds[id]
			switch {
			case d == nil && o.act.Action != approval.Object:
				problems = append(problems, fmt.Sprintf("%s: nobody did %s", caseID, id))
			case d != nil && (d.person != o.act.Person.ID || d.task != o.act.TaskID || d.action != o.act.Action):
				problems = append(problems, fmt.Sprintf("%s: %s is not what was asked for", caseID, id))
			}
			if !o.decided {
				problems = append(problems, fmt.Sprintf("%s: %s was accepted and never decided", caseID, id))
			}
		}
	}
	return problems
}

// copied: the steps of the copy are the acts of the history, each under its
// number; what was superseded is explained by a step that counts.
func (g *game) copied(ctx context.Context, caseID string, h told) (problems []string) {
	counting, all, err := g.s.counting(ctx, caseID)
	if err != nil {
		return []string{"copy: " + err.Error()}
	}
	taken := h.taken()
	for seq, o := range taken {
		if r := counting[seq]; r.Key != o.act.ID {
			problems = append(problems, fmt.Sprintf("step %d is %q in the copy, act %s in the history", seq, r.Key, o.act.ID))
		}
	}
	for seq, r := range counting {
		record, err := r.record()
		if err != nil {
			return append(problems, err.Error())
		}
		switch o := taken[seq]; {
		case record.Act != nil && o == nil:
			problems = append(problems, fmt.Sprintf("step %d records act %s, which the history does not know", seq, r.Key))
		case record.Act != nil && record.Act.BodyHash() != o.act.BodyHash():
			problems = append(problems, fmt.Sprintf("step %d records another act than the history under %s", seq, r.Key))
		case o != nil && !record.At.Equal(o.receipt.At):
			problems = append(problems, fmt.Sprintf("step %d, %s, is dated %s in the copy and %s in the history", seq, r.Key, record.At, o.receipt.At))
		}
	}
	for _, r := range all {
		if _, explained := counting[r.Seq]; r.Superseded && !explained {
			problems = append(problems, fmt.Sprintf("step %d, attempt %d, is superseded by nothing", r.Seq, r.Attempt))
		}
	}
	if h.closed && h.result.Steps != len(counting) {
		problems = append(problems, fmt.Sprintf("the history has %d steps, the copy %d", h.result.Steps, len(counting)))
	}
	return problems
}

// here: where the case itself stands is where the copy says it stands. The
// clock may ring in between, so a difference is looked at again.
func (g *game) here(ctx context.Context, caseID string, h told) []string {
	var problem string
	for range 20 {
		if problem = g.stands(ctx, caseID, h); problem == "" {
			return nil
		}
		if h.closed {
			break
		}
	}
	return []string{problem}
}

func (g *game) stands(ctx context.Context, caseID string, h told) string {
	type state struct{ Stage, Status string }
	found, err := query[state](ctx, g.s, `SELECT stage, status FROM cases WHERE id = $1`, caseID)
	if err != nil || len(found) != 1 {
		return fmt.Sprintf("the copy has %d rows, %v", len(found), err)
	}
	type seat struct{ ID, Reminded string }
	open, err := query[seat](ctx, g.s, `SELECT id, '' AS reminded FROM tasks WHERE case_id = $1 AND status = 'open' AND kind <> 'standing' ORDER BY id`, caseID)
	if err != nil {
		return err.Error()
	}
	if h.closed {
		if found[0].Status != string(h.result.Status) || len(open) > 0 {
			return fmt.Sprintf("ended %s; the copy says %s with %d open tasks", h.result.Status, found[0].Status, len(open))
		}
		return ""
	}
	waiting, err := g.s.waiting(ctx, caseID)
	if err != nil {
		return err.Error()
	}
	var waits, copied []string
	for _, w := range waiting.For {
		waits = append(waits, w.TaskID)
	}
	for _, task := range open {
		copied = append(copied, task.ID)
	}
	slices.Sort(waits)
	if found[0].Stage != string(waiting.Stage) || found[0].Status != string(waiting.Status) || !slices.Equal(waits, copied) {
		return fmt.Sprintf("stands at %s %s waiting for %v; the copy says %s %s waiting for %v",
			waiting.Stage, waiting.Status, waits, found[0].Stage, found[0].Status, copied)
	}
	return ""
}
