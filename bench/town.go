package bench

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"linli/approval"
	"linli/internal/demo"
)

// People are those of the demonstration who take part, signed in.
type People struct {
	url      string
	towns    []*town
	swift    []*town    // where two ballots settle a vote
	charity  [2]*person // officers, who take turns
	cashier  *person
	checker  *person
	day      time.Duration // length of a day in deadlines
	run      int64
	proposed atomic.Int64
	acted    atomic.Int64
}

// town is a community with a committee of three.
type town struct {
	scope               approval.Scope
	fund, payee         string
	handler, supervisor *person
	members             []*person
}

type person struct {
	*demo.Client
	id string
}

const committee = 3

// quorate is the fund whose committee needs all three ballots; elsewhere two
// settle the vote. Whole cases take place elsewhere.
const quorate = "zv"

// Assemble signs people in and prepares what they work with. day is what the
// deployment takes for a day.
func Assemble(ctx context.Context, url string, day time.Duration) (*People, error) {
	data, err := demo.Read()
	if err != nil {
		return nil, err
	}
	p := &People{url: url, day: day, run: time.Now().UnixNano()}
	for name, seat := range map[string]**person{
		"zb-officer1": &p.charity[0], "zb-officer2": &p.charity[1], "zb-cashier": &p.cashier, "zb-checker": &p.checker,
	} {
		if *seat, err = p.login(ctx, name); err != nil {
			return nil, err
		}
	}
	for _, fund := range data.Funds {
		var members []string
		for _, member := range fund.Committee {
			if !member.Reserve {
				members = append(members, member.Person)
			}
		}
		if len(members) != committee {
			continue
		}
		t, err := p.furnish(ctx, fund, members)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fund.Key, err)
		}
		if p.towns = append(p.towns, t); fund.Key != quorate {
			p.swift = append(p.swift, t)
		}
	}
	return p, nil
}

func (p *People) login(ctx context.Context, name string) (*person, error) {
	for {
		client, err := demo.Login(ctx, p.url, name, demo.Password)
		if approval.CodeOf(errors.Unwrap(err)) == approval.RateLimited {
			if err := sleep(ctx, time.Second); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		var me struct {
			ID string `json:"id"`
		}
		err = client.Read(ctx, "/v1/me", &me)
		return &person{Client: client, id: me.ID}, err
	}
}

// furnish signs the town's people in and fills its fund.
func (p *People) furnish(ctx context.Context, fund demo.Fund, members []string) (*town, error) {
	t := &town{scope: fund.Scope}
	var err error
	if t.handler, err = p.login(ctx, fund.Handler); err != nil {
		return nil, err
	}
	if t.supervisor, err = p.login(ctx, fund.Key+"-supervisor"); err != nil {
		return nil, err
	}
	for _, name := range members {
		member, err := p.login(ctx, name)
		if err != nil {
			return nil, err
		}
		t.members = append(t.members, member)
	}
	if t.fund, err = t.find(ctx, "/v1/funds?limit=100"); err != nil {
		return nil, err
	}
	if t.payee, err = t.find(ctx, "/v1/payees?limit=100"); err != nil {
		return nil, err
	}
	err = p.charity[0].Write(ctx, "POST", "/v1/funds/"+t.fund+"/incomes", fmt.Sprintf("bench-income-%d-%s", p.run, fund.Key), map[string]any{
		"kind": "market_income", "amount": 5_000_000_000, "received_on": "2026-02-19", "payer": "测速集市（示例）",
		"receipt": map[string]any{"item": "社区发展基金捐赠（示例）", "issued_on": "2026-02-19", "code": "SAMPLE2026", "number": fmt.Sprintf("BN%d%s", p.run, fund.Key)},
	}, nil)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// find is the id of the town's own entry in a list.
func (t *town) find(ctx context.Context, path string) (string, error) {
	var page struct {
		Items []struct {
			ID    string         `json:"id"`
			Scope approval.Scope `json:"scope"`
		} `json:"items"`
	}
	if err := t.handler.Read(ctx, path, &page); err != nil {
		return "", err
	}
	for _, item := range page.Items {
		if item.Scope == t.scope {
			return item.ID, nil
		}
	}
	return "", fmt.Errorf("%s holds nothing of %s", path, t.scope)
}
