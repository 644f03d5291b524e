package engagement

import (
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
// last evaluation was good, and nothing it owes is late.
func (s *State) priority() bool {
	last := s.assessment()
	return last != nil && (last.Band == Good || last.Band == Excellent) && !s.inArrears()
}

// openRenewal offers the renewal once the last year of the term was evaluated.
// Without priority there is none: the space goes to a new call, where the
// operator may apply like anybody else.
func (s *State) openRenewal(now time.Time) {
	last := s.assessment()
	if s.Stage != Operating || s.Renewal != nil && s.Renewal.Status == RequestOpen || !s.priority() || !s.lastYear(last.Year) {
		return
	}
	s.Renewal = &Request{Turn: s.turn(Renewal), Status: RequestOpen}
	task := s.operator(SeatOperator, 0, approval.Submit, approval.Abstain)
	s.ask(now, Renewal, s.Renewal.Turn, s.ContentHash, task)
}

// lastYear reports whether a contract year is the last of the running term.
func (s *State) lastYear(year string) bool {
	return len(year) > len(s.Term.To) && year[len(year)-len(s.Term.To):] == s.Term.To
}

func (s *State) checkExtension(extension *Extension) error {
	const at = "form/details/renewal"
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

func (s *State) takeExtension(extension Extension, act approval.Act, now time.Time) {
	s.Renewal.EndsOn, s.Renewal.Papers, s.Renewal.By = extension.EndsOn, extension.Papers, people(act)
	s.askGrant(SeatCommunity, approval.Secretary, now)
}

func (s *State) askGrant(seat string, role approval.Role, now time.Time) {
	task := s.office(seat, role, s.Parameters.EvaluationDays, s.Renewal.By...)
	task.Actions = []approval.Action{approval.Approve, approval.Reject, approval.Reassign, approval.Copy}
	s.ask(now, Renewal, s.Renewal.Turn, approval.ContentHash(Extension{EndsOn: s.Renewal.EndsOn, Papers: s.Renewal.Papers}), task)
}

func (s *State) decideRenewal(seat string, act approval.Act, now time.Time) {
	switch {
	case act.Action == approval.Abstain:
		s.Renewal.Status = RequestDeclined
	case act.Action == approval.Reject:
		s.Renewal.Status, s.Renewal.Reason = RequestRefused, act.Comment
	case seat == SeatCommunity:
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
	s.openEvaluation(now)
}

// ExtensionRefused takes the register's refusal: the term ends as it was.
func (s *State) ExtensionRefused(refusal *approval.Error) {
	s.Renewal.Status, s.Renewal.Reason = RequestRefused, refusal.Message.ZH
}
