package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"linli/approval"
	"linli/internal/demo"
)

// game is the people of the communities and their cases.
type game struct {
	s      *system
	oracle *oracle
	seed   uint64
	people map[string]*person
	names  map[string]string // by person id
	towns  []*town

	mu    sync.Mutex
	begun int
	open  []*play // cases a round left behind
}

// town is one community with its fund.
type town struct{ key, scope, fund, payee string }

// play is one case as its people see it.
type play struct {
	*game
	*town
	n      int
	dice   *rand.Rand
	caseID string
	step   int
	papers []map[string]string
	tried  map[string]bool // tasks somebody has acted on
	voted  *deed           // a ballot that was taken
	unused approval.Fen
	amount approval.Fen
}

const acting = 14 // cases played side by side

// assemble logs everybody in and finds what they work with.
func assemble(ctx context.Context, s *system, seed uint64) *game {
	s.t.Helper()
	g := &game{s: s, seed: seed, oracle: newOracle(), people: map[string]*person{}, names: map[string]string{}}
	names := []string{"zb-officer1", "zb-officer2", "zb-cashier", "zb-checker", "zc-handler"}
	data, err := demo.Read()
	s.must("reading the demonstration", err)
	for _, fund := range data.Funds {
		if fund.Key != "zd" && fund.Key != "lz" {
			continue
		}
		for _, role := range []string{"handler", "secretary", "supervisor", "street", "objections", "district"} {
			names = append(names, fund.Key+"-"+role)
		}
		for _, member := range fund.Committee {
			names = append(names, member.Person)
		}
		g.towns = append(g.towns, &town{key: fund.Key, scope: string(fund.Scope)})
	}
	for _, name := range names {
		p, err := login(ctx, s.url, name)
		s.must("logging in", err)
		g.people[name], g.names[p.id] = p, name
	}
	for _, t := range g.towns {
		g.furnish(ctx, t)
	}
	return g
}

// furnish finds the town's fund and payee and fills the fund.
func (g *game) furnish(ctx context.Context, t *town) {
	g.s.t.Helper()
	var funds, payees struct{ Items []struct{ ID, Scope string } }
	handler := g.people[t.key+"-handler"]
	_, err := handler.read(ctx, "/v1/funds?limit=100", &funds)
	g.s.must("reading funds", err)
	_, err = handler.read(ctx, "/v1/payees?limit=100", &payees)
	g.s.must("reading payees", err)
	for _, fund := range funds.Items {
		if fund.Scope == t.scope {
			t.fund = fund.ID
		}
	}
	for _, payee := range payees.Items {
		if payee.Scope == t.scope {
			t.payee = payee.ID
		}
	}
	income := map[string]any{
		"kind": "market_income", "amount": 5_000_000_000, "received_on": "2026-02-19", "payer": "混沌集市(示例)",
		"receipt": map[string]any{"item": "社区发展基金捐赠(示例)", "issued_on": "2026-02-19", "code": "SAMPLE2026", "number": "CH" + t.key},
	}
	got, err := g.people["zb-officer1"].insist(ctx, "POST", "/v1/funds/"+t.fund+"/incomes", "chaos-income-"+t.key, income)
	if err != nil || !got.accepted() {
		g.s.t.Fatalf("filling the fund of %s: %s %v", t.key, got, err)
	}
}

// round plays cases side by side until done, then leaves them where they are.
func (g *game) round(ctx context.Context, done <-chan struct{}) {
	var players sync.WaitGroup
	for range acting {
		players.Go(func() {
			for {
				p := g.next()
				if !p.on(ctx, done) {
					g.leave(p)
					return
				}
			}
		})
	}
	players.Wait()
}

func (g *game) next() *play {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.open) > 0 {
		p := g.open[0]
		g.open = g.open[1:]
		return p
	}
	g.begun++
	dice := rand.New(rand.NewPCG(g.seed, uint64(g.begun)))
	return &play{game: g, n: g.begun, dice: dice, town: g.towns[dice.IntN(len(g.towns))], tried: map[string]bool{}}
}

func (g *game) leave(p *play) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = append(g.open, p)
}

// on plays the case to its end; false when the round is over before.
func (p *play) on(ctx context.Context, done <-chan struct{}) (ended bool) {
	for idle := 0; ; {
		if p.caseID == "" {
			p.propose(ctx)
		} else {
			ended, moved := p.move(ctx)
			if ended {
				return true
			}
			if moved {
				idle = 0
			} else {
				idle++
			}
		}
		select {
		case <-done:
			return false
		case <-ctx.Done():
			return false
		case <-time.After(time.Duration(20+min(idle, 10)*60) * time.Millisecond):
		}
		if idle > 40 && p.dice.IntN(3) == 0 {
			p.leave(p) // it waits for the clock: somebody else takes it up later
			return true
		}
	}
}

