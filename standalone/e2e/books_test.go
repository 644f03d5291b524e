package e2e

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
	"linli/internal/replay"
	"linli/standalone/e2e/stack"
	"linli/workflows"
)

// balance is what the API says a fund holds, fen.
type balance struct {
	Total, Available, Earmarked, Reserved, Transit struct{ Amount approval.Fen }
}

type fundRow struct {
	ID      string         `json:"id"`
	Scope   approval.Scope `json:"scope"`
	Name    string         `json:"name"`
	Balance balance        `json:"balance"`
}

type entry struct {
	Number int64  `json:"number"`
	Kind   string `json:"kind"`
	CaseID string `json:"case_id"`
	Lines  []struct {
		Account string       `json:"account"`
		Amount  approval.Fen `json:"amount"`
	} `json:"lines"`
}

func (w *world) balance(at string) balance {
	w.t.Helper()
	return read[fundRow](w, "zb-officer1", "/v1/funds/"+w.places[at].fund).Balance
}

func (w *world) entries(at string) []entry {
	w.t.Helper()
	return all[entry](w, "zb-officer1", "/v1/funds/"+w.places[at].fund+"/entries?")
}

// spending is what a case has moved, as one source tells it, fen.
type spending struct {
	paid approval.Fen
	back approval.Fen // refunded by the payee
	ref  string       // the bank's reference
}

// agree asks ledger, bank, notice and history what an ended case paid and got
// back; each must say want.
func (w *world) agree(at, caseID string, want spending) {
	w.t.Helper()
	written := w.historySays(caseID) // waits until the run has closed: a case gives back what it holds after its last step
	booked := w.bankSays(caseID)
	if want.ref == "" {
		want.ref = booked.ref
	}
	check := func(source string, got spending) {
		w.t.Helper()
		if got.paid != want.paid || got.back != want.back || (got.ref != "" && got.ref != want.ref) {
			w.t.Errorf("%s says %+v, want %+v", source, got, want)
		}
	}
	booked.back = want.back // what comes back reaches the charity by a transfer the bank's book does not hold
	if w.Config.Gateway == funduse.HTTP {
		check("the bank", booked)
	}
	check("the ledger", w.ledgerSays(at, caseID))
	if want.paid > 0 {
		check("the notice", w.noticeSays(caseID))
	}
	check("the history", written)
}

// ledgerSays adds up a case's entries; each must be balanced, and nothing of
// the case may still be held or under way.
func (w *world) ledgerSays(at, caseID string) (said spending) {
	w.t.Helper()
	var held, underway approval.Fen
	for _, e := range w.entries(at) {
		var sum, in approval.Fen
		for _, line := range e.Lines {
			sum += line.Amount
			in += max(line.Amount, 0)
		}
		if sum != 0 {
			w.t.Errorf("entry %d (%s) adds up to %d fen", e.Number, e.Kind, sum)
		}
		if e.CaseID != caseID {
			continue
		}
		switch e.Kind {
		case "reserve":
			held += in
		case "release":
			held -= in
		case "send":
			held, underway = held-in, underway+in
		case "return":
			held, underway = held+in, underway-in
		case "settle":
			underway, said.paid = underway-in, said.paid+in
		case "refund", "recovery":
			said.back += in
		}
	}
	if ended := w.view(caseID).Status != approval.Running; ended && held != 0 || underway != 0 {
		w.t.Errorf("case %s still holds %d fen and has %d under way", caseID, held, underway)
	}
	return said
}

// bankSays reads the bank's book: one case is paid at most once.
func (w *world) bankSays(caseID string) (said spending) {
	w.t.Helper()
	paid := 0
	for _, payment := range w.Book(w.t).Payments {
		if payment.CaseID == caseID && payment.Receipt.Status == bank.Succeeded {
			paid++
			said.paid, said.ref = said.paid+approval.Fen(payment.Receipt.Amount), payment.Receipt.BankReference
		}
	}
	if paid > 1 {
		w.t.Errorf("the bank has paid case %s %d times", caseID, paid)
	}
	return said
}

