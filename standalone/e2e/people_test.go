package e2e

import (
	"bytes"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"linli/approval"
	"linli/approval/funduse"
	"linli/audit"
	"linli/internal/replay"
	"linli/standalone/e2e/stack"
	"linli/workflows"
)

// size bounds a history: a case must stay far from Temporal's limits (51,200
// events, 50 MiB), and a reader must be able to take it in.
type size struct{ events, bytes int64 }

var (
	plain   = size{events: 140, bytes: 60_000}  // a case that goes straight through
	winding = size{events: 280, bytes: 100_000} // one that takes every detour
)

// TestSevenPeople takes one case through every detour a case may take and
// still be paid: recusal, return, correction, a second vote, an objection,
// unused money. Ten people act.
func TestSevenPeople(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: 2 * time.Second})
	before := w.balance("zd")

	caseID := w.wind()
	w.agree("zd", caseID, spending{paid: 350_000, back: 50_000})
	after := w.balance("zd")
	if spent := before.Total.Amount - after.Total.Amount; spent != 300_000 || after.Reserved.Amount != 0 || after.Transit.Amount != 0 {
		t.Errorf("the fund went from %+v to %+v; want 300000 fen spent and nothing held", before, after)
	}
	if n := w.actors(caseID); n < 10 {
		t.Errorf("%d people acted, want 10", n)
	}
	w.checkNotice(caseID)
	w.checkSize(caseID, winding)
	w.checkArchive(caseID)
}

// wind takes a case of Zhangdian through every detour.
func (w *world) wind() string {
	w.t.Helper()
	p := w.draft("zd", 360_000, "application")
	caseID := w.propose("zd", p)
	w.act(caseID, deed{as: "zd-m2", stage: funduse.Committee, seat: "@zd-m2", do: approval.Recuse, comment: "承办方负责人是本人亲属（示例）"})
	w.act(caseID, deed{as: "zd-m1", stage: funduse.Committee, seat: "@zd-m1", do: approval.Approve})
	w.act(caseID, deed{as: "zd-reserve", stage: funduse.Committee, seat: "@zd-reserve", do: approval.Approve, comment: "已递补"})
	w.act(caseID, deed{as: "zb-officer1", stage: funduse.CharityReview, seat: "officer-1", do: approval.Return, comment: "缺少预算明细", to: funduse.Correction})

	w.reach(caseID, funduse.Correction)
	p.Amount, p.Lines[0].Amount = 350_000, 350_000
	p.Attachments = append(p.Attachments, w.papers("zd", "budget")...)
	w.act(caseID, deed{as: "zd-handler", stage: funduse.Correction, seat: funduse.SeatApplicant, do: approval.Correct, details: p})
	w.act(caseID, deed{as: "zd-m3", stage: funduse.Committee, seat: "@zd-m3", do: approval.Approve})
	w.act(caseID, deed{as: "zd-reserve", stage: funduse.Committee, seat: "@zd-reserve", do: approval.Approve})
	w.act(caseID, deed{as: "zb-officer2", stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve, comment: "材料齐全"})
	w.act(caseID, deed{as: "zb-cashier", stage: funduse.Payout, seat: funduse.SeatMaker, do: approval.Approve})
	w.act(caseID, deed{as: "zb-checker", stage: funduse.Payout, seat: funduse.SeatChecker, do: approval.Approve})

	w.reach(caseID, funduse.NoticeAfter)
	seat := w.object(caseID, "座椅位置挡住了消防通道（示例）")
	w.act(caseID, deed{as: "zd-objections", stage: funduse.NoticeAfter, seat: seat, do: approval.Overrule, comment: "现场核查，通道宽度符合要求"})
	w.finish(caseID, "zd", 50_000)

	return caseID
}

// object files a resident's objection and returns the seat that answers it.
func (w *world) object(caseID, text string) string {
	w.t.Helper()
	var notice approval.NoticeView
	stack.Until(w.t, "there is a notice of case "+caseID, func() (bool, string) {
		found := w.notices(caseID)
		if len(found) > 0 {
			notice = found[0]
		}
		return len(found) > 0, "none"
	})
	got, err := nobody(w.URL).send(w.t.Context(), "POST", "/v1/public/notices/"+notice.ID+"/objections", w.key(),
		map[string]string{"text": text, "contact": "示例联系人"})
	if err != nil {
		w.t.Fatal(err)
	}
	var filed struct {
		Objection approval.ObjectionView `json:"objection"`
	}
	got.into(w.t, &filed)
	return "objection-" + filed.Objection.ID
}

