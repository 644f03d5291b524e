package funduse

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"linli/approval"
)

// NoticeState is the case's public notice. The clock runs from the moment it
// was really published.
type NoticeState struct {
	ID          string    `json:"id,omitempty"`
	Kind        string    `json:"kind,omitempty"`
	ContentHash string    `json:"content_hash,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	EndsAt      time.Time `json:"ends_at,omitzero"`
	Ended       bool      `json:"ended,omitempty"`
	Objections  int       `json:"objections,omitempty"`
}

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
		ID: fmt.Sprintf("%s-n%d", s.Start.CaseID, s.round(s.Stage)), CaseID: s.Start.CaseID, Scope: s.Start.Scope, Kind: kind,
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

// steps are the deciding acts so far, by office. Ballots appear in the vote.
func (s *State) steps() []approval.NoticeStep {
	steps := []approval.NoticeStep{{Stage: StageName(Screening), Office: approval.Text{ZH: "社区", EN: "community"}, Action: approval.ActionName(approval.Submit), At: s.OpenedAt}}
	for _, act := range s.Acts {
		switch {
		case act.Kind == approval.Standing, act.Kind == approval.Vote, act.Kind == approval.Opinion, act.Stage == Roster,
			slices.Contains(undecided, act.Action):
			continue
		}
		steps = append(steps, approval.NoticeStep{Stage: StageName(act.Stage), Office: office(act), Action: approval.ActionName(act.Action), At: act.At})
	}
	return steps
}

// undecided are the acts that pass a task on and decide nothing.
var undecided = []approval.Action{approval.Reassign, approval.Delegate, approval.AddReviewer, approval.Copy, approval.Remind}

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

// Published takes the real time of publication and opens the public seat.
func (s *State) Published(notice approval.Notice) {
	s.Notice = NoticeState{ID: notice.ID, Kind: notice.Kind, ContentHash: notice.ContentHash, PublishedAt: notice.PublishedAt, EndsAt: notice.EndsAt}
	s.open(notice.PublishedAt, s.Stage, approval.Task{
		Seat: SeatPublic, Kind: approval.Standing, Role: approval.Resident, Actions: []approval.Action{approval.Object},
	})
}

func (s *State) checkObjection(form Details, now time.Time) error {
	if !objectionID.MatchString(form.ObjectionID) {
		return approval.Errorf(approval.Invalid, "异议编号有误。", "The objection's id is missing or malformed.").At("form/details/objection_id")
	}
	if s.Task(approval.TaskID(s.Start.CaseID, s.Stage, s.round(s.Stage), objectionSeat+form.ObjectionID)) != nil {
		return approval.Errorf(approval.AlreadyActed, "此异议已提交。", "This objection has been filed already.").At("form/details/objection_id")
	}
	if !now.Before(s.Notice.EndsAt) {
		return approval.Errorf(approval.TaskClosed, "公示期已满,不再受理异议。", "The notice period is over; objections are no longer taken.")
	}
	return nil
}

const objectionSeat = "objection-"

// objectionID keeps task ids safe in a URL path.
var objectionID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (s *State) openObjection(form Details, now time.Time) {
	s.Notice.Objections++
	s.open(now, s.Stage, approval.Task{
		Seat: objectionSeat + form.ObjectionID, Kind: approval.Decision, Role: approval.ObjectionHandler,
		Scope: s.Start.Scope.Up(approval.Subdistrict), Excluded: []string{s.Proposer}, Days: s.Parameters.Notice.AnswerDays,
		Actions: []approval.Action{approval.Uphold, approval.Overrule, approval.Reassign, approval.Delegate},
	})
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
	s.openRecovery(recoverySeat+strings.TrimPrefix(task.Seat, objectionSeat), now)
}

func (s *State) openRecovery(seat string, now time.Time) {
	s.open(now, s.Stage, approval.Task{
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

// Answers are the public answers an accepted act gives to objections: to the
// one it decides and, where upholding it sends the case back, to the others
// that were still open and are overtaken by it.
func (s *State) Answers(act approval.Accepted) []approval.Objection {
	status := map[approval.Action]string{approval.Uphold: "upheld", approval.Overrule: "overruled"}[act.Action]
	if status == "" {
		return nil
	}
	answers := []approval.Objection{s.answer(act.Seat, status, act.Comment, act.At)}
	for _, task := range s.Tasks {
		if task.Stage == act.Stage && task.Round == act.Round && task.Status == approval.TaskCancelled &&
			strings.HasPrefix(task.Seat, objectionSeat) && task.Parent == "" {
			answers = append(answers, s.answer(task.Seat, status, "因另一异议成立,本事项已退回补正,一并处理:"+act.Comment, act.At))
		}
	}
	return answers
}

func (s *State) answer(seat, status, text string, at time.Time) approval.Objection {
	return approval.Objection{
		ID: strings.TrimPrefix(seat, objectionSeat), NoticeID: s.Notice.ID, CaseID: s.Start.CaseID, Status: status, Answer: text, AnsweredAt: at,
	}
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
	note := s.note("payment", s.Payment.Attempt, fmt.Sprintf("已拨付%s元,银行流水号%s。", s.Proposal.Amount.Yuan(), s.Payment.BankReference), now)
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
	open := 0
	for _, task := range s.OpenAt(s.Stage) {
		if task.Seat != SeatPublic {
			open++
		}
	}
	return s.Notice.Ended && open == 0
}

// EndNotice notes that the clock has run out.
func (s *State) EndNotice(now time.Time) {
	s.Notice.Ended = true
	for _, task := range s.OpenAt(s.Stage) {
		if task.Seat == SeatPublic {
			task.Status, task.ClosedAt = approval.TaskDone, now
		}
	}
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
