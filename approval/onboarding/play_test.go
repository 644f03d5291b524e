package onboarding_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
)

const (
	community = approval.Scope("370300/370303/370303001/370303001901")
	day       = 24 * time.Hour
)

var opened = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// cast is everybody a story may name: e are scorers, p the operator's people,
// h handlers. "x" holds every role there is, "out" none.
var cast = func() map[string]approval.Person {
	people := map[string]approval.Person{"out": {ID: "out"}, "x": {ID: "x"}, "p1": {ID: "p1"}, "p2": {ID: "p2"}}
	add := func(role approval.Role, scope approval.Scope, ids ...string) {
		for _, id := range append(ids, "x") {
			person := people[id]
			person.ID, person.Grants = id, append(person.Grants, approval.Grant{Role: role, Scope: scope})
			people[id] = person
		}
	}
	add(approval.Handler, community, "h1", "h2")
	add(approval.Secretary, community, "sec", "sec2")
	add(approval.SubdistrictApprover, community.Up(approval.Subdistrict), "s1", "s2")
	add(approval.DistrictApprover, community.Up(approval.District), "d1")
	add(approval.Scorer, community.Up(approval.District), "e1", "e2", "e3", "e4", "e5")
	add(approval.ObjectionHandler, community.Up(approval.Subdistrict), "o1")
	add(approval.Administrator, community.Up(approval.City), "a1")
	add(approval.Resident, community, "res")
	return people
}()

// everybody is the cast in a fixed order.
var everybody = func() []string {
	var ids []string
	for id := range cast {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}()

func application() onboarding.Application {
	return onboarding.Application{
		Title:    "示范一社区助餐点运营",
		Operator: onboarding.Operator{ID: "op1", Name: "示例餐饮服务部", CreditCode: "92370303QW0000129A", Kind: "sole_trader"},
		Space:    onboarding.Space{ID: "sp-1", Number: 7, Name: "示范一社区助餐点", Area: 3800},
		Summary:  "面向老年居民的助餐服务",
		Services: []onboarding.Service{{
			Name: "老年午餐", Kind: onboarding.Meals, Class: onboarding.LowCharge, Price: 1200, Unit: "份", Over60: 10, Over80: 15,
		}},
		Share:    onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 30, Period: onboarding.Quarterly},
		StartsOn: "2026-07-01", EndsOn: "2028-06-30",
		Licences:     []onboarding.Licence{{ID: "l1", Kind: "small_catering", Number: "XCY-0001", ValidUntil: "2028-12-31"}},
		Undertakings: []onboarding.Undertaking{onboarding.UndertakeUse, onboarding.UndertakeSafety},
	}
}

func parameters() onboarding.Parameters {
	return onboarding.Parameters{
		Review: onboarding.ReviewParameters{Levels: []string{onboarding.LevelCommunity, onboarding.LevelSubdistrict}},
		Panel: onboarding.PanelParameters{
			Use: onboarding.PanelCalls, Scorers: 3, PassMark: 60,
			Items: []onboarding.ScoreItem{{ID: "service", Title: "服务方案", Weight: 60}, {ID: "price", Title: "价格优惠", Weight: 40}},
		},
		Notice: onboarding.NoticeParameters{Days: 5, DayKind: approval.CalendarDays, AnswerDays: 5},
		Deadlines: onboarding.DeadlineParameters{
			Correction: 5, DeskReview: 5, Scoring: 5, Signing: 30, Handover: 10, Repair: 30,
		},
		Engagement: onboarding.EngagementParameters{
			ReportMonths: 3, ReportDays: 10, ConfirmDays: 5, DonationDays: 10, Excellent: 90, Good: 75, Pass: 60, EvaluationDays: 10,
			RectificationDays: 20, FailuresToExit: 2, RenewalNoticeDays: 60, HandbackDays: 10,
		},
	}
}

