package funduse

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
)

// The kinds of notices.
const (
	NoticeKindBefore = "before_payout"
	NoticeKindResult = "result"
)

// DraftNotice is what will be published: money, steps, votes as far as the
// rule set publishes them, and the explanation of every criterion.
func (s *State) DraftNotice(now time.Time) approval.Notice {
	kind := NoticeKindResult
	if s.Stage == NoticeBefore {
		kind = NoticeKindBefore
	}
	notice := approval.Notice{
		ID: s.NoticeID(), CaseID: s.Start.CaseID, Scope: s.Start.Scope, Kind: kind,
		Title: s.Proposal.Title, Amount: s.Proposal.Amount, Category: CategoryName(s.Proposal.Category), Purpose: s.Proposal.Purpose,
		Payee: s.Proposal.Payee.Name, Steps: s.steps(), Vote: s.publicVote(), Evidence: s.Evidence,
		ContentHash: s.ContentHash, Pin: s.Pin, Days: s.Parameters.Notice.Days, DayKind: s.Parameters.Notice.DayKind,
		PublishedAt: now,
	}
	for _, line := range s.Proposal.Lines {
		notice.Lines = append(notice.Lines, approval.NoticeLine(line))
	}
	if s.Payment.Status == Paid {
		notice.Payment = &approval.Payment{Amount: s.Proposal.Amount, BankReference: s.Payment.BankReference, PaidAt: s.Payment.PaidAt}
	}
	return notice
}

// steps are the proposal and the deciding acts so far, by office. Ballots
// appear in the vote.
func (s *State) steps() []approval.NoticeStep {
	proposed := approval.NoticeStep{Stage: StageName(Screening), Office: approval.Text{ZH: "社区", EN: "community"}, Action: approval.ActionName(approval.Submit), At: s.OpenedAt}
	return append([]approval.NoticeStep{proposed}, s.NoticeSteps(StageName, office, Roster)...)
}

var offices = []struct {
	stage  approval.Stage
	prefix string
	name   approval.Text
}{
	{Higher, levelSubdistrict, approval.Text{ZH: "街道办事处(镇政府)", EN: "subdistrict office"}},
	{Higher, levelDistrict, approval.Text{ZH: "区级牵头部门", EN: "lead district department"}},
	{CharityReview, "", approval.Text{ZH: "慈善总会", EN: "charity federation"}},
	{Payout, SeatMaker, approval.Text{ZH: "出纳", EN: "cashier"}},
	{Payout, SeatChecker, approval.Text{ZH: "付款复核", EN: "payment checker"}},
	{NoticeAfter, "", approval.Text{ZH: "异议处理", EN: "objection office"}},
	{NoticeBefore, "", approval.Text{ZH: "异议处理", EN: "objection office"}},
	{Acceptance, SeatSupervisor, approval.Text{ZH: "监督员", EN: "supervisor"}},
}

func office(act approval.Accepted) approval.Text {
	for _, known := range offices {
		if known.stage == act.Stage && strings.HasPrefix(act.Seat, known.prefix) {
			return known.name
		}
	}
	return approval.Text{ZH: "社区", EN: "community"}
}

func (s *State) publicVote() approval.NoticeVote {
	v := s.Verdict
	vote := approval.NoticeVote{Eligible: v.Eligible, Cast: v.Cast, For: v.For, Against: v.Against, Abstain: v.Abstained, Why: v.Why}
	for _, member := range s.Roster {
		if member.Recused || member.Interested {
			vote.Recused++
		}
	}
	if s.Parameters.Committee.Publish == PublishNames {
		for _, ballot := range s.ballots() {
			vote.Ballots = append(vote.Ballots, approval.NoticeBallot{Member: ballot.Member, Choice: ballot.Choice})
		}
	}
	return vote
}

