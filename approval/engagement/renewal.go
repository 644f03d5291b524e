package engagement

import (
	"strings"
	"time"

	"linli/approval"
)

// Request is a renewal under way: asked for by the operator, granted by the
// community and the subdistrict, and then by the register, where somebody else
// may hold the space in the new term.
type Request struct {
	Turn    int                 `json:"turn"`
	EndsOn  string              `json:"ends_on,omitempty"` // civil date, last day of the new term
	Papers  []approval.Attached `json:"papers,omitempty"`  // the supplementary agreement
	By      []string            `json:"by,omitempty"`
	Granted bool                `json:"granted,omitempty"` // by both offices
	Status  string              `json:"status"`            // open, granted, refused, declined
	Reason  string              `json:"reason,omitempty"`
}

// The states of a request.
const (
	RequestOpen     = "open"
	RequestGranted  = "granted"
	RequestRefused  = "refused"
	RequestDeclined = "declined"
)

// Extension is what an operator asks for.
type Extension struct {
	EndsOn string              `json:"ends_on"`
	Papers []approval.Attached `json:"papers"`
}

// ExtendOrder prolongs the space's allocation to a new last day. It is
// idempotent by its key; a space somebody else holds in that time is refused.
type ExtendOrder struct {
	Key     string    `json:"key"`
	CaseID  string    `json:"case_id"`
	HoldKey string    `json:"hold_key"`
	EndsOn  string    `json:"ends_on"`
	At      time.Time `json:"at"`
}

// priority reports whether the operator may renew before anybody is called: its
// last evaluation was good, and nothing it owes is late or was not given.
func (s *State) priority() bool {
	last := s.assessment()
	return last != nil && (last.Band == Good || last.Band == Excellent) && !s.inArrears() && s.HoursShort() == 0
}

// openRenewal offers the renewal once the last year of the term was evaluated.
// Without priority there is none: the space goes to a new call, where the
// operator may apply like anybody else.
func (s *State) openRenewal(now time.Time) {
	last := s.assessment()
	if s.Stage != Operating || s.Renewal != nil && s.Renewal.Status == RequestOpen || !s.priority() || !s.lastYear(last.Year) {
		return
	}
	if s.Edition > 0 {
		s.welcomeRenewal(approval.Form, now)
		return
	}
	s.Renewal = &Request{Turn: s.turn(Renewal), Status: RequestOpen}
	task := s.operator(SeatOperator, 0, approval.Submit, approval.Abstain)
	s.ask(now, Renewal, s.Renewal.Turn, s.ContentHash, task)
}

// welcomeRenewal lets the operator ask for a renewal: at any time by a standing
// task, where it is told why not yet, and by one in its inbox once it has
// priority.
func (s *State) welcomeRenewal(kind approval.TaskKind, now time.Time) {
	s.cancel(now, Renewal, 0)
	task := s.operator(SeatOperator, 0, approval.Submit)
	if task.Kind = kind; kind == approval.Form {
		task.Actions = append(task.Actions, approval.Abstain)
	}
	s.ask(now, Renewal, s.turn(Renewal), s.ContentHash, task)
}

// renewing reports whether a renewal is under way.
func (s *State) renewing() bool { return s.Renewal != nil && s.Renewal.Status == RequestOpen }

// mayRenew tells why the operator has no priority now. The window opens with
// the evaluation of the last contract year and closes with the term.
func (s *State) mayRenew() error {
	if s.Edition == 0 {
		return nil
	}
	for _, occasion := range s.Agenda {
		if occasion.Kind == EvaluationOpen && s.lastYear(occasion.Name) {
			return approval.Errorf(approval.Conflict, "续约申请自%[1]s起受理，至%[2]s期满为止。", "A renewal can be asked for from %[1]s until the term ends on %[2]s.", occasion.On, s.Term.To)
		}
	}
	last := s.assessment()
	switch {
	case s.Stage != Operating:
		return approval.Errorf(approval.Conflict, "限期整改期间不受理续约。", "There is no renewal while something is to be put right.")
	case s.Renewal != nil && s.Renewal.Status == RequestRefused && !s.Renewal.Granted:
		return approval.Errorf(approval.Conflict, "本期续约申请已不予同意：%[1]s", "The renewal of this term was refused: %[1]s", s.Renewal.Reason)
	case last == nil || last.Band == "" || !s.lastYear(last.Year):
		return approval.Errorf(approval.Conflict, "最后一个协议年度的考核尚未确定，考核为良好以上方可优先续约。", "The last contract year has not been evaluated yet; priority needs a good score.")
	case last.Band != Good && last.Band != Excellent:
		return approval.Errorf(approval.Conflict, "最近一次考核为%[1]d分，未达良好（%[2]d分），不享有优先续约权；期满后可参加公开招引。",
			"The last evaluation came to %[1]d points, below good (%[2]d): there is no priority; apply under a call when the term is over.", last.Total, s.Parameters.Good)
	case s.inArrears():
		return approval.Errorf(approval.Conflict, "有逾期未报或未缴的反哺款，结清后方可续约。", "A report or payment is overdue; settle it first.")
	case s.HoursShort() > 0:
		return approval.Errorf(approval.Conflict, "已结各期约定提供公益服务%[1]d小时，尚欠%[2]d小时，补足后方可续约。",
			"Of the %[1]d hours of free service promised so far %[2]d were not given; make them up first.", s.HoursDue(), s.HoursShort())
	}
	return nil
}