func (p *play) proposal() map[string]any {
	day := func(in int) string { return time.Now().In(approval.Shanghai).AddDate(0, 0, in).Format(time.DateOnly) }
	p.amount = approval.Fen(20_000 + 100*p.dice.IntN(600))
	if p.dice.IntN(5) == 0 {
		p.amount += 520_000 // the subdistrict is asked
	}
	return map[string]any{
		"title": fmt.Sprintf("混沌演练第%d件(示例)", p.n), "category": "event", "purpose": "社区活动，用于演练。",
		"amount": p.amount, "lines": []map[string]any{{"item": "物资", "amount": p.amount}}, "fund_id": p.fund, "payee_id": p.payee,
		"needs": []string{"老年食堂"}, "beneficiaries": 60, "starts_on": day(10), "ends_on": day(20), "attachments": p.papers,
	}
}

func (p *play) key(what string) string {
	p.step++
	return fmt.Sprintf("chaos-%d-%d-%d-%s", p.seed, p.n, p.step, what)
}

// upload brings the case's papers; each serves one case.
func (p *play) upload(ctx context.Context) error {
	for _, kind := range []string{"application", "budget", "quotes"}[len(p.papers):] {
		id, err := p.people[p.town.key+"-handler"].upload(ctx, p.scope, fmt.Sprintf("chaos-%d-%d-%s", p.seed, p.n, kind))
		if err != nil {
			return err
		}
		p.papers = append(p.papers, map[string]string{"id": id, "kind": kind})
	}
	return nil
}

func (p *play) propose(ctx context.Context) {
	if p.upload(ctx) != nil {
		return // and again, as long as people play
	}
	key, body := p.key("open"), p.proposal()
	got := p.twice(ctx, p.people[p.town.key+"-handler"], "/v1/fund-uses", key, body)
	var opened struct {
		CaseID string `json:"case_id"`
	}
	if !got.accepted() || json.Unmarshal(got.body, &opened) != nil {
		if got.settled() {
			p.oracle.wrong(fmt.Sprintf("case %d could not be opened: %s", p.n, got))
		}
		return
	}
	p.caseID = opened.CaseID
	p.oracle.opened(p.caseID)
}

// twice sends a request until there is an answer, now and then from two
// windows at once, now and then again afterwards: the answers must be one.
func (p *play) twice(ctx context.Context, who *person, path, key string, body any) answer {
	var other sync.WaitGroup
	if p.dice.IntN(8) == 0 {
		other.Go(func() { who.send(ctx, "POST", path, key, body) })
	}
	got, err := who.insist(ctx, "POST", path, key, body)
	other.Wait()
	if err != nil {
		p.oracle.wrong(err.Error())
		return got
	}
	if p.dice.IntN(5) == 0 {
		again, err := who.insist(ctx, "POST", path, key, body)
		if err == nil && (again.status/100 != got.status/100 || got.accepted() && !bytes.Equal(again.body, got.body)) {
			p.oracle.wrong(fmt.Sprintf("%s under %s was answered %s and then %s", path, key, got, again))
		}
	}
	return got
}

// act is one act by one person; what the actor is told is remembered.
func (p *play) act(ctx context.Context, name, task string, body map[string]any, unlawful bool) *deed {
	who, key := p.people[name], p.key("act")
	action, _ := body["action"].(approval.Action)
	d := &deed{id: who.id + "/" + key, caseID: p.caseID, task: task, action: action, person: who.id, unlawful: unlawful}
	p.oracle.intends(d)
	got := p.twice(ctx, who, "/v1/tasks/"+task+"/acts", key, body)
	switch {
	case got.accepted():
		var receipt approval.Receipt
		if err := json.Unmarshal(got.body, &receipt); err != nil {
			p.oracle.wrong(fmt.Sprintf("%s was answered %s", d.id, got))
			return d
		}
		p.oracle.hears(d, &receipt, "")
		if unlawful {
			p.oracle.wrong(fmt.Sprintf("%s was let through: %s on %s by %s", d.id, action, task, name))
		}
	case got.settled():
		p.oracle.hears(d, nil, got.problem.Code)
	}
	return d
}
