package two

import (
	"maps"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"linli/approval"
	"linli/bank"
)

// counted is how often each task was acted on.
type counted map[string]int

// acknowledged is what the people of a case were told: one act per task.
func (w *world) acknowledged(caseID string) counted {
	w.t.Helper()
	acts := counted{}
	for _, receipt := range w.receipt[caseID] {
		acts[receipt.TaskID]++
	}
	if len(acts) != len(way) {
		w.t.Errorf("case %s: %d acts were acknowledged, want %d", caseID, len(acts), len(way))
	}
	return acts
}

// checkSteps: the readable copy holds every acknowledged act once, at the
// place in the sequence the receipt names, and no other act of a person. What
// a killed worker wrote and no history came to say stays, marked superseded.
func (w *world) checkSteps(caseID string) {
	w.t.Helper()
	var page struct {
		Items []approval.StepView `json:"items"`
	}
	w.read("/v1/cases/"+caseID+"/steps", &page)
	acted, bySeq := counted{}, map[int]approval.StepView{}
	standing := slices.DeleteFunc(page.Items, func(step approval.StepView) bool { return step.Superseded })
	for _, step := range standing {
		bySeq[step.Seq] = step
		if step.Kind == "acted" && step.TaskID != "" && step.Person != "" {
			acted[step.TaskID]++
		}
	}
	if len(bySeq) != len(standing) {
		w.t.Errorf("case %s: %d steps share %d numbers", caseID, len(standing), len(bySeq))
	}
	if want := w.acknowledged(caseID); !maps.Equal(acted, want) {
		w.t.Errorf("case %s: steps hold %v, acknowledged were %v", caseID, acted, want)
	}
	for _, receipt := range w.receipt[caseID] {
		if step := bySeq[receipt.Seq]; step.TaskID != receipt.TaskID || step.Action != receipt.Action {
			w.t.Errorf("case %s: the receipt says %+v, step %d is %+v", caseID, receipt, receipt.Seq, step)
		}
	}
}

// checkHistory: every acknowledged act was accepted and completed once.
func (w *world) checkHistory(caseID string) {
	w.t.Helper()
	accepted, task := counted{}, map[string]string{}
	completed := counted{}
	events := w.Temporal.GetWorkflowHistory(w.t.Context(), caseID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			w.t.Fatalf("reading the history of %s: %v", caseID, err)
		}
		if update := event.GetWorkflowExecutionUpdateAcceptedEventAttributes(); update != nil {
			var act approval.Act
			if err := converter.GetDefaultDataConverter().FromPayloads(update.GetAcceptedRequest().GetInput().GetArgs(), &act); err != nil {
				w.t.Fatalf("reading an act in the history of %s: %v", caseID, err)
			}
			accepted[act.TaskID]++
			task[update.GetAcceptedRequest().GetMeta().GetUpdateId()] = act.TaskID
		}
		if update := event.GetWorkflowExecutionUpdateCompletedEventAttributes(); update != nil {
			completed[task[update.GetMeta().GetUpdateId()]]++
		}
	}
	want := w.acknowledged(caseID)
	if !maps.Equal(accepted, want) || !maps.Equal(completed, want) {
		w.t.Errorf("case %s: the history accepted %v and completed %v, acknowledged were %v", caseID, accepted, completed, want)
	}
}

// balance is what the fund holds in all, fen.
func (w *world) balance() approval.Fen {
	w.t.Helper()
	var fund struct {
		Balance struct {
			Total, Reserved, Transit struct{ Amount approval.Fen }
		} `json:"balance"`
	}
	w.read("/v1/funds/"+w.fund, &fund)
	if held := fund.Balance.Reserved.Amount + fund.Balance.Transit.Amount; held != 0 {
		w.t.Errorf("%d fen are still held or under way", held)
	}
	return fund.Balance.Total.Amount
}

// checkMoney: each case was reserved, sent and settled once in the ledger and
// paid once by the bank, and the fund is poorer by exactly that.
func (w *world) checkMoney(caseIDs []string, before approval.Fen) {
	w.t.Helper()
	booked := map[string]counted{}
	for path := "/v1/funds/" + w.fund + "/entries?limit=100"; path != ""; {
		var page struct {
			Items []struct {
				Kind   string `json:"kind"`
				CaseID string `json:"case_id"`
			} `json:"items"`
			Next string `json:"next"`
		}
		w.read(path, &page)
		for _, entry := range page.Items {
			if booked[entry.CaseID] == nil {
				booked[entry.CaseID] = counted{}
			}
			booked[entry.CaseID][entry.Kind]++
		}
		if path = ""; page.Next != "" {
			path = "/v1/funds/" + w.fund + "/entries?limit=100&cursor=" + page.Next
		}
	}
	paid := counted{}
	for _, payment := range w.Book(w.t).Payments {
		if payment.Receipt.Status == bank.Succeeded && payment.Receipt.Amount == int64(amount) {
			paid[payment.CaseID]++
		}
	}
	once := counted{"reserve": 1, "send": 1, "settle": 1}
	for _, caseID := range caseIDs {
		if !maps.Equal(booked[caseID], once) || paid[caseID] != 1 {
			w.t.Errorf("case %s: the ledger holds %v, the bank paid %d times", caseID, booked[caseID], paid[caseID])
		}
	}
	if spent := before - w.balance(); spent != amount*approval.Fen(len(caseIDs)) || len(paid) != len(caseIDs) {
		w.t.Errorf("the fund is poorer by %d fen and the bank paid %d cases, want %d fen for %d", spent, len(paid), amount*approval.Fen(len(caseIDs)), len(caseIDs))
	}
}
