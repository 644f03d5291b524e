package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// fundUse is how people use a community's fund.
type fundUse struct {
	*play
	papers []map[string]string
	voted  *deed // a ballot that was taken
	unused approval.Fen
	amount approval.Fen
}

func (f *fundUse) handler() string { return f.town.key + "-handler" }

func (f *fundUse) reader() *person { return f.people[f.handler()] }

func (f *fundUse) begin(ctx context.Context) {
	if f.upload(ctx, f.reader(), &f.papers, "application", "budget", "quotes") != nil {
		return // and again, as long as people play
	}
	if refused := f.file(ctx, f.reader(), "/v1/fund-uses", f.proposal()); refused.Code != "" {
		f.oracle.wrong(fmt.Sprintf("case %d could not be opened: %s at %s", f.n, refused.Code, refused.Field))
	}
}

func (f *fundUse) proposal() map[string]any {
	day := func(in int) string { return time.Now().In(approval.Shanghai).AddDate(0, 0, in).Format(time.DateOnly) }
	f.amount = approval.Fen(20_000 + 100*f.dice.IntN(600))
	if f.dice.IntN(5) == 0 {
		f.amount += 520_000 // the subdistrict is asked
	}
	return map[string]any{
		"title": fmt.Sprintf("混沌演练第%d件（示例）", f.n), "category": "event", "purpose": "社区活动，用于演练。",
		"amount": f.amount, "lines": []map[string]any{{"item": "物资", "amount": f.amount}}, "fund_id": f.fund, "payee_id": f.payee,
		"needs": []string{"老年食堂"}, "beneficiaries": 60, "starts_on": day(10), "ends_on": day(20), "attachments": f.papers,
	}
}

func (f *fundUse) ended(context.Context, approval.CaseStatus) bool { return true }

func (f *fundUse) heard(task approval.TaskView, d *deed) {
	if d.receipt != nil && task.Stage == funduse.Committee {
		f.voted = d
	}
}

// beside intrudes now and then, and withdraws the proposal once in a while.
func (f *fundUse) beside(ctx context.Context, tasks []approval.TaskView) bool {
	f.intrude(ctx, tasks)
	if f.dice.IntN(60) > 0 {
		return false
	}
	f.withdraw(ctx, f.handler(), funduse.SeatApplicant)
	return true
}

// choose is who acts on the task and how.
func (f *fundUse) choose(_ context.Context, task approval.TaskView) (name string, body deedOf) {
	switch {
	case task.Stage == funduse.Correction:
		return f.handler(), say(approval.Correct).with(f.proposal())
	case task.Stage == funduse.Roster:
		return f.town.key + "-secretary", say(approval.Submit)
	case task.Stage == funduse.Committee:
		return f.names[task.Seat], say(f.draw(approval.Approve, 88, approval.Reject, 4, approval.Abstain, 4, approval.Recuse, 4))
	case task.Stage == funduse.Higher && task.Seat == "district":
		return f.town.key + "-district", say(f.draw(approval.Approve, 95, approval.Reject, 5))
	case task.Stage == funduse.Higher:
		return f.town.key + "-street", say(f.draw(approval.Approve, 95, approval.Reject, 5))
	case task.Stage == funduse.CharityReview:
		return f.officer(task), f.charity()
	case task.Seat == funduse.SeatMaker:
		return "zb-cashier", say(approval.Approve)
	case task.Seat == funduse.SeatChecker:
		return "zb-checker", say(f.draw(approval.Approve, 92, approval.Reject, 8))
	case strings.HasPrefix(task.Seat, "objection-"):
		return f.town.key + "-objections", say(f.draw(approval.Overrule, 60, approval.Uphold, 40))
	}
	return f.closing(task)
}

// closing is who acts once the money is out.
func (f *fundUse) closing(task approval.TaskView) (name string, body deedOf) {
	reference := func() string { return fmt.Sprintf("CH-%d-%d-%d", f.seed, f.n, f.step) }
	switch {
	case strings.HasPrefix(task.Seat, "recovery-"):
		return "zb-officer1", say(approval.Submit).with(map[string]any{"amount": 1000, "bank_reference": reference()})
	case task.Stage == funduse.Acceptance && task.Seat == funduse.SeatApplicant:
		f.unused = approval.Fen(f.dice.IntN(3) * 500)
		return f.handler(), say(approval.Submit).with(map[string]any{"attachments": f.papers[:1], "unused": f.unused})
	case task.Stage == funduse.Acceptance && task.Seat == funduse.SeatSupervisor:
		return f.town.key + "-supervisor", say(approval.Approve)
	case task.Seat == funduse.SeatRefund:
		return "zb-officer2", say(approval.Submit).with(map[string]any{"amount": f.unused, "bank_reference": reference()})
	}
	return "", nil
}

func (f *fundUse) officer(task approval.TaskView) string {
	if slices.Contains(task.Excluded, f.people["zb-officer1"].id) {
		return "zb-officer2"
	}
	return "zb-officer1"
}

func (f *fundUse) charity() deedOf {
	body := say(f.draw(approval.Approve, 88, approval.Return, 4, approval.AskCorrection, 4, approval.Reject, 4))
	switch body["action"] {
	case approval.Return:
		body["form"] = map[string]any{"stage": funduse.Committee}
	case approval.AskCorrection:
		body["form"] = map[string]any{"items": []string{"预算明细"}}
	}
	return body
}

// intrude tries, now and then, what nobody may: act without the role, vote
// twice, read what is another community's.
func (f *fundUse) intrude(ctx context.Context, tasks []approval.TaskView) {
	if f.dice.IntN(12) > 0 {
		return
	}
	task := tasks[f.dice.IntN(len(tasks))]
	body := say(approval.Approve)
	body["content_hash"] = task.ContentHash
	switch f.dice.IntN(4) {
	case 0:
		f.act(ctx, f.handler(), task.ID, body, true) // the proposer approves nothing
	case 1:
		if f.voted != nil {
			body["action"] = approval.Reject
			f.act(ctx, f.names[f.voted.person], f.voted.task, body, true)
		}
	default:
		f.stranger(ctx, "zc-handler", task)
	}
}
