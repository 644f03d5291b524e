package e2e

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank/sandbox"
	"linli/internal/demo"
	"linli/internal/envelope"
	"linli/standalone/e2e/stack"
	"linli/workflows"
)

// histories is where the replay tests of the workflows read them. What was
// released stays there as it is: it shows that cases which were running then
// still go on with today's code.
const histories = "../../workflows/testdata/histories"

// path is one way a case may go; each plays to its end and returns its case.
type path struct {
	name string
	play func(w *world) (caseID string)
}

// TestRecord plays every path whose history is kept. With -record the
// histories are written.
func TestRecord(t *testing.T) {
	t.Parallel()
	t.Run("bank", func(t *testing.T) {
		t.Parallel()
		w := open(t, stack.Options{DayLength: 3 * time.Second})
		if err := w.Bank.Behave(sandbox.Program{Refusals: []sandbox.Refusal{{Amount: refusedAmount, Reason: "账户状态异常，已退回"}}}); err != nil {
			t.Fatal(err)
		}
		w.record(t, paths)
	})
	t.Run("by hand", func(t *testing.T) {
		t.Parallel()
		open(t, stack.Options{DayLength: 3 * time.Second, Manual: true}).record(t, []path{{"paid_by_hand", byHand}, {"bank_reference_used_twice", usedTwice}})
	})
}

func (w *world) record(t *testing.T, paths []path) {
	for _, each := range paths {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			w := w.in(t)
			history := w.history(each.play(w))
			if *record {
				w.keep(each.name, history)
			}
		})
	}
}

var keeping sync.Mutex

