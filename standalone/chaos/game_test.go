package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"linli/approval"
	"linli/internal/demo"
)

// game is the people of the communities and their cases.
type game struct {
	s         *system
	oracle    *oracle
	seed      uint64
	people    map[string]*person
	names     map[string]string // by person id
	towns     map[string]*town
	operators []firm
	earlier   int64 // shares in the books before anybody played

	mu    sync.Mutex
	begun int
	turns int
	open  []*play // cases nobody is playing right now
	deck  []string
}

// town is one community with its fund.
type town struct{ key, scope, fund, payee string }

const (
	acting = 14 // cases played side by side
	most   = 30 // cases that wait until somebody takes them up again
)

// assemble logs everybody in and finds what they work with.
func assemble(ctx context.Context, s *system, seed uint64) *game {
	s.t.Helper()
	g := &game{s: s, seed: seed, oracle: newOracle(), people: map[string]*person{}, names: map[string]string{}, towns: map[string]*town{}}
	names := []string{"zb-officer1", "zb-officer2", "zb-cashier", "zb-checker", "zc-handler"}
	data, err := demo.Read()
	s.must("reading the demonstration", err)
	for _, fund := range data.Funds {
		if fund.Key != "zd" && fund.Key != "lz" && fund.Key != "bs" {
			continue
		}
		for _, role := range []string{"handler", "secretary", "supervisor", "street", "objections", "district"} {
			names = append(names, fund.Key+"-"+role)
		}
		for _, member := range fund.Committee {
			names = append(names, member.Person)
		}
		g.towns[fund.Key] = &town{key: fund.Key, scope: string(fund.Scope)}
	}
	for n := range 7 {
		names = append(names, fmt.Sprintf("zb-scorer%d", n+1))
	}
	for _, operator := range data.Operators {
		names = append(names, operator.Person)
	}
	for _, name := range names {
		p, err := login(ctx, s.url, name)
		s.must("logging in", err)
		g.people[name], g.names[p.id] = p, name
	}
	for _, key := range slices.Sorted(maps.Keys(g.towns)) {
		g.furnish(ctx, g.towns[key])
	}
	g.register(ctx, data.Operators)
	g.earlier, err = s.number(ctx, `SELECT count(*) AS n FROM incomes WHERE kind = 'operator_share'`)
	s.must("counting shares", err)
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
		"kind": "market_income", "amount": 5_000_000_000, "received_on": "2026-02-19", "payer": "混沌集市（示例）",
		"receipt": map[string]any{"item": "社区发展基金捐赠（示例）", "issued_on": "2026-02-19", "code": "SAMPLE2026", "number": "CH" + t.key},
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

// next is a case somebody left, or, every third time, new ones: who competes
// with one another begins at the same time.
func (g *game) next() *play {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.turns++; len(g.open) == 0 || g.turns%3 == 0 && len(g.open) < most {
		g.open = append(g.fresh(), g.open...)
	}
	p := g.open[0]
	g.open = g.open[1:]
	return p
}

// fresh are new cases of the kind that is next in a shuffled deck.
func (g *game) fresh() []*play {
	lead := g.play("")
	if len(g.deck) == 0 {
		g.deck = []string{"contest", "contest", "contest", "paper", "call", "void", "void", "use", "use", "use", "use", "use"}
		lead.dice.Shuffle(len(g.deck), func(i, j int) { g.deck[i], g.deck[j] = g.deck[j], g.deck[i] })
	}
	kind := g.deck[0]
	g.deck = g.deck[1:]
	switch kind {
	case "contest":
		return g.contest(lead, 4)
	case "paper":
		return g.paper(lead)
	case "call":
		return g.call(lead, 3)
	case "void":
		return g.call(lead, 0)
	}
	lead.town = g.towns[[]string{"lz", "zd"}[lead.dice.IntN(2)]]
	lead.plot = &fundUse{play: lead}
	return []*play{lead}
}

func (g *game) play(town string) *play {
	g.begun++
	return &play{game: g, n: g.begun, dice: rand.New(rand.NewPCG(g.seed, uint64(g.begun))), town: g.towns[town], tried: map[string]bool{}}
}

func (g *game) leave(p *play) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = append(g.open, p)
}

// watch remembers what a notice said first; notes and objections beside it may
// come later.
func (g *game) watch(ctx context.Context, notice string) {
	var view approval.NoticeView
	ok, err := g.people["zc-handler"].read(ctx, "/v1/public/notices/"+notice, &view)
	if err != nil || !ok {
		g.oracle.wrong(fmt.Sprintf("notice %s cannot be read: %v", notice, err))
		return
	}
	body, err := json.Marshal(view.Notice)
	if err != nil || !g.oracle.seen(notice, string(body)) {
		g.oracle.wrong(fmt.Sprintf("notice %s has changed to %s", notice, body))
	}
}
