package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// WholeActs is how many acts a whole case of seven people takes after it was
// opened: two ballots of a committee of three, the charity, cashier, checker,
// the closing report and its acceptance.
const WholeActs = 7

// NewLinli is the line of Linli itself. Its whole cases are fund uses from the
// proposal to closing. Its acts on open cases are copies sent (抄送): signed,
// recorded and told like any other act, with no further step of the procedure
// behind them, so that as many can be taken as of a bare Update.
func NewLinli(people *People, key, name string, acts int) *Line {
	return &Line{
		Key: key, Name: name,
		Open: func(ctx context.Context) (Case, error) {
			p, err := people.propose(ctx, people.towns)
			return &copies{proposed: p, acts: acts}, err
		},
		OpenWhole: func(ctx context.Context) (Case, error) {
			p, err := people.propose(ctx, people.swift)
			if err != nil {
				return nil, err
			}
			accepted, err := p.papers(ctx, "acceptance")
			return &whole{proposed: p, steps: p.way(accepted)}, err
		},
	}
}

// proposed is a case just opened.
type proposed struct {
	*People
	*town
	n      int64
	caseID string
}

// propose opens a case; towns and charity officers take turns.
func (p *People) propose(ctx context.Context, towns []*town) (proposed, error) {
	n := p.proposed.Add(1)
	c := proposed{People: p, town: towns[int(n)%len(towns)], n: n}
	day := func(in int) string { return time.Now().In(approval.Shanghai).AddDate(0, 0, in).Format(time.DateOnly) }
	var opened struct {
		CaseID string `json:"case_id"`
	}
	papers, err := c.papers(ctx, "application", "budget")
	if err != nil {
		return c, err
	}
	err = c.write(ctx, c.handler, "/v1/fund-uses", fmt.Sprintf("bench-case-%d-%d", p.run, n), map[string]any{
		"title": fmt.Sprintf("测速第%d件（示例）", n), "category": "event", "purpose": "示例事项，仅供测速。", "amount": 100,
		"lines":   []map[string]any{{"item": "示例支出", "amount": 100}},
		"fund_id": c.fund, "payee_id": c.payee, "needs": []string{"老年食堂"}, "beneficiaries": 60,
		"starts_on": day(5), "ends_on": day(30), "attachments": papers,
	}, &opened)
	c.caseID = opened.CaseID
	return c, err
}

// papers uploads what the case needs; a paper serves one case.
func (c *proposed) papers(ctx context.Context, kinds ...string) (papers []map[string]string, err error) {
	for _, kind := range kinds {
		id, err := c.handler.Upload(ctx, c.scope, fmt.Sprintf("bench-%d-%d-%s", c.run, c.n, kind), "示例材料 "+kind+"\n")
		if err != nil {
			return nil, err
		}
		papers = append(papers, map[string]string{"id": id, "kind": kind})
	}
	return papers, nil
}

// ID is the case's.
func (c *proposed) ID() string { return c.caseID }