// answerObjection: an upheld objection before payout sends the case back, to be
// shown again even with the same content; one after payout opens a recovery.
func (s *State) answerObjection(task approval.Task, act approval.Act, now time.Time) {
	if act.Action == approval.Overrule {
		return
	}
	if s.Payment.Status != Paid {
		s.Notice.Ended = false
		s.askCorrection([]string{act.Comment}, now)
		return
	}
	objection, _ := approval.ObjectionOf(task.Seat)
	s.openRecovery(recoverySeat+objection, now)
}

func (s *State) openRecovery(seat string, now time.Time) {
	s.Ask(now, s.Stage, approval.Task{
		Seat: seat, Kind: approval.Form, Role: approval.CharityOfficer,
		Days: s.Parameters.Deadlines.Payout, Actions: []approval.Action{approval.Submit, approval.Reassign},
	})
}

const recoverySeat = "recovery-"

func isRecovery(task approval.Task) bool { return strings.HasPrefix(task.Seat, recoverySeat) }

func (s *State) checkRecovery(form Details, comment string) error {
	left := s.Proposal.Amount - s.Payment.Recovered
	if form.Amount < 0 || form.Amount > left {
		return approval.Errorf(approval.Invalid, "追回金额须在0至%[1]s元之间。", "The recovered amount must be between 0 and %[1]s yuan.", left.Yuan()).At("form/details/amount")
	}
	if form.Amount == 0 && strings.TrimSpace(comment) == "" {
		return approval.Errorf(approval.CommentRequired, "未追回款项须说明原因。", "If nothing was recovered, say why.").At("comment")
	}
	if form.Amount == 0 {
		return nil
	}
	return form.reference()
}

// Recovery is the money an accepted act reports as recovered; nil if none.
func (s *State) Recovery(act approval.Accepted) *RefundOrder {
	form, _ := details(approval.Act{Form: act.Form})
	if act.Action != approval.Submit || !strings.HasPrefix(act.Seat, recoverySeat) || form.Amount == 0 {
		return nil
	}
	return &RefundOrder{Key: act.TaskID, CaseID: s.Start.CaseID, Amount: form.Amount, BankReference: form.BankReference, At: act.At}
}

// Answers are the public answers an accepted act gives to objections.
func (s *State) Answers(act approval.Accepted) []approval.Objection {
	return s.Course.Answers(act, "因另一异议成立,本事项已退回补正,一并处理:")
}

// RecoveryRefused takes the ledger's refusal of a recovery: the officer is
// asked again.
func (s *State) RecoveryRefused(act approval.Accepted, now time.Time) {
	form, _ := details(approval.Act{Form: act.Form})
	s.Payment.Recovered -= form.Amount
	s.openRecovery(act.Seat+"-", now)
}

// PaymentNote tells the public of a payment whose notice came before it; nil
// where the notice shows the payment itself.
func (s *State) PaymentNote(now time.Time) *approval.NoticeNote {
	if s.Notice.Kind != NoticeKindBefore || s.Payment.Status != Paid {
		return nil
	}
	note := s.Note("payment", s.Payment.Attempt, fmt.Sprintf("已拨付%s元,银行流水号%s。", s.Proposal.Amount.Yuan(), s.Payment.BankReference), now)
	return &note
}

// noticed reports whether a notice of exactly this content has run its time.
func (s *State) noticed() bool { return s.Notice.ContentHash == s.ContentHash && s.Notice.Ended }

// NoticeOver reports whether the clock has run out and every objection is
// answered and recovered, or the case has left the notice.
func (s *State) NoticeOver() bool {
	if s.Stage != NoticeBefore && s.Stage != NoticeAfter {
		return true
	}
	return s.NoticeSettled()
}

// CloseNotice moves on after an uneventful or settled notice.
func (s *State) CloseNotice(now time.Time) {
	switch s.Stage {
	case NoticeBefore:
		s.enter(Payout, now)
	case NoticeAfter:
		s.enter(s.afterNotice(), now)
	}
}

// CategoryName is the display name of a category.
func CategoryName(category Category) approval.Text {
	for _, known := range Categories {
		if known.Category == category {
			return known.Name
		}
	}
	return approval.Text{ZH: string(category), EN: string(category)}
}
