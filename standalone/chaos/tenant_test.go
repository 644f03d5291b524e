package chaos_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// tenant is how an operator runs a space: it reports its share, pays it, and
// sooner or later leaves.
type tenant struct {
	*play
	firm   firm
	profit approval.Fen
	given  bool // a share was received
	back   handing
}

func (t *tenant) reader() *person { return t.people[t.firm.agent] }

func (t *tenant) begin(context.Context) {} // the onboarding case began it

func (t *tenant) beside(ctx context.Context, tasks []approval.TaskView) bool {
	if t.dice.IntN(15) == 0 {
		t.stranger(ctx, "zc-handler", tasks[t.dice.IntN(len(tasks))])
	}
	if tasks[0].Case.Stage != engagement.Operating || !(t.given && t.dice.IntN(4) == 0 || t.dice.IntN(60) == 0) {
		return false
	}
	t.withdraw(ctx, t.firm.agent, engagement.SeatOperator)
	return true
}

func (t *tenant) choose(ctx context.Context, task approval.TaskView) (name string, body deedOf) {
	handler := t.town.key + "-handler"
	today := time.Now().In(approval.Shanghai).Format(time.DateOnly)
	switch {
	case strings.HasPrefix(task.Seat, "repair-"):
		return t.firm.agent, t.back.repaired()
	case task.Seat == string(onboarding.Giving):
		return t.firm.agent, t.back.confirm(t.dice, task.Seat)
	case task.Seat == string(onboarding.Receiving):
		return handler, t.back.confirm(t.dice, task.Seat)
	case task.Stage != engagement.Reporting:
		return "", nil
	case task.Seat == engagement.SeatOperator:
		return t.report(ctx, task)
	case task.Seat == engagement.SeatCommunity:
		return handler, say(t.draw(approval.Approve, 88, approval.Return, 12))
	case task.Seat == engagement.SeatPayment:
		return t.firm.agent, say(approval.Submit).with(map[string]any{"payment": map[string]any{"bank_reference": t.key("paid"), "paid_on": today}})
	case task.Seat == engagement.SeatCharity:
		return "zb-officer1", t.received(today)
	case strings.HasPrefix(task.Seat, engagement.SeatArrears):
		return t.town.key + "-street", say(approval.Approve)
	}
	return "", nil
}

// report declares the period the task is about.
func (t *tenant) report(ctx context.Context, task approval.TaskView) (string, deedOf) {
	var view struct {
		Periods []struct {
			Name string
			Turn int
		}
	}
	if ok, err := t.reader().read(ctx, "/v1/engagements/"+t.caseID, &view); err != nil || !ok {
		return "", deedOf{}
	}
	account, err := t.reader().upload(ctx, t.scope, t.key("accounts"))
	if err != nil {
		return "", deedOf{}
	}
	papers := []map[string]string{{"id": account, "kind": "accounts"}}
	t.profit = approval.Fen(10_000 + 10*t.dice.IntN(10_000))
	for _, period := range view.Periods {
		if period.Turn == task.Round {
			return t.firm.agent, say(approval.Submit).with(map[string]any{"report": map[string]any{
				"period": period.Name, "revenue": 3 * t.profit, "profit": t.profit, "share": t.profit * 30 / 100, "papers": papers,
			}})
		}
	}
	return "", deedOf{} // the copy does not show the period yet
}

// received states that the money is there; a receipt whose number was used
// before is refused by the ledger.
func (t *tenant) received(today string) deedOf {
	number := fmt.Sprintf("T%dN%dS%d", t.seed, t.n, t.step)
	if t.dice.IntN(4) == 0 {
		number = "CHzd" // of the income the fund began with
	}
	if t.dice.IntN(12) == 0 {
		return say(approval.Return)
	}
	return say(approval.Approve).with(map[string]any{"received": map[string]any{
		"received_on": today, "receipt": map[string]any{"item": "反哺（示例）", "issued_on": today, "code": "SAMPLE2026", "number": number},
	}})
}

func (t *tenant) heard(task approval.TaskView, d *deed) {
	if d.action == approval.Confirm {
		t.tried[task.ID] = false // item by item
		t.back.heard(task.Seat, d)
	}
	t.given = t.given || task.Seat == engagement.SeatCharity && d.receipt != nil && d.action == approval.Approve
}

func (t *tenant) ended(context.Context, approval.CaseStatus) bool { return true }