// write sends until there is an answer: whoever hears that it is put off, or
// under way, asks again under the same key, as a page does.
func (p *People) write(ctx context.Context, who *person, path, key string, in, out any) error {
	for {
		status, err := who.Send(ctx, "POST", path, key, in, out)
		var refused *approval.Error
		underway := errors.As(err, &refused) && refused.Code == approval.Conflict && refused.Field == "Idempotency-Key"
		if status != http.StatusAccepted && status != http.StatusTooManyRequests && !underway {
			return err
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// act takes one act under a key of its own.
func (p *People) act(ctx context.Context, who *person, task string, body map[string]any) error {
	return p.write(ctx, who, "/v1/tasks/"+task+"/acts", fmt.Sprintf("bench-act-%d-%d", p.run, p.acted.Add(1)), body, nil)
}

// await looks, ever less often, until the task at the stage and seat is open.
func (c *proposed) await(ctx context.Context, who *person, stage approval.Stage, seat string) (approval.TaskView, error) {
	var tasks struct {
		Items []approval.TaskView `json:"items"`
	}
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		err := who.Read(ctx, "/v1/cases/"+c.caseID+"/tasks", &tasks)
		if code := approval.CodeOf(err); err != nil && code != approval.NotFound && code != approval.RateLimited {
			return approval.TaskView{}, err
		}
		for _, task := range tasks.Items {
			if task.Case.Status != approval.Running {
				return task, fmt.Errorf("waiting for %s at %s of case %s: it is %s", seat, stage, c.caseID, task.Case.Status)
			}
			if task.Stage == stage && task.Seat == seat && task.Status == approval.TaskOpen {
				return task, nil
			}
		}
		if err := sleep(ctx, pause); err != nil {
			return approval.TaskView{}, fmt.Errorf("waiting for %s at %s of case %s: %w", seat, stage, c.caseID, err)
		}
	}
}

// copies is a case at its committee of which copies are sent.
type copies struct {
	proposed
	acts, taken int
}

// Left is how many copies are still to be sent.
func (c *copies) Left() int { return c.acts - c.taken }

// Ready waits for the committee: then the procedure itself stands still.
func (c *copies) Ready(ctx context.Context) error {
	_, err := c.await(ctx, c.members[0], funduse.Committee, c.members[0].id)
	return err
}

// Act sends a copy.
func (c *copies) Act(ctx context.Context) error {
	c.taken++
	return c.act(ctx, c.handler, approval.TaskID(c.caseID, approval.CaseDesk, 1, funduse.SeatApplicant),
		map[string]any{"action": approval.Copy, "form": map[string]any{"to": []string{c.supervisor.id}}})
}

// step is one person's act on the way of a whole case.
type step struct {
	who    *person
	stage  approval.Stage
	seat   string
	do     approval.Action
	with   map[string]any
	clocks bool // the task opens when a notice is over
}

// way is what people do from the committee to the end.
func (c *proposed) way(accepted []map[string]string) []step {
	steps := []step{
		{who: c.members[0], stage: funduse.Committee, seat: c.members[0].id, do: approval.Approve},
		{who: c.members[1], stage: funduse.Committee, seat: c.members[1].id, do: approval.Approve},
		{who: c.charity[c.n%2], stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve},
		{who: c.cashier, stage: funduse.Payout, seat: funduse.SeatMaker, do: approval.Approve},
		{who: c.checker, stage: funduse.Payout, seat: funduse.SeatChecker, do: approval.Approve},
		{who: c.handler, stage: funduse.Acceptance, seat: funduse.SeatApplicant, do: approval.Submit, clocks: true,
			with: map[string]any{"unused": 0, "attachments": accepted}},
		{who: c.supervisor, stage: funduse.Acceptance, seat: funduse.SeatSupervisor, do: approval.Approve},
	}
	return steps
}

// noticeDays is the longest notice of the sample rules.
const noticeDays = 7

// whole is a fund use on its way.
type whole struct {
	proposed
	steps []step
	task  approval.TaskView
	ripe  time.Time // when the notice is surely over
}

// Left is how many acts the case still needs.
func (w *whole) Left() int { return len(w.steps) }

// Ready waits for the task of the next act; a notice is waited for elsewhere.
func (w *whole) Ready(ctx context.Context) (err error) {
	next := w.steps[0]
	if next.clocks && w.ripe.IsZero() {
		w.ripe = time.Now().Add(noticeDays * w.day)
		return &Later{At: w.ripe}
	}
	w.task, err = w.await(ctx, next.who, next.stage, next.seat)
	return err
}

// Act takes it.
func (w *whole) Act(ctx context.Context) error {
	next := w.steps[0]
	w.steps = w.steps[1:]
	body := map[string]any{"action": next.do, "content_hash": w.task.ContentHash, "comment": "同意（示例）"}
	if next.with != nil {
		body["form"] = map[string]any{"details": next.with}
	}
	return w.act(ctx, next.who, w.task.ID, body)
}
