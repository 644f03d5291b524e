package two

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"linli/approval"
	"linli/approval/funduse"
	"linli/standalone/e2e/stack"
	"linli/standalone/process"
)

const (
	cases     = 20
	atOnce    = 5
	amount    = approval.Fen(60_000)
	wholeGame = 5 * time.Minute
)

// TestMain removes what the stack keeps for all tests of the process.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := stack.Forget(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// way is how a case goes from its proposal to its payment.
var way = []deed{
	{as: "zd-m1", stage: funduse.Committee, seat: "@zd-m1", do: approval.Approve},
	{as: "zd-m2", stage: funduse.Committee, seat: "@zd-m2", do: approval.Approve},
	{as: "zb-officer1", stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve, note: "材料齐全"},
	{as: "zb-cashier", stage: funduse.Payout, seat: funduse.SeatMaker, do: approval.Approve},
	{as: "zb-checker", stage: funduse.Payout, seat: funduse.SeatChecker, do: approval.Approve},
}

// TestOneOfEachIsKilled plays cases through two APIs and two workers and kills
// one of each while acts are on their way.
func TestOneOfEachIsKilled(t *testing.T) {
	w := open(t)
	before := w.balance()
	ctx, cancel := context.WithTimeout(t.Context(), wholeGame)
	defer cancel()

	victims := make(chan struct{})
	go func() {
		defer close(victims)
		w.killAt(ctx, int64(cases*len(way))/4, w.workers[1])
		w.killAt(ctx, int64(cases*len(way))/2, w.apis[1])
	}()
	caseIDs := make([]string, cases)
	players, playing := errgroup.WithContext(ctx)
	players.SetLimit(atOnce)
	for i := range cases {
		players.Go(func() (err error) {
			caseIDs[i], err = w.play(playing, i)
			return err
		})
	}
	if err := players.Wait(); err != nil {
		t.Fatal(err)
	}
	<-victims
	if !w.workers[1].Killed() || !w.apis[1].Killed() || w.broken.Load() == 0 {
		t.Fatalf("nobody noticed the deaths: %d requests got no answer", w.broken.Load())
	}
	t.Logf("%d acts sent, %d requests got no answer", w.sent.Load(), w.broken.Load())

	for _, caseID := range caseIDs {
		w.checkSteps(caseID)
		w.checkHistory(caseID)
	}
	w.checkMoney(caseIDs, before)
	for _, survivor := range []*process.Process{w.workers[0], w.apis[0]} {
		survivor.End(t)
	}
}

// killAt kills a process the moment an act has been sent that brings the count
// there; others are on their way then.
func (w *world) killAt(ctx context.Context, count int64, victim *process.Process) {
	for {
		select {
		case <-ctx.Done():
			return
		case sent := <-w.reached:
			if sent >= count {
				victim.Kill()
				return
			}
		}
	}
}

// play takes one case from its proposal to the notice of its payment.
func (w *world) play(ctx context.Context, number int) (string, error) {
	caseID, err := w.propose(ctx, number)
	if err != nil {
		return "", fmt.Errorf("proposing case %d: %w", number, err)
	}
	for _, each := range way {
		if err := w.act(ctx, caseID, each); err != nil {
			return caseID, fmt.Errorf("case %d: %w", number, err)
		}
	}
	return caseID, w.paid(ctx, caseID)
}

func (w *world) propose(ctx context.Context, number int) (string, error) {
	handler, err := w.as(ctx, "zd-handler")
	if err != nil {
		return "", err
	}
	papers := []map[string]string{}
	for _, kind := range []string{"application", "budget"} {
		id, err := handler.upload(ctx, w.scope, fmt.Sprintf("two-paper-%d-%s", number, kind))
		if err != nil {
			return "", err
		}
		papers = append(papers, map[string]string{"id": id, "kind": kind})
	}
	day := func(in int) string { return time.Now().In(approval.Shanghai).AddDate(0, 0, in).Format(time.DateOnly) }
	var opened struct {
		CaseID string `json:"case_id"`
	}
	err = handler.json(ctx, "POST", "/v1/fund-uses", fmt.Sprintf("two-case-%d", number), map[string]any{
		"title": fmt.Sprintf("公共座椅更新%d(示例)", number), "category": "event", "purpose": "示例事项，仅供测试。", "amount": amount,
		"lines":   []map[string]any{{"item": "示例支出", "amount": amount}},
		"fund_id": w.fund, "payee_id": w.payee, "needs": []string{"休息座椅"}, "beneficiaries": 80,
		"starts_on": day(5), "ends_on": day(30), "attachments": papers,
	}, &opened)
	return opened.CaseID, err
}

// paid waits until the case has been paid and stands at its notice.
func (w *world) paid(ctx context.Context, caseID string) error {
	officer, err := w.as(ctx, "zb-officer1")
	if err != nil {
		return err
	}
	for {
		var view approval.CaseView
		if err := officer.json(ctx, "GET", "/v1/cases/"+caseID, "", nil, &view); err != nil {
			return err
		}
		if view.Stage == funduse.NoticeAfter {
			return nil
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("case %s stands at %s: %w", caseID, view.Stage, err)
		}
	}
}
