package funduse_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/funduse"
)

const (
	community = approval.Scope("370300/370303/370303001/370303001901")
	day       = 24 * time.Hour
)

var opened = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// cast is everybody a story may name: m are members, r reserves, c charity
// officers, k cashiers, q payment checkers. "x" holds every role there is,
// "out" none.
var cast = func() map[string]approval.Person {
	people := map[string]approval.Person{"out": {ID: "out"}, "x": {ID: "x"}}
	add := func(role approval.Role, scope approval.Scope, ids ...string) {
		for _, id := range append(ids, "x") {
			person := people[id]
			person.ID, person.Grants = id, append(person.Grants, approval.Grant{Role: role, Scope: scope})
			people[id] = person
		}
	}
	add(approval.Handler, community, "h1", "h2")
	add(approval.CommitteeMember, community, "m1", "m2", "m3", "m4", "m5", "r1", "r2")
	add(approval.Secretary, community, "sec")
	add(approval.SubdistrictApprover, "370300/370303/370303001", "s1")
	add(approval.DistrictApprover, "370300/370303", "d1")
	add(approval.CharityOfficer, "370300/370303", "c1", "c2", "c3")
	add(approval.Cashier, "370300/370303", "k1", "k2")
	add(approval.PaymentChecker, "370300/370303", "q1", "q2")
	add(approval.ObjectionHandler, "370300/370303/370303001", "o1")
	add(approval.Administrator, "370300", "a1")
	add(approval.Supervisor, community, "v1")
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

func proposal() funduse.Proposal {
	return funduse.Proposal{
		Title: "3号楼单元门维修", Category: funduse.Repair, Purpose: "更换损坏的单元门", Amount: 500_000,
		Lines:  []funduse.Line{{Item: "单元门", Amount: 400_000}, {Item: "安装", Amount: 100_000}},
		FundID: "f1", Payee: funduse.Payee{ID: "payee1", Name: "示例门业", Bank: "示例银行", AccountMasked: "**** 1234", AccountDigest: "d1"},
		Beneficiaries: 48, StartsOn: "2026-03-01", EndsOn: "2026-06-30",
	}
}

func start() funduse.Start {
	return funduse.Start{
		CaseID: "case1", Scope: community, Proposer: "h1", Proposal: proposal(), Gateway: funduse.HTTP, OpenedAt: opened,
		Pin: approval.RulePin{ID: "370303/funduse", Version: 1, Hash: "00"},
		Parameters: funduse.Parameters{
			Committee: funduse.CommitteeParameters{
				MinMembers: 3, QuorumNum: 1, QuorumDen: 2, QuorumBase: "eligible", PassNum: 1, PassDen: 2, PassBase: "present",
				MinValid: 2, Rounds: 2, Publish: funduse.PublishCounts,
			},
			Charity:   funduse.CharityParameters{TwoOfficersAbove: 1_000_000},
			Notice:    funduse.NoticeParameters{Days: 3, DayKind: approval.CalendarDays, AnswerDays: 5},
			Deadlines: funduse.DeadlineParameters{Correction: 5, Review: 5, Higher: 5, Charity: 5, Payout: 5, Acceptance: 20},
		},
	}
}

// play is a case with everything around it: a clock, a committee, a rule
// engine, a ledger and a bank that answer as told. Its step moves the case on
// exactly where the workflow would.
type play struct {
	rapid.TB
	s      *funduse.State
	now    time.Time
	seq    int
	acts   int               // composed so far
	begun  bool              // the script has come to its first event
	roster []approval.Member // what the next convening finds
	rules  map[approval.Stage][]approval.Outcome
	routes []string                        // levels the rules ask for
	short  int                             // refusals of the ledger to come
	bank   []string                        // refusals of the bank to come
	watch  func(prev, next *funduse.State) // sees every change, if set
	quick  bool                            // leaves out what is checked of copies
	// What the world saw.
	reserved, released, sent, settled int
	keys                              []string // of payments
	refunds                           []funduse.RefundOrder
	notes                             []approval.NoticeNote
	notices                           []approval.Notice
	convened                          []convening
}

// convening is the roster the committee was called with and how many acts had
// been taken by then.
type convening struct {
	roster []approval.Member
	acts   int
}

func newPlay(t rapid.TB, start funduse.Start) *play {
	return &play{TB: t, s: funduse.New(start), now: opened, rules: map[approval.Stage][]approval.Outcome{}, roster: rosterOf("m1 m2 m3")}
}

// advance changes a copy, as the workflow does, and shows that the original
// stays as it was.
func (p *play) advance(change func(next *funduse.State)) {
	p.Helper()
	unchanged := p.kept()
	next := p.s.Clone()
	change(next)
	if !unchanged() {
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

// kept remembers the state as it is, to tell later whether it still is.
func (p *play) kept() (unchanged func() bool) {
	if p.quick {
		return func() bool { return true }
	}
	state, before := p.s, string(encode(p, p.s))
	return func() bool { return string(encode(p, state)) == before }
}

// take offers an act to the case and applies it if the case allows it.
func (p *play) take(act approval.Act) error {
	p.Helper()
	unchanged := p.kept()
	err := p.s.Check(act, p.now)
	if !unchanged() {
		p.Fatalf("checking %s by %s changed the case", act.Action, act.Person.ID)
	}
	if err != nil || p.s.Desk.Done(act.ID) != nil {
		return err
	}
	p.seq++
	p.advance(func(next *funduse.State) { next.Apply(act, p.seq, p.now) })
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

// tick lets the clock go on to the next moment the case waits for; false when
// it waits for people only.
func (p *play) tick() bool {
	next := p.s.NextAlarm()
	if next.IsZero() && p.s.Stage == funduse.Disclosure {
		next = p.s.NextDisclosure()
	}
	if next.IsZero() {
		return false
	}
	if next.After(p.now) {
		p.now = next.UTC()
	}
	p.advance(func(s *funduse.State) { s.Ring(p.now) })
	return true
}

func (p *play) evidence(stage approval.Stage) approval.Evidence {
	outcome := approval.OutcomePass
	if queue := p.rules[stage]; len(queue) > 0 {
		outcome, p.rules[stage] = queue[0], queue[1:]
	}
	evidence := approval.Evidence{Pin: p.s.Pin, Stage: string(stage), Outcome: outcome, EvaluatedAt: p.now}
	for _, level := range p.routes {
		evidence.Approvals = append(evidence.Approvals, approval.Route{Level: level, Rule: "R-" + level, Reason: "金额较大"})
	}
	finding := approval.Finding{ID: "C1", Title: "三家比价", Severity: approval.SeverityBlock, Verdict: approval.FindingFail, Message: "缺少三家比价单"}
	switch outcome {
	case approval.OutcomePass:
		return evidence
	case approval.OutcomeMissing:
		finding.Verdict = approval.FindingUnknown
	case approval.OutcomeReview:
		finding.Severity = approval.SeverityReview
	}
	evidence.Findings = []approval.Finding{finding}
	return evidence
}

// rosterOf reads "m1 m2! +r1": m2 is interested, r1 a reserve; "m1:resident"
// sits in that seat.
func rosterOf(text string) []approval.Member {
	var roster []approval.Member
	for _, word := range strings.Fields(text) {
		member := approval.Member{}
		if word[0] == '+' {
			member.Reserve, word = true, word[1:]
		}
		if word[len(word)-1] == '!' {
			member.Interested, member.Reason, word = true, "与收款人有利害关系", word[:len(word)-1]
		}
		id, seat, seated := strings.Cut(word, ":")
		member.ID = id
		if seated {
			member.Seats = []approval.Seat{seat}
		}
		roster = append(roster, member)
	}
	return roster
}

func (p *play) round(stage approval.Stage) int {
	for _, round := range p.s.Rounds {
		if round.Stage == stage {
			return round.N
		}
	}
	return 0
}

// asked reports whether the stage's running round has a task for the seat, or
// for any seat if none is named.
func (p *play) asked(stage approval.Stage, seat string) bool {
	return slices.ContainsFunc(p.s.Tasks, func(task approval.Task) bool {
		return task.Stage == stage && task.Round == max(1, p.round(stage)) && (seat == "" || task.Seat == seat)
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

func quarter(n int) string { return fmt.Sprintf("quarter-%d", n) }