func start() onboarding.Start {
	return onboarding.Start{
		CaseID: "case1", Scope: community, Applicant: "h1", People: []string{"p1", "p2"}, Application: application(),
		Pin: approval.RulePin{ID: "370303/onboarding", Version: 1, Hash: "00"}, Parameters: parameters(), OpenedAt: opened,
	}
}

// play is a case with everything around it: a clock, a rule engine, a register
// of spaces, people and calls that answer as told. Its step moves the case on
// exactly where the workflow would.
type play struct {
	rapid.TB
	s          *onboarding.State
	now        time.Time
	seq        int
	acts       int  // composed so far
	begun      bool // the script has come to its first event
	rules      []approval.Outcome
	looks      []approval.Outcome // just before signing
	routes     []string           // levels the rules ask for
	interested []string
	panel      []string                           // whom the next convening finds
	taken      bool                               // somebody else has the space
	fund       string                             // of the community
	occupied   string                             // who still sits in the space
	version    int                                // of the documents
	watch      func(prev, next *onboarding.State) // sees every change, if set
	// What the world saw.
	held, freed, allotted, laid int
	reported                    bool
	notices                     []approval.Notice
	answers                     []approval.Objection
}

func newPlay(t rapid.TB, start onboarding.Start) *play {
	return &play{TB: t, s: onboarding.New(start), now: opened, panel: []string{"e1", "e2", "e3"}, fund: "示范一社区发展基金"}
}

// advance changes a copy, as the workflow does, and shows that the original
// stays as it was.
func (p *play) advance(change func(next *onboarding.State)) {
	p.Helper()
	before := string(encode(p, p.s))
	next := p.s.Clone()
	change(next)
	if string(encode(p, p.s)) != before {
		p.Fatalf("changing a copy at %s changed the original", p.s.Stage)
	}
	var deadlines []approval.TaskDeadline
	for _, task := range next.Tasks {
		if task.Status == approval.TaskOpen && task.Days > 0 && task.DueAt.IsZero() {
			days := time.Duration(task.Days)
			deadlines = append(deadlines, approval.TaskDeadline{TaskID: task.ID, RemindAt: p.now.Add((days - 1) * day), DueAt: p.now.Add(days * day)})
		}
	}
	next.SetDeadlines(deadlines)
	prev := p.s
	p.s = next
	if p.watch != nil {
		p.watch(prev, next)
	}
}

// take offers an act to the case and applies it if the case allows it.
func (p *play) take(act approval.Act) error {
	p.Helper()
	before := string(encode(p, p.s))
	err := p.s.Check(act, p.now)
	if string(encode(p, p.s)) != before {
		p.Fatalf("checking %s by %s changed the case", act.Action, act.Person.ID)
	}
	if err != nil || p.s.Desk.Done(act.ID) != nil {
		return err
	}
	p.seq++
	p.advance(func(next *onboarding.State) {
		accepted := next.Apply(act, p.seq, p.now)
		p.answers = append(p.answers, next.Answers(accepted)...)
	})
	return nil
}

// run moves the case on as far as it goes without people or the clock.
func (p *play) run() {
	p.Helper()
	for steps := 0; p.step(); steps++ {
		if steps > 200 {
			p.Fatalf("the case runs in circles at %s", p.s.Stage)
		}
	}
}

// step moves the case on by one step of the procedure; false if the case waits.
func (p *play) step() bool {
	p.Helper()
	if p.s.Ended() {
		return p.giveBack()
	}
	switch p.s.Stage {
	case onboarding.Screening:
		evidence, interested := p.evidence(), slices.Clone(p.interested)
		return p.giveBack() || p.when(true, func(next *onboarding.State) { next.Screened(evidence, interested, p.now) })
	case onboarding.TakingOver:
		interested := slices.Clone(p.interested)
		return p.when(true, func(next *onboarding.State) { next.Registered(interested, p.now) })
	case onboarding.Correction:
		return p.giveBack() || p.when(p.s.Corrected(), func(next *onboarding.State) { next.CloseCorrection(p.now) })
	case onboarding.DeskReview:
		return p.giveBack() || p.when(p.s.Reviewed(), func(next *onboarding.State) { next.CloseReview(p.now) })
	case onboarding.Reconsideration:
		return p.when(p.s.Reconsidered(), func(next *onboarding.State) { next.CloseReconsideration(p.now) })
	case onboarding.Panel:
		return p.when(p.s.PanelComplete(), func(next *onboarding.State) { next.Convene(slices.Clone(p.panel), p.now) })
	case onboarding.Scoring:
		return p.when(p.s.Scored(), func(next *onboarding.State) { next.CloseScoring(p.now) })
	case onboarding.Ranking:
		p.reported = true
		return false
	case onboarding.Notice:
		return p.notice()
	case onboarding.Signing:
		return p.sign()
	case onboarding.Handover:
		return p.handOver()
	}
	p.Fatalf("no step at %s", p.s.Stage)
	return false
}