// lastYear reports whether a contract year is the last of the running term.
func (s *State) lastYear(year string) bool { return s.Term.endsWith(year) }

func (t Term) endsWith(year string) bool {
	return len(year) > len(t.To) && strings.HasSuffix(year, t.To)
}

// MayStillRenew reports whether the operator has priority in renewal or may yet
// get it: until it declines, is refused or leaves, or the last year of its term
// is evaluated below good. Nobody else gets the term that follows meanwhile.
func (v View) MayStillRenew() bool {
	if v.Status != approval.Running || v.Stage == Exit {
		return false
	}
	if r := v.Renewal; r != nil && (r.Status == RequestDeclined || r.Status == RequestRefused && !r.Granted) {
		return false
	}
	if len(v.Evaluations) == 0 {
		return true
	}
	last := v.Evaluations[len(v.Evaluations)-1]
	return !v.Term.endsWith(last.Year) || last.Band == "" || last.Band == Good || last.Band == Excellent
}

func (s *State) checkExtension(extension *Extension) error {
	const at = "form/details/renewal"
	if err := s.mayRenew(); err != nil {
		return err
	}
	if extension == nil {
		return approval.Errorf(approval.Invalid, "须填写续约期限。", "The new term is missing.").At(at)
	}
	ends, err := approval.CivilDate(extension.EndsOn, at+"/ends_on")
	if err != nil {
		return err
	}
	if extension.EndsOn <= s.Term.To {
		return approval.Errorf(approval.Invalid, "续约的最后一日须晚于%[1]s。", "The renewed term must end after %[1]s.", s.Term.To).At(at + "/ends_on")
	}
	most := s.MaxMonths
	if most == 0 {
		most = 240 // Civil Code art. 705
	}
	if limit := approval.AddMonths(day(after(s.Term.To)), int(most)); !day(ends.Format(time.DateOnly)).Before(limit) {
		return approval.Errorf(approval.Invalid, "续约期限不得超过%[1]d个月。", "A renewed term has at most %[1]d months.", most).At(at + "/ends_on")
	}
	if len(extension.Papers) == 0 || len(extension.Papers) > maxPapers {
		return approval.Errorf(approval.Invalid, "须附补充协议，材料不超过%[1]d份。", "Attach the supplementary agreement; at most %[1]d papers.", maxPapers).At(at + "/papers")
	}
	return nil
}

func (s *State) takeExtension(task approval.Task, extension Extension, act approval.Act, now time.Time) {
	if !s.renewing() {
		s.Renewal = &Request{Turn: task.Round, Status: RequestOpen}
	}
	s.Renewal.EndsOn, s.Renewal.Papers, s.Renewal.By = extension.EndsOn, extension.Papers, people(act)
	s.askGrant(SeatCommunity, approval.Secretary, now)
}

func (s *State) askGrant(seat string, role approval.Role, now time.Time) {
	task := s.office(seat, role, s.Parameters.EvaluationDays, s.Renewal.By...)
	task.Actions = []approval.Action{approval.Approve, approval.Reject, approval.Reassign, approval.Copy}
	s.ask(now, Renewal, s.Renewal.Turn, approval.ContentHash(Extension{EndsOn: s.Renewal.EndsOn, Papers: s.Renewal.Papers}), task)
}

func (s *State) decideRenewal(task approval.Task, act approval.Act, now time.Time) {
	switch {
	case act.Action == approval.Abstain:
		if s.Edition == 0 {
			s.Renewal.Status = RequestDeclined
			return
		}
		s.Renewal = &Request{Turn: task.Round, Status: RequestDeclined}
		s.welcomeRenewal(approval.Standing, now) // as long as the window is open
	case act.Action == approval.Reject:
		s.Renewal.Status, s.Renewal.Reason = RequestRefused, act.Comment
		if s.Edition > 0 {
			s.welcomeRenewal(approval.Standing, now)
		}
	case task.Seat == SeatCommunity:
		s.Renewal.By = append(s.Renewal.By, people(act)...)
		s.askGrant(SeatSubdistrict, approval.SubdistrictApprover, now)
	default:
		s.Renewal.Granted = true
	}
}

// Extension is the order to prolong the allocation once both offices have
// granted it, nil otherwise.
func (s *State) Extension(now time.Time) *ExtendOrder {
	if s.Renewal == nil || !s.Renewal.Granted || s.Renewal.Status != RequestOpen || s.Stage == Exit || s.Ended() {
		return nil
	}
	return &ExtendOrder{
		Key: s.key("extend", s.Renewal.EndsOn), CaseID: s.Start.CaseID, HoldKey: s.HoldKey, EndsOn: s.Renewal.EndsOn, At: now,
	}
}

// Extended begins the new term right after the old one.
func (s *State) Extended(now time.Time) {
	from, until := after(s.Term.To), s.Renewal.EndsOn
	s.Renewal.Status = RequestGranted
	s.Agenda = withoutKind(s.Agenda, TermOver)
	s.Term = Term{From: from, To: until}
	s.plan(from, until)
	if s.Edition > 0 {
		s.welcomeRenewal(approval.Standing, now)
	}
	s.openEvaluation(now)
}

// ExtensionRefused takes the register's refusal: the term ends as it was,
// unless the operator asks for one that is still free.
func (s *State) ExtensionRefused(refusal *approval.Error, now time.Time) {
	s.Renewal.Status, s.Renewal.Reason = RequestRefused, refusal.Message.ZH
	if s.Edition > 0 {
		s.welcomeRenewal(approval.Form, now)
	}
}