// noticeSays reads what the public reads.
func (w *world) noticeSays(caseID string) (said spending) {
	w.t.Helper()
	for _, notice := range w.notices(caseID) {
		if notice.Payment != nil {
			said.paid, said.ref = notice.Payment.Amount, notice.Payment.BankReference
		}
		for _, note := range notice.Notes {
			switch note.Kind {
			case "payment":
				words := w.told(note.Text, `已拨付([0-9,.]+)元,银行流水号(.+)。`)
				said.paid, said.ref = w.fen(words[1]), words[2]
			case "closing":
				said.back = w.fen(w.told(note.Text, `退回([0-9,.]+)元`)[1])
			}
		}
	}
	return said
}

// told finds what a note says.
func (w *world) told(text, pattern string) []string {
	w.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		w.t.Fatalf("a note says %q, want %s", text, pattern)
	}
	return found
}

// fen reads yuan as notes write them, with two decimals.
func (w *world) fen(yuan string) approval.Fen {
	w.t.Helper()
	amount, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "").Replace(yuan), 10, 64)
	if err != nil {
		w.t.Fatalf("a note says %q yuan: %v", yuan, err)
	}
	return approval.Fen(amount)
}

func (w *world) notices(caseID string) (found []approval.NoticeView) {
	w.t.Helper()
	var page struct {
		Items []approval.NoticeView `json:"items"`
	}
	got, err := nobody(w.URL).send(w.t.Context(), "GET", "/v1/public/notices?limit=100", "", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	got.into(w.t, &page)
	for _, notice := range page.Items {
		if notice.CaseID == caseID {
			found = append(found, notice)
		}
	}
	return found
}

// history waits for the run to close and reads all of it.
func (w *world) history(caseID string) *historypb.History {
	w.t.Helper()
	var raw []byte
	stack.Until(w.t, "the run of "+caseID+" has closed", func() (bool, string) {
		var err error
		if raw, err = w.Engine.Export(w.t.Context(), caseID); err != nil {
			return false, err.Error()
		}
		return true, ""
	})
	history, err := workflows.ReadHistory(bytes.NewReader(raw))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := replay.Deep(history, w.Keys.Verifier); err != nil {
		w.t.Errorf("the history of %s does not replay: %v", caseID, err)
	}
	return history
}

// historySays reads the bank's receipts and the acts out of the history alone.
func (w *world) historySays(caseID string) (said spending) {
	w.t.Helper()
	paid := map[string]bank.Receipt{}
	var refunded approval.Fen // the last counts: one whose reference was refused is asked for again
	for _, event := range w.history(caseID).GetEvents() {
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			var receipt bank.Receipt
			err := converter.GetDefaultDataConverter().FromPayloads(event.GetActivityTaskCompletedEventAttributes().GetResult(), &receipt)
			if err == nil && receipt.Status == bank.Succeeded {
				paid[receipt.Key] = receipt
			}
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			act := w.actIn(event)
			switch seat, details := act.TaskID[strings.LastIndex(act.TaskID, ".")+1:], w.detailsOf(act); {
			case seat == funduse.SeatRefund:
				refunded = details.Amount
			case strings.HasPrefix(seat, "recovery-"):
				said.back += details.Amount
			case seat == funduse.SeatMaker && w.Config.Gateway == funduse.Manual:
				said.paid, said.ref = w.view(caseID).Amount, details.BankReference
			}
		}
	}
	if len(paid) > 1 {
		w.t.Errorf("the history of %s knows %d payments", caseID, len(paid))
	}
	for _, receipt := range paid {
		said.paid, said.ref = approval.Fen(receipt.Amount), receipt.BankReference
	}
	said.back += refunded
	return said
}

// actIn is the act an Update brought.
func (w *world) actIn(event *historypb.HistoryEvent) (act approval.Act) {
	w.t.Helper()
	args := event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetArgs()
	if err := converter.GetDefaultDataConverter().FromPayloads(args, &act); err != nil {
		w.t.Fatalf("reading an act in the history: %v", err)
	}
	return act
}

func (w *world) detailsOf(act approval.Act) (details funduse.Details) {
	w.t.Helper()
	if len(act.Form.Details) == 0 {
		return details
	}
	if err := json.Unmarshal(act.Form.Details, &details); err != nil {
		w.t.Fatal(err)
	}
	return details
}