// finish takes a paid case from its notice to the end.
func (w *world) finish(caseID, at string, unused approval.Fen) {
	w.t.Helper()
	w.report(caseID, at, unused)
	if unused > 0 {
		w.refund(caseID, unused, "HK"+caseID)
	}
	w.ends(caseID, approval.Completed)
}

// report hands in the closing report and has it accepted.
func (w *world) report(caseID, at string, unused approval.Fen) {
	w.t.Helper()
	w.act(caseID, deed{
		as: at + "-handler", stage: funduse.Acceptance, seat: funduse.SeatApplicant, do: approval.Submit, comment: "已完成",
		details: map[string]any{"unused": unused, "attachments": w.papers(at, "acceptance")},
	})
	w.act(caseID, deed{as: at + "-supervisor", stage: funduse.Acceptance, seat: funduse.SeatSupervisor, do: approval.Approve, comment: "验收合格"})
}

func (w *world) refund(caseID string, amount approval.Fen, reference string) {
	w.t.Helper()
	w.act(caseID, deed{as: "zb-officer1", stage: funduse.Acceptance, seat: funduse.SeatRefund, do: approval.Submit,
		details: map[string]any{"amount": amount, "bank_reference": reference}})
}

// actors counts the different people who acted.
func (w *world) actors(caseID string) int {
	w.t.Helper()
	people := map[string]bool{}
	for _, step := range w.steps(caseID) {
		if step.Person != "" && step.Action != approval.Object {
			people[step.Person] = true
		}
	}
	return len(people)
}

// checkNotice: the public read the vote with its recusal, the objection with
// its answer, and the end.
func (w *world) checkNotice(caseID string) {
	w.t.Helper()
	notices := w.notices(caseID)
	if len(notices) != 1 {
		w.t.Fatalf("%d notices, want 1", len(notices))
	}
	notice, view := notices[0], w.view(caseID)
	if notice.ContentHash != view.ContentHash || notice.Vote.For != 2 || notice.Vote.Recused != 1 || notice.Vote.Eligible != 3 {
		w.t.Errorf("the notice says %+v of %s, the case is %s", notice.Vote, notice.ContentHash, view.ContentHash)
	}
	if len(notice.Objections) != 1 || notice.Objections[0].Status != "overruled" || notice.Objections[0].Answer == "" {
		w.t.Errorf("the public read of the objection: %+v", notice.Objections)
	}
	if notice.Open {
		w.t.Error("the notice still takes objections")
	}
}

func (w *world) checkSize(caseID string, most size) {
	w.t.Helper()
	described, err := w.Temporal.DescribeWorkflowExecution(w.t.Context(), caseID, "")
	if err != nil {
		w.t.Fatal(err)
	}
	info := described.GetWorkflowExecutionInfo()
	w.t.Logf("history: %d events, %d bytes, %d steps", info.GetHistoryLength(), info.GetHistorySizeBytes(), w.view(caseID).Seq)
	if info.GetHistoryLength() > most.events || info.GetHistorySizeBytes() > most.bytes {
		w.t.Errorf("the history has %d events and %d bytes, want at most %+v", info.GetHistoryLength(), info.GetHistorySizeBytes(), most)
	}
}

// checkArchive wakes the schedule and then trusts only the sealed bytes.
func (w *world) checkArchive(caseID string) {
	w.t.Helper()
	var sealed []byte
	stack.Until(w.t, "the history is sealed", func() (bool, string) {
		sweep := w.Temporal.ScheduleClient().GetHandle(w.t.Context(), "archive-closed")
		err := sweep.Trigger(w.t.Context(), client.ScheduleTriggerOptions{})
		if err != nil {
			return false, err.Error()
		}
		if sealed, err = w.Store.ArchivedHistory(w.t.Context(), caseID); err != nil {
			return false, err.Error()
		}
		return true, ""
	})
	log, err := w.Store.ArchiveLog(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := audit.VerifyLog(log); err != nil || len(log) != 1 || log[0].CaseID != caseID {
		w.t.Errorf("the archive log: %+v, %v", log, err)
	}
	history, err := workflows.ReadHistory(bytes.NewReader(sealed))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := replay.Deep(history, w.Keys.Verifier); err != nil {
		w.t.Errorf("the sealed history does not replay: %v", err)
	}
}