func (p *play) when(decided bool, change func(next *onboarding.State)) bool {
	p.Helper()
	if decided {
		p.advance(change)
	}
	return decided
}

func (p *play) giveBack() bool {
	return p.when(p.s.Held && p.s.Status != approval.Completed, func(next *onboarding.State) {
		next.Freed()
		p.freed++
	})
}

// hold asks for the space, which somebody else may have.
func (p *play) hold() bool {
	p.advance(func(next *onboarding.State) {
		if p.taken {
			next.Taken(approval.Errorf(approval.SpaceTaken, "该阵地在此期限内已有运营主体。", "Taken."), p.now)
			return
		}
		next.Hold()
		p.held++
	})
	return true
}

func (p *play) notice() bool {
	p.Helper()
	switch {
	case !p.s.Held:
		return p.hold()
	case !p.asked(onboarding.Notice, approval.SeatPublic):
		notice := p.s.DraftNotice(p.now)
		notice.EndsAt = p.now.AddDate(0, 0, notice.Days)
		p.notices = append(p.notices, notice)
		p.advance(func(next *onboarding.State) { next.Published(notice) })
		return true
	}
	return p.when(p.s.NoticeOver(), func(next *onboarding.State) { next.CloseNotice(p.now) })
}

func (p *play) sign() bool {
	p.Helper()
	switch {
	case !slices.ContainsFunc(p.s.Evidence, func(e approval.Evidence) bool { return e.Stage == string(onboarding.Signing) }):
		p.advance(func(next *onboarding.State) { next.LookedAgain(p.looked(), p.now) })
		return true
	case !p.s.Fit():
		return p.when(p.s.Refitted(), func(next *onboarding.State) {
			if next.CloseFitness(p.now); !next.Ended() {
				next.LookedAgain(p.looked(), p.now)
			}
		})
	case p.asked(onboarding.Signing, contract.SeatOperator):
		return p.when(p.s.SigningDecided(), func(next *onboarding.State) { next.CloseSigning(p.now) })
	}
	facts := onboarding.SigningFacts{
		Representative: "张三", People: []contract.Signatory{{Person: "p1", Capacity: "负责人"}},
		Community: "示范一社区居民委员会", Subdistrict: "示例街道办事处", FundID: p.fund, Fund: p.fund, Charity: "示例慈善总会",
	}
	order, err := p.s.DrawOrder(facts, true, p.now)
	if err != nil {
		return false // stands still until the register is complete
	}
	p.laid++
	p.advance(func(next *onboarding.State) { next.Lay(documents(p.version), order, facts.FundID, p.now) })
	return true
}

// looked is what the criteria say just before signing.
func (p *play) looked() approval.Evidence {
	outcome := approval.OutcomePass
	if len(p.looks) > 0 {
		outcome, p.looks = p.looks[0], p.looks[1:]
	}
	return p.judged(onboarding.Signing, outcome)
}

func documents(version int) []contract.Document {
	var drawn []contract.Document
	for i, kind := range contract.Kinds {
		sum := fmt.Sprintf("%064x", 16*version+i)
		drawn = append(drawn, contract.Document{Number: fmt.Sprintf("case1-%d", i+1), Title: kind.Name, SHA256: sum, Size: 1000})
	}
	return drawn
}

