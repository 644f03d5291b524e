package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"linli/approval"
	"linli/approval/funduse"
)

// move lets one person do one thing in the case. moved is false while the case
// waits for the clock, the bank or the system.
func (p *play) move(ctx context.Context) (ended, moved bool) {
	handler := p.people[p.town.key+"-handler"]
	var tasks struct{ Items []approval.TaskView }
	if ok, err := handler.read(ctx, "/v1/cases/"+p.caseID+"/tasks", &tasks); err != nil || !ok {
		return false, false // the copy does not know the case yet
	}
	if len(tasks.Items) > 0 && tasks.Items[0].Case.Status != approval.Running {
		return true, false
	}
	p.intrude(ctx, tasks.Items)
	p.readNotice(ctx, tasks.Items)
	var open []approval.TaskView
	for _, task := range tasks.Items {
		if task.Status == approval.TaskOpen && task.Kind != approval.Standing && !p.tried[task.ID] {
			open = append(open, task)
		}
	}
	if len(open) == 0 {
		return false, false
	}
	if p.dice.IntN(60) == 0 {
		p.withdraw(ctx)
		return false, true
	}
	p.decide(ctx, open[p.dice.IntN(len(open))])
	return false, true
}

// decide acts on a task as whoever it waits for.
func (p *play) decide(ctx context.Context, task approval.TaskView) {
	name, body := p.choose(task)
	if name == "" {
		p.tried[task.ID] = true
		return
	}
	body["content_hash"] = task.ContentHash
	d := p.act(ctx, name, task.ID, body, false)
	p.tried[task.ID] = d.answered
	if d.receipt != nil && task.Stage == funduse.Committee {
		p.voted = d
	}
}

// choose is who acts on the task and how.
func (p *play) choose(task approval.TaskView) (name string, body map[string]any) {
	say := func(action approval.Action) map[string]any {
		return map[string]any{"action": action, "comment": "演练"}
	}
	switch {
	case task.Stage == funduse.Correction:
		body = say(approval.Correct)
		body["form"] = map[string]any{"details": p.proposal()}
		return p.town.key + "-handler", body
	case task.Stage == funduse.Roster:
		return p.town.key + "-secretary", say(approval.Submit)
	case task.Stage == funduse.Committee:
		return p.names[task.Seat], say(p.draw(approval.Approve, 88, approval.Reject, 4, approval.Abstain, 4, approval.Recuse, 4))
	case task.Stage == funduse.Higher && task.Seat == "district":
		return p.town.key + "-district", say(p.draw(approval.Approve, 95, approval.Reject, 5))
	case task.Stage == funduse.Higher:
		return p.town.key + "-street", say(p.draw(approval.Approve, 95, approval.Reject, 5))
	case task.Stage == funduse.CharityReview:
		return p.officer(task), p.charity(say)
	case task.Seat == funduse.SeatMaker:
		return "zb-cashier", say(approval.Approve)
	case task.Seat == funduse.SeatChecker:
		return "zb-checker", say(p.draw(approval.Approve, 92, approval.Reject, 8))
	case strings.HasPrefix(task.Seat, "objection-"):
		return p.town.key + "-objections", say(p.draw(approval.Overrule, 60, approval.Uphold, 40))
	}
	return p.closing(task, say)
}

// closing is who acts once the money is out.
func (p *play) closing(task approval.TaskView, say func(approval.Action) map[string]any) (name string, body map[string]any) {
	details := func(fields map[string]any) map[string]any {
		body := say(approval.Submit)
		body["form"] = map[string]any{"details": fields}
		return body
	}
	reference := func() string { return fmt.Sprintf("CH-%d-%d-%d", p.seed, p.n, p.step) }
	switch {
	case strings.HasPrefix(task.Seat, "recovery-"):
		return "zb-officer1", details(map[string]any{"amount": 1000, "bank_reference": reference()})
	case task.Stage == funduse.Acceptance && task.Seat == funduse.SeatApplicant:
		p.unused = approval.Fen(p.dice.IntN(3) * 500)
		return p.town.key + "-handler", details(map[string]any{"attachments": p.papers[:1], "unused": p.unused})
	case task.Stage == funduse.Acceptance && task.Seat == funduse.SeatSupervisor:
		return p.town.key + "-supervisor", say(approval.Approve)
	case task.Seat == funduse.SeatRefund:
		return "zb-officer2", details(map[string]any{"amount": p.unused, "bank_reference": reference()})
	}
	return "", nil
}

func (p *play) officer(task approval.TaskView) string {
	if slices.Contains(task.Excluded, p.people["zb-officer1"].id) {
		return "zb-officer2"
	}
	return "zb-officer1"
}

func (p *play) charity(say func(approval.Action) map[string]any) map[string]any {
	body := say(p.draw(approval.Approve, 88, approval.Return, 4, approval.AskCorrection, 4, approval.Reject, 4))
	switch body["action"] {
	case approval.Return:
		body["form"] = map[string]any{"stage": funduse.Committee}
	case approval.AskCorrection:
		body["form"] = map[string]any{"items": []string{"预算明细"}}
	}
	return body
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

func (p *play) withdraw(ctx context.Context) {
	p.act(ctx, p.town.key+"-handler", approval.TaskID(p.caseID, approval.CaseDesk, 1, funduse.SeatApplicant),
		map[string]any{"action": approval.Withdraw, "comment": "演练"}, false)
}

// intrude tries, now and then, what nobody may: act without the role, vote
// twice, read what is another community's.
func (p *play) intrude(ctx context.Context, tasks []approval.TaskView) {
	if p.dice.IntN(12) > 0 {
		return
	}
	task := tasks[p.dice.IntN(len(tasks))]
	approve := map[string]any{"action": approval.Approve, "content_hash": task.ContentHash, "comment": "演练"}
	switch p.dice.IntN(4) {
	case 0:
		p.act(ctx, "zc-handler", task.ID, approve, true)
	case 1:
		p.act(ctx, p.town.key+"-handler", task.ID, approve, true) // the proposer approves nothing
	case 2:
		if p.voted != nil && p.voted.caseID == p.caseID {
			approve["action"] = approval.Reject
			p.act(ctx, p.names[p.voted.person], p.voted.task, approve, true)
		}
	case 3:
		var view json.RawMessage
		if ok, err := p.people["zc-handler"].read(ctx, "/v1/cases/"+p.caseID, &view); ok || err != nil {
			p.oracle.wrong(fmt.Sprintf("case %s was read from another community: %s %v", p.caseID, view, err))
		}
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

// watch remembers what a notice said first; notes and objections beside it may
// come later.
func (g *game) watch(ctx context.Context, notice string) {
	var view approval.NoticeView
	ok, err := g.people["zc-handler"].read(ctx, "/v1/public/notices/"+notice, &view)
	if err != nil || !ok {
		g.oracle.wrong(fmt.Sprintf("notice %s cannot be read: %v", notice, err))
		return
	}
	body, err := json.Marshal(view.Notice)
	if err != nil || !g.oracle.seen(notice, string(body)) {
		g.oracle.wrong(fmt.Sprintf("notice %s has changed to %s", notice, body))
	}
}
