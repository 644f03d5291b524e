package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"linli/approval"
)

// play is one case as its people see it, whatever its procedure.
type play struct {
	*game
	*town
	plot
	n      int
	dice   *rand.Rand
	caseID string
	step   int
	tried  map[string]bool // tasks somebody has acted on
	over   bool            // nothing more comes of it
}

// plot is what the people of one procedure do.
type plot interface {
	begin(ctx context.Context)                                            // files the case, or waits with it
	reader() *person                                                      // who looks what is to be done
	beside(ctx context.Context, tasks []approval.TaskView) (moved bool)   // what nobody was asked for
	choose(ctx context.Context, task approval.TaskView) (string, deedOf)  // who acts on a task and how; nobody ever with nil, not yet with a body
	heard(task approval.TaskView, d *deed)                                // what became of it
	ended(ctx context.Context, status approval.CaseStatus) (finally bool) // the case has; false when it goes on in another
}

// deedOf is the body of an act.
type deedOf map[string]any

func say(action approval.Action) deedOf { return deedOf{"action": action, "comment": "演练"} }

// with adds what the act carries beside the word itself.
func (d deedOf) with(details map[string]any) deedOf {
	d["form"] = map[string]any{"details": details}
	return d
}

// on plays the case to its end; false when the round is over before.
func (p *play) on(ctx context.Context, done <-chan struct{}) (ended bool) {
	for idle := 0; ; {
		switch {
		case p.over:
			return true
		case p.caseID == "":
			p.begin(ctx)
		case p.move(ctx):
			idle = -1
		}
		idle++
		select {
		case <-done:
			return false
		case <-ctx.Done():
			return false
		case <-time.After(time.Duration(20+min(idle, 10)*60) * time.Millisecond):
		}
		if idle > 8 && p.dice.IntN(3) == 0 {
			p.leave(p) // it waits for the clock: somebody else takes it up later
			return true
		}
	}
}

// move lets one person do one thing in the case; false while it waits for the
// clock, the bank or the system.
func (p *play) move(ctx context.Context) (moved bool) {
	var tasks struct{ Items []approval.TaskView }
	if ok, err := p.reader().read(ctx, "/v1/cases/"+p.caseID+"/tasks", &tasks); err != nil || !ok || len(tasks.Items) == 0 {
		return false // the copy does not know the case yet
	}
	if status := tasks.Items[0].Case.Status; status != approval.Running {
		p.over = p.ended(ctx, status)
		return p.over
	}
	p.readNotice(ctx, tasks.Items)
	if p.beside(ctx, tasks.Items) {
		return true
	}
	var open []approval.TaskView
	for _, task := range tasks.Items {
		if task.Status == approval.TaskOpen && task.Kind != approval.Standing && !p.tried[task.ID] {
			open = append(open, task)
		}
	}
	if len(open) == 0 {
		return false
	}
	p.decide(ctx, open[p.dice.IntN(len(open))])
	return true
}

// decide acts on a task as whoever it waits for.
func (p *play) decide(ctx context.Context, task approval.TaskView) {
	name, body := p.choose(ctx, task)
	if name == "" {
		p.tried[task.ID] = body == nil
		return
	}
	body["content_hash"] = task.ContentHash
	d := p.act(ctx, name, task.ID, body, false)
	p.tried[task.ID] = d.answered
	p.heard(task, d)
}

func (p *play) key(what string) string {
	p.step++
	return fmt.Sprintf("chaos-%d-%d-%d-%s", p.seed, p.n, p.step, what)
}

// upload brings papers of these kinds but for those that are there; each serves
// one case.
func (p *play) upload(ctx context.Context, who *person, papers *[]map[string]string, kinds ...string) error {
	for _, kind := range kinds[len(*papers):] {
		id, err := who.upload(ctx, p.scope, fmt.Sprintf("chaos-%d-%d-%s", p.seed, p.n, kind))
		if err != nil {
			return err
		}
		*papers = append(*papers, map[string]string{"id": id, "kind": kind})
	}
	return nil
}