func (p *play) handOver() bool {
	p.Helper()
	if p.s.TakesOver() && !p.s.Held {
		return p.hold()
	}
	if p.s.TakesOver() && p.s.FundID == "" {
		fundID, err := p.s.FundFor(onboarding.SigningFacts{FundID: p.fund})
		return p.when(err == nil, func(next *onboarding.State) { next.TakeOver(fundID) })
	}
	if !p.asked(onboarding.Handover, "") && !p.s.HandedOver() {
		inventory := onboarding.Inventory{SpaceID: "sp-1", Name: "示范一社区助餐点", Rooms: []string{"厨房"}, OccupiedBy: p.occupied}
		if p.s.Ready(inventory, p.now) != nil {
			return false
		}
		p.advance(func(next *onboarding.State) { next.AskList(inventory, p.now) })
		return true
	}
	return p.when(p.s.HandedOver(), func(next *onboarding.State) {
		p.allotted++
		next.Complete(p.now)
	})
}

// tick lets the clock go on to the next moment the case waits for; false when
// it waits for people only.
func (p *play) tick() bool {
	next := p.s.NextAlarm()
	if next.IsZero() {
		return false
	}
	if next.After(p.now) {
		p.now = next.UTC()
	}
	p.advance(func(s *onboarding.State) { s.Ring(p.now) })
	return true
}

func (p *play) evidence() approval.Evidence {
	outcome := approval.OutcomePass
	if len(p.rules) > 0 {
		outcome, p.rules = p.rules[0], p.rules[1:]
	}
	evidence := p.judged(onboarding.Screening, outcome)
	for _, level := range p.routes {
		evidence.Approvals = append(evidence.Approvals, approval.Route{Level: level, Rule: "R-" + level, Reason: "面积较大"})
	}
	return evidence
}

// judged is evidence of an outcome, with two findings where it is not good.
func (p *play) judged(stage approval.Stage, outcome approval.Outcome) approval.Evidence {
	evidence := approval.Evidence{Pin: p.s.Pin, Stage: string(stage), Outcome: outcome, EvaluatedAt: p.now}
	missing := func(id, message string) approval.Finding {
		return approval.Finding{ID: id, Title: id, Severity: approval.SeverityBlock, Verdict: approval.FindingFail, Message: message}
	}
	findings := []approval.Finding{missing("C1", "缺少托育备案回执"), missing("C2", "缺少消防承诺")}
	switch outcome {
	case approval.OutcomePass:
		return evidence
	case approval.OutcomeMissing:
		findings[0].Verdict = approval.FindingUnknown
	case approval.OutcomeReview:
		findings[0].Severity, findings[1].Verdict = approval.SeverityReview, approval.FindingOK
	}
	evidence.Findings = findings
	return evidence
}

// asked reports whether the stage's running round has a task for the seat, or
// for any seat if none is named.
func (p *play) asked(stage approval.Stage, seat string) bool {
	return slices.ContainsFunc(p.s.Tasks, func(task approval.Task) bool {
		return task.Stage == stage && task.Round == max(1, p.s.Round(stage)) && (seat == "" || task.Seat == seat)
	})
}

func encode(t rapid.TB, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// open lists the open tasks that offer the action, those the person may act
// on last.
func (p *play) open(person approval.Person, action approval.Action) []approval.Task {
	var theirs, others []approval.Task
	for _, task := range p.s.Tasks {
		switch {
		case task.Status != approval.TaskOpen || !task.Offers(action):
		case task.Eligible(person, action) == nil:
			theirs = append(theirs, task)
		default:
			others = append(others, task)
		}
	}
	return append(others, theirs...)
}

func points(text string) []onboarding.Score {
	var scores []onboarding.Score
	for _, word := range strings.Split(text, ",") {
		item, value, _ := strings.Cut(word, ":")
		n := int64(0)
		_, _ = fmt.Sscan(value, &n)
		scores = append(scores, onboarding.Score{Item: item, Points: n})
	}
	return scores
}
