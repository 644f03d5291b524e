package engagement

import (
	"slices"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// Ground is why an engagement ends.
type Ground string

// The grounds.
const (
	TermEnded        Ground = "term_ended"        // 期限届满
	FailedEvaluation Ground = "failed_evaluation" // 考核连续不合格
	SafetyAccident   Ground = "safety_accident"   // 安全事故
	LicenceRevoked   Ground = "licence_revoked"   // 证照被吊销
	Dishonesty       Ground = "dishonesty"        // 列入严重失信名单
	Misuse           Ground = "misuse"            // 改变用途、转租
	OperatorLeaves   Ground = "operator_leaves"   // 运营主体申请退出
	Other            Ground = "other"             // 其他
)

// Grounds lists every ground with its display name.
var Grounds = []struct {
	Ground Ground
	Name   approval.Text
}{
	{TermEnded, approval.Text{ZH: "期限届满", EN: "the term has ended"}},
	{FailedEvaluation, approval.Text{ZH: "考核连续不合格", EN: "evaluations failed"}},
	{SafetyAccident, approval.Text{ZH: "安全事故", EN: "safety accident"}},
	{LicenceRevoked, approval.Text{ZH: "证照被吊销", EN: "licence revoked"}},
	{Dishonesty, approval.Text{ZH: "列入严重失信名单", EN: "serious dishonesty"}},
	{Misuse, approval.Text{ZH: "改变用途或转租", EN: "misuse or subletting"}},
	{OperatorLeaves, approval.Text{ZH: "运营主体申请退出", EN: "the operator leaves"}},
	{Other, approval.Text{ZH: "其他", EN: "other"}},
}

// Leaving is an exit under way.
type Leaving struct {
	Ground Ground    `json:"ground"`
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
}

// ordered are the grounds an office may order an exit on.
var ordered = []Ground{SafetyAccident, LicenceRevoked, Dishonesty, Misuse, Other}

// checkLeaving refuses a second exit, and an order without its ground.
func (s *State) checkLeaving(act approval.Act, ground Ground) error {
	if s.Stage == Exit {
		return approval.Errorf(approval.Conflict, "已在办理退出。", "The exit is under way already.")
	}
	if act.Action == approval.Terminate && !slices.Contains(ordered, ground) {
		return approval.Errorf(approval.Invalid, "责令退出须写明事由。", "An order to leave names its ground.").At("form/details/ground")
	}
	return nil
}

// leave begins the exit: no more evaluation or renewal, the running period ends
// today and is reported like any other, and the space is handed back by the
// list it was handed over with.
func (s *State) leave(leaving Leaving, now time.Time) {
	if s.Stage == Exit || s.Ended() {
		return
	}
	for _, stage := range []approval.Stage{Evaluation, Renewal, Rectification, Pricing} {
		s.cancel(now, stage, 0)
	}
	s.cancelMeasures(now)
	s.forgoPrices(leaving.Reason)
	if s.Renewal != nil && s.Renewal.Status == RequestOpen {
		s.Renewal.Status, s.Renewal.Reason = RequestRefused, leaving.Reason
	}
	s.Leaving, s.Owed, s.Agenda = &leaving, nil, nil
	s.Enter(Exit, now)
	s.cutPeriods(now)
	s.HandBack = s.Handover.HandBack(now)
	giving, receiving := s.sides()
	give, receive := onboarding.ConfirmTask(onboarding.Giving, giving, s.Parameters.HandbackDays), onboarding.ConfirmTask(onboarding.Receiving, receiving, s.Parameters.HandbackDays)
	receive.Excluded = s.theirs()
	s.ask(now, Exit, s.Round(Exit), s.ContentHash, give, receive)
	s.askArrears(now)
}

// cutPeriods asks for the report of the period that runs today and forgets
// those that have not begun.
func (s *State) cutPeriods(now time.Time) {
	today := now.In(approval.Shanghai).Format(time.DateOnly)
	var kept []Period
	begun := true
	for _, p := range s.Periods {
		if p.Status == Running {
			if !begun || s.Edition >= 2 && p.ahead(today) {
				continue
			}
			begun = false
			p.To = max(p.From, min(p.To, today))
		}
		kept = append(kept, p)
	}
	s.Periods = kept
	for i := range s.Periods {
		if s.Periods[i].Status == Running {
			s.askReport(&s.Periods[i], now)
		}
	}
}

// sides are who hands the space back to whom.
func (s *State) sides() (giving, receiving onboarding.Party) {
	return onboarding.Party{Persons: s.People, Scope: s.Start.Scope}, onboarding.Party{Role: approval.Handler, Scope: s.Start.Scope}
}

// inArrears reports whether the operator is late with a report or a payment.
func (s *State) inArrears() bool { return slices.ContainsFunc(s.Tasks, late) }

// late reports whether a task is a report or a payment that is overdue.
func late(t approval.Task) bool {
	return t.Stage == Reporting && t.Status == approval.TaskOpen && t.Escalated && (t.Seat == SeatOperator || t.Seat == SeatPayment)
}

// askArrears lets the subdistrict close a period of an operator that leaves
// without reporting or paying; the money is then claimed outside.
func (s *State) askArrears(now time.Time) {
	if s.Stage != Exit {
		return
	}
	for _, task := range slices.Clone(s.Tasks) {
		seat := s.arrearsSeat(task.Seat)
		if !late(task) || s.arrearsOpen(task.Round) || s.Task(approval.TaskID(s.Start.CaseID, Reporting, task.Round, seat)) != nil {
			continue
		}
		arrears := s.office(seat, approval.SubdistrictApprover, 0)
		arrears.Actions = []approval.Action{approval.Approve, approval.Reassign, approval.Copy}
		s.ask(now, Reporting, task.Round, s.ContentHash, arrears)
	}
}

// arrearsSeat keeps the arrears of a payment apart from those of the report
// before it, which are closed by then.
func (s *State) arrearsSeat(late string) string {
	if s.Edition >= 2 && late == SeatPayment {
		return SeatArrears + "-" + SeatPayment
	}
	return SeatArrears
}

func arrears(seat string) bool { return seat == SeatArrears || seat == SeatArrears+"-"+SeatPayment }

// arrearsOpen reports whether the subdistrict is asked about this turn.
func (s *State) arrearsOpen(turn int) bool {
	return slices.ContainsFunc(s.OpenAt(Reporting), func(t *approval.Task) bool { return arrears(t.Seat) && t.Round == turn })
}

func (s *State) closeUnpaid(p *Period, act approval.Act, now time.Time) {
	s.cancel(now, Reporting, p.Turn)
	p.Status, p.Reason = Unsettled, act.Comment
}

// witness is the seat that may act for an operator that does not hand back.
const witness = "-witness"

// callWitness lets the subdistrict read or repair in the place of a side that
// gives the space back too late.
func (s *State) callWitness(task approval.Task, now time.Time) {
	id := approval.TaskID(s.Start.CaseID, Exit, task.Round, task.Seat+witness)
	if task.Seat == string(onboarding.Receiving) || strings.HasSuffix(task.Seat, witness) || s.Task(id) != nil {
		return
	}
	stand := s.office(task.Seat+witness, approval.SubdistrictApprover, 0)
	stand.Kind, stand.Actions = approval.Form, append([]approval.Action{approval.Copy}, task.Actions...)
	stand.Actions = slices.Compact(slices.Sorted(slices.Values(stand.Actions)))
	s.ask(now, Exit, task.Round, s.ContentHash, stand)
}

func (s *State) checkHandBack(task approval.Task, form *onboarding.HandoverForm, act approval.Act) error {
	const at = "form/details/handover"
	if form == nil {
		return approval.Errorf(approval.Invalid, "须填写移交内容。", "The hand-back form is missing.").At(at)
	}
	seat := strings.TrimSuffix(task.Seat, witness)
	var err error
	switch {
	case act.Action == approval.Confirm:
		err = s.HandBack.Check(onboarding.Side(seat), form.Readings, act.Person.ID)
	case form.Repaired == nil:
		return approval.Errorf(approval.Invalid, "须填写整修情况。", "The report of the repair is missing.").At(at + "/repaired")
	default:
		err = s.HandBack.CheckRepair(seat, *form.Repaired)
	}
	if refusal := approval.Refusal(err); refusal != nil {
		return refusal.At(at + "/" + refusal.Field)
	}
	return err
}

func (s *State) takeHandBack(task approval.Task, form onboarding.HandoverForm, act approval.Act, now time.Time) {
	seat, round := strings.TrimSuffix(task.Seat, witness), s.Round(Exit)
	if act.Action == approval.Confirm {
		giving, _ := s.sides()
		for _, repair := range s.HandBack.Confirm(onboarding.Side(seat), form.Readings, act.Person.ID, now) {
			s.ask(now, Exit, round, s.ContentHash, onboarding.RepairTask(repair, giving, s.RepairDays))
		}
		return
	}
	s.HandBack.Repaired(seat, *form.Repaired, act.Person.ID, now)
	for i := range s.Tasks {
		if t := &s.Tasks[i]; t.Stage == Exit && t.Status == approval.TaskOpen && strings.TrimSuffix(t.Seat, witness) == seat {
			t.Status, t.ClosedAt = approval.TaskCancelled, now
		}
	}
}

// settle closes the hand-back's tasks once both sides agree on everything.
func (s *State) settle(now time.Time) {
	if s.Stage == Exit && s.HandBack.Complete() {
		s.cancel(now, Exit, 0)
	}
}

// FreeOrder gives the space back. It is idempotent by the key of the hold.
type FreeOrder = onboarding.FreeOrder

// Free is the order to give the space back once it is handed back and every
// period is closed, nil otherwise.
func (s *State) Free(now time.Time) *FreeOrder {
	if s.Stage != Exit || s.Freed || !s.HandBack.Complete() || slices.ContainsFunc(s.Periods, Period.Open) {
		return nil
	}
	return &FreeOrder{Key: s.HoldKey, CaseID: s.Start.CaseID, Reason: string(s.Leaving.Ground), At: now}
}

// Close ends an engagement whose space was given back.
func (s *State) Close(now time.Time) {
	s.Freed = true
	status := approval.Terminated
	switch s.Leaving.Ground {
	case TermEnded:
		status = approval.Completed
	case OperatorLeaves:
		status = approval.Withdrawn
	}
	s.End(status, s.Leaving.Reason, now)
}

func withoutKind(agenda []Occasion, kind OccasionKind) []Occasion {
	return slices.DeleteFunc(agenda, func(o Occasion) bool { return o.Kind == kind })
}