// file opens the case; refused is the code if nobody will ever open it.
func (p *play) file(ctx context.Context, who *person, path string, body any) (refused approval.Error) {
	got := p.twice(ctx, who, path, p.key("open"), body)
	var opened struct {
		CaseID string `json:"case_id"`
	}
	if !got.accepted() || json.Unmarshal(got.body, &opened) != nil {
		if got.settled() {
			p.over = true
			return got.problem
		}
		return refused
	}
	p.caseID = opened.CaseID
	p.oracle.opened(p.caseID)
	return refused
}

// twice sends a request until there is an answer, now and then from two
// windows at once, now and then again afterwards: the answers must be one.
func (p *play) twice(ctx context.Context, who *person, path, key string, body any) answer {
	var other sync.WaitGroup
	if p.dice.IntN(8) == 0 {
		other.Go(func() { who.send(ctx, "POST", path, key, body) })
	}
	got, err := who.insist(ctx, "POST", path, key, body)
	other.Wait()
	if err != nil {
		p.oracle.wrong(err.Error())
		return got
	}
	if p.dice.IntN(5) == 0 {
		again, err := who.insist(ctx, "POST", path, key, body)
		if err == nil && (again.status/100 != got.status/100 || got.accepted() && !bytes.Equal(again.body, got.body)) {
			p.oracle.wrong(fmt.Sprintf("%s under %s was answered %s and then %s", path, key, got, again))
		}
	}
	return got
}

// act is one act by one person; what the actor is told is remembered.
func (p *play) act(ctx context.Context, name, task string, body deedOf, unlawful bool) *deed {
	who, key := p.people[name], p.key("act")
	action, _ := body["action"].(approval.Action)
	d := &deed{id: who.id + "/" + key, caseID: p.caseID, task: task, action: action, person: who.id, unlawful: unlawful}
	p.oracle.intends(d)
	got := p.twice(ctx, who, "/v1/tasks/"+task+"/acts", key, body)
	switch {
	case got.accepted():
		var receipt approval.Receipt
		if err := json.Unmarshal(got.body, &receipt); err != nil {
			p.oracle.wrong(fmt.Sprintf("%s was answered %s", d.id, got))
			return d
		}
		p.oracle.hears(d, &receipt, "")
		if unlawful {
			p.oracle.wrong(fmt.Sprintf("%s was let through: %s on %s by %s", d.id, action, task, name))
		}
	case got.settled():
		p.oracle.hears(d, nil, got.problem.Code)
	}
	return d
}

// draw picks an action by its share of a hundred.
func (p *play) draw(choices ...any) approval.Action {
	dice := p.dice.IntN(100)
	for i := 0; i < len(choices); i += 2 {
		if dice -= choices[i+1].(int); dice < 0 {
			return choices[i].(approval.Action)
		}
	}
	return choices[0].(approval.Action)
}

// withdraw takes the case back from its desk.
func (p *play) withdraw(ctx context.Context, name, seat string) *deed {
	return p.act(ctx, name, approval.TaskID(p.caseID, approval.CaseDesk, 1, seat), say(approval.Withdraw), false)
}

// stranger tries what nobody of another community may: act, and read.
func (p *play) stranger(ctx context.Context, name string, task approval.TaskView) {
	if p.dice.IntN(2) == 0 {
		approve := say(approval.Approve)
		approve["content_hash"] = task.ContentHash
		p.act(ctx, name, task.ID, approve, true)
		return
	}
	var view json.RawMessage
	if ok, err := p.people[name].read(ctx, "/v1/cases/"+p.caseID, &view); ok || err != nil {
		p.oracle.wrong(fmt.Sprintf("case %s was read by %s: %s %v", p.caseID, name, view, err))
	}
}

// readNotice looks at the case's latest notice as anybody may, and objects to
// it now and then.
func (p *play) readNotice(ctx context.Context, tasks []approval.TaskView) {
	for _, task := range tasks {
		if task.Seat != approval.SeatPublic || task.Status != approval.TaskOpen {
			continue
		}
		notice := fmt.Sprintf("%s-n%d", p.caseID, task.Round)
		p.watch(ctx, notice)
		if p.dice.IntN(40) == 0 {
			body := map[string]any{"text": "演练异议", "contact": "示例"}
			if _, err := p.people["zc-handler"].insist(ctx, "POST", "/v1/public/notices/"+notice+"/objections", p.key("object"), body); err != nil {
				p.oracle.wrong(err.Error())
			}
		}
	}
}