// keep writes a history, and the key its signatures are verified with beside
// those of earlier recordings.
func (w *world) keep(name string, history *historypb.History) {
	w.t.Helper()
	keeping.Lock() // both stacks write to one folder
	defer keeping.Unlock()
	raw, err := workflows.MarshalHistory(history)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(histories, name+".json"), append(raw, '\n'), 0o644); err != nil {
		w.t.Fatal(err)
	}
	key, err := envelope.MarshalPublic(w.Keys.Signer.Public())
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(histories, "keys.pem")
	known, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
	if bytes.Contains(known, key) {
		return
	}
	if err := os.WriteFile(file, append(known, key...), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

var paths = []path{
	{"straight", straight},
	{"every_detour", (*world).wind},
	{"higher_approvals_two_officers", higherApprovals},
	{"no_quorum", noQuorum},
	{"voted_down", votedDown},
	{"committee_completed", committeeCompleted},
	{"notice_before_payout", noticeBefore},
	{"bank_refusal", bankRefusal},
	{"objection_upheld", upheld},
	{"disclosure", disclosed},
	{"withdrawn", withdrawn},
	{"terminated", terminated},
	{"not_corrected", notCorrected},
}

func straight(w *world) string {
	caseID := w.propose("zd", w.draft("zd", 42_000, "application", "budget"))
	w.approve("zd", caseID)
	w.pay(caseID)
	w.finish(caseID, "zd", 0)
	w.agree("zd", caseID, spending{paid: 42_000})
	w.checkSize(caseID, plain)
	return caseID
}

// higherApprovals is the longest chain: subdistrict, district, two officers,
// behind a sealed vote of five.
func higherApprovals(w *world) string {
	p := w.draft("lz", 8_600_000, "application", "budget", "quotes", "contract", "photo")
	p.Category = "repair"
	caseID := w.propose("lz", p)
	for _, member := range []string{"lz-m1", "lz-m2", "lz-m4", "lz-m5"} {
		w.act(caseID, deed{as: member, stage: funduse.Committee, seat: "@" + member, do: approval.Approve})
	}
	w.act(caseID, deed{as: "lz-street", stage: funduse.Higher, seat: "subdistrict", do: approval.Approve, comment: "同意上报"})
	w.act(caseID, deed{as: "lz-district", stage: funduse.Higher, seat: "district", do: approval.Approve})
	w.act(caseID, deed{as: "zb-officer1", stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve})
	w.act(caseID, deed{as: "zb-officer2", stage: funduse.CharityReview, seat: "officer-2", do: approval.Approve})
	w.pay(caseID)
	w.finish(caseID, "lz", 0)
	w.agree("lz", caseID, spending{paid: 8_600_000})
	return caseID
}

func noQuorum(w *world) string {
	caseID := w.propose("gq", w.draft("gq", 60_000, "application", "budget"))
	w.act(caseID, deed{as: "gq-m1", stage: funduse.Committee, seat: "@gq-m1", do: approval.Approve})
	w.ends(caseID, approval.Lapsed)
	w.agree("gq", caseID, spending{})
	return caseID
}

func votedDown(w *world) string {
	caseID := w.propose("zd", w.draft("zd", 31_000, "application", "budget"))
	for _, member := range []string{"zd-m1", "zd-m3"} {
		w.act(caseID, deed{as: member, stage: funduse.Committee, seat: "@" + member, do: approval.Reject, comment: "需求不足"})
	}
	w.ends(caseID, approval.Rejected)
	w.agree("zd", caseID, spending{})
	return caseID
}

// committeeCompleted stands still for want of members until the secretary has
// found another one.
func committeeCompleted(w *world) string {
	caseID := w.propose("zc", w.draft("zc", 33_000, "application", "budget"))
	for _, member := range []string{"zc-m1", "zc-m2"} {
		w.act(caseID, deed{as: member, stage: funduse.Committee, seat: "@" + member, do: approval.Recuse, comment: "本人参与承办（示例）"})
	}
	w.reach(caseID, funduse.Roster)
	w.newMember("zc", "zc-m4")
	w.act(caseID, deed{as: "zc-secretary", stage: funduse.Roster, seat: funduse.SeatSecretary, do: approval.Submit, comment: "已增补委员"})
	for _, member := range []string{"zc-m3", "zc-m4"} {
		w.act(caseID, deed{as: member, stage: funduse.Committee, seat: "@" + member, do: approval.Approve})
	}
	w.act(caseID, deed{as: "zb-officer2", stage: funduse.CharityReview, seat: "officer-1", do: approval.Reject, comment: "不属于支持范围（示例）"})
	w.ends(caseID, approval.Rejected)
	w.agree("zc", caseID, spending{})
	return caseID
}

// noticeBefore is paid only after the public had time to object.
func noticeBefore(w *world) string {
	caseID := w.propose("gq", w.draft("gq", 55_000, "application", "budget"))
	for _, member := range []string{"gq-m1", "gq-m2", "gq-m3", "gq-m4"} {
		w.act(caseID, deed{as: member, stage: funduse.Committee, seat: "@" + member, do: approval.Approve})
	}
	w.act(caseID, deed{as: "zb-officer2", stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve})
	w.reach(caseID, funduse.NoticeBefore)
	if paid := w.bankSays(caseID); paid.paid != 0 {
		w.t.Errorf("%d fen were paid before the notice", paid.paid)
	}
	w.pay(caseID)
	w.finish(caseID, "gq", 5_000)
	w.agree("gq", caseID, spending{paid: 55_000, back: 5_000})
	return caseID
}

// refusedAmount is one the bank refuses until it is told otherwise.
const refusedAmount = 10_007

func bankRefusal(w *world) string {
	caseID := w.propose("zd", w.draft("zd", refusedAmount, "application", "budget"))
	w.approve("zd", caseID)
	w.pay(caseID)
	w.task("zb-cashier", caseID, funduse.Payout, funduse.SeatMaker)
	if err := w.Bank.Behave(sandbox.Program{}); err != nil {
		w.t.Fatal(err)
	}
	w.pay(caseID)
	w.finish(caseID, "zd", 0)
	w.agree("zd", caseID, spending{paid: refusedAmount})
	return caseID
}

// upheld: the money was paid, so what can be had of it is recovered.
func upheld(w *world) string {
	caseID := w.propose("zd", w.draft("zd", 47_000, "application", "budget"))
	w.approve("zd", caseID)
	w.pay(caseID)
	seat := w.object(caseID, "数量与公示不符（示例）")
	w.act(caseID, deed{as: "zd-objections", stage: funduse.NoticeAfter, seat: seat, do: approval.Uphold, comment: "核查属实，责成退回差额"})
	recovery := "recovery-" + seat[len("objection-"):]
	w.act(caseID, deed{as: "zb-officer1", stage: funduse.NoticeAfter, seat: recovery, do: approval.Submit,
		details: map[string]any{"amount": 7_000, "bank_reference": "ZH" + caseID}})
	w.finish(caseID, "zd", 0)
	w.agree("zd", caseID, spending{paid: 47_000, back: 7_000})
	return caseID
}

// disclosed runs for more than six months, of which two quarters are over.
func disclosed(w *world) string {
	p := w.draft("zd", 24_000, "application", "budget")
	p.StartsOn, p.EndsOn = day(-7, 0), day(1, 0)
	caseID := w.propose("zd", p)
	w.approve("zd", caseID)
	w.pay(caseID)
	for _, quarter := range []string{"quarter-1", "quarter-2"} {
		w.act(caseID, deed{as: "zd-handler", stage: funduse.Disclosure, seat: quarter, do: approval.Submit,
			details: map[string]any{"text": "本季度按计划进行（示例）。"}})
	}
	w.finish(caseID, "zd", 0)
	w.agree("zd", caseID, spending{paid: 24_000})
	return caseID
}

func withdrawn(w *world) string {
	caseID := w.propose("zd", w.draft("zd", 15_000, "application", "budget"))
	w.act(caseID, deed{as: "zd-m1", stage: funduse.Committee, seat: "@zd-m1", do: approval.Abstain})
	w.act(caseID, deed{as: "zd-handler", stage: approval.CaseDesk, seat: funduse.SeatApplicant, do: approval.Withdraw, comment: "另行筹款"})
	w.ends(caseID, approval.Withdrawn)
	w.agree("zd", caseID, spending{})
	return caseID
}

func terminated(w *world) string {
	caseID := w.propose("zd", w.draft("zd", 16_000, "application", "budget"))
	w.approve("zd", caseID)
	w.task("zb-cashier", caseID, funduse.Payout, funduse.SeatMaker)
	w.act(caseID, deed{as: "zd-admin", stage: approval.CaseDesk, seat: funduse.SeatAdministrator, do: approval.Terminate, comment: "承办方已注销（示例）"})
	w.ends(caseID, approval.Terminated)
	w.agree("zd", caseID, spending{})
	return caseID
}

// notCorrected asks for more than the fund holds and is never corrected.
func notCorrected(w *world) string {
	caseID := w.propose("zv", w.draft("zv", 9_000_000, "application", "budget", "quotes"))
	w.ends(caseID, approval.Lapsed)
	w.agree("zv", caseID, spending{})
	return caseID
}

// byHand is paid at the bank's counter; the cashier enters its receipt.
func byHand(w *world) string {
	caseID := w.propose("zd", w.draft("zd", 28_000, "application", "budget"))
	w.approve("zd", caseID)
	w.handOver(caseID, "SG20260001")
	w.finish(caseID, "zd", 8_000)
	w.agree("zd", caseID, spending{paid: 28_000, back: 8_000, ref: "SG20260001"})
	return caseID
}

// usedTwice: the cashier enters the receipt of another payment, later the
// officer that of another refund; both are asked again.
func usedTwice(w *world) string {
	earlier, caseID := w.propose("zv", w.draft("zv", 12_000, "application", "budget")), w.propose("zv", w.draft("zv", 13_000, "application", "budget"))
	for _, each := range []string{earlier, caseID} {
		for _, member := range []string{"zv-m1", "zv-m2", "zv-m3"} {
			w.act(each, deed{as: member, stage: funduse.Committee, seat: "@" + member, do: approval.Approve})
		}
		w.act(each, deed{as: "zb-officer1", stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve})
	}
	w.handOver(earlier, "SG20260002")
	w.reach(earlier, funduse.NoticeAfter)
	w.handOver(caseID, "SG20260002")
	w.handOver(caseID, "SG20260003")
	w.finish(earlier, "zv", 2_000)
	w.report(caseID, "zv", 3_000)
	w.refund(caseID, 3_000, "HK"+earlier)
	w.finish(caseID, "zv", 3_000)
	w.agree("zv", earlier, spending{paid: 12_000, back: 2_000, ref: "SG20260002"})
	w.agree("zv", caseID, spending{paid: 13_000, back: 3_000, ref: "SG20260003"})
	return caseID
}

// handOver lets maker and checker pay at the counter.
func (w *world) handOver(caseID, reference string) {
	w.t.Helper()
	w.act(caseID, deed{as: "zb-cashier", stage: funduse.Payout, seat: funduse.SeatMaker, do: approval.Approve,
		details: map[string]any{"bank_reference": reference}})
	w.act(caseID, deed{as: "zb-checker", stage: funduse.Payout, seat: funduse.SeatChecker, do: approval.Approve, comment: "已核对回单"})
}

// newMember opens an account and adds it to the committee.
func (w *world) newMember(at, username string) {
	w.t.Helper()
	where := w.places[at]
	var account approval.Account
	w.write("admin", "POST", "/v1/accounts", w.key(), approval.NewAccount{
		Username: username, Name: "示例·增补委员", Scope: where.scope, Password: demo.Password,
		Grants: []approval.Grant{{Role: approval.CommitteeMember, Scope: where.scope}},
	}).into(w.t, &account)
	w.mu.Lock()
	w.newcomers[username] = account.ID
	w.mu.Unlock()
	place := "/v1/committees/" + filepath.Base(string(where.scope))
	committee := read[funduse.StandingCommittee](w, at+"-secretary", place)
	members := []map[string]any{{"person_id": account.ID, "seats": []string{"member"}}}
	for _, member := range committee.Members {
		members = append(members, map[string]any{"person_id": member.PersonID, "seats": member.Seats, "reserve": member.Reserve})
	}
	var set funduse.StandingCommittee
	w.write(at+"-secretary", "PUT", place, w.key(), map[string]any{"version": committee.Version, "members": members}).into(w.t, &set)
}
