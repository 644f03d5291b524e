package city

import (
	"context"
	"fmt"
	"path"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/examples"
	"linli/internal/demo"
)

// The people of the demonstration who serve the whole city.
const (
	officer  = "zb-officer1"
	approver = "zb-officer2"
	cashier  = "zb-cashier"
	checker  = "zb-checker"

	demoPassword = demo.Password
)

// made is what is needed of an answer to a write.
type made struct {
	ID     string `json:"id"`
	CaseID string `json:"case_id"`
}

func (r *run) makeCommunities(ctx context.Context) error {
	var jobs []job
	for _, community := range r.plan.Communities {
		code := codeOf(community.Scope)
		jobs = append(jobs, once(community.Name, func(ctx context.Context) error {
			division := approval.Division{Path: community.Scope, NameZH: community.Name, NameEN: "Sample community " + code}
			if err := r.write(ctx, examples.AdminUsername, "POST", "/v1/scopes", "scope-"+code, division, nil); err != nil {
				return err
			}
			return r.write(ctx, examples.AdminUsername, "PUT", "/v1/communities/"+code+"/age", "age-"+code, map[string]any{"age": community.Age}, nil)
		}))
	}
	return r.work(ctx, "社区 / communities", jobs)
}

func (r *run) openAccounts(ctx context.Context) error {
	var jobs []job
	for _, office := range r.plan.Offices {
		for _, person := range append([]Person{office.Handler, office.Secretary, office.Street, office.Agent}, office.Committee...) {
			jobs = append(jobs, once(person.Username, func(ctx context.Context) error {
				wanted := approval.NewAccount{Username: person.Username, Name: person.Name, Scope: person.Scope, Password: demoPassword}
				if person.Role != "" {
					wanted.Grants = []approval.Grant{{Role: person.Role, Scope: person.Scope}}
				}
				var account approval.Account
				err := r.write(ctx, examples.AdminUsername, "POST", "/v1/accounts", "account-"+person.Username, wanted, &account)
				r.keep(person.Username, account.ID)
				return err
			}))
		}
	}
	for _, scorer := range scorers {
		jobs = append(jobs, once(scorer, func(ctx context.Context) error {
			var me made
			err := r.read(ctx, scorer, "/v1/me", &me)
			r.keep(scorer, me.ID)
			return err
		}))
	}
	return r.work(ctx, "人员 / people", jobs)
}

// openFunds opens the funds with all they receive, their committees and payees.
func (r *run) openFunds(ctx context.Context) error {
	var charities struct {
		Items []funduse.RegisteredCharity `json:"items"`
	}
	if err := r.read(ctx, officer, "/v1/charities", &charities); err != nil {
		return err
	}
	if len(charities.Items) == 0 {
		return fmt.Errorf("there is no charity to host funds")
	}
	charity := charities.Items[len(charities.Items)-1].ID
	r.funds, r.payees = make([]string, len(r.plan.Funds)), make([]string, len(r.plan.Funds))
	var jobs []job
	for i, fund := range r.plan.Funds {
		jobs = append(jobs, once(r.plan.Communities[fund.Community].Name, func(ctx context.Context) error { return r.openFund(ctx, i, charity) }))
	}
	return r.work(ctx, "基金 / funds", jobs)
}

func (r *run) openFund(ctx context.Context, i int, charity string) error {
	fund, community := r.plan.Funds[i], r.plan.Communities[r.plan.Funds[i].Community]
	code := codeOf(community.Scope)
	var opened made
	err := r.write(ctx, officer, "POST", "/v1/funds", "fund-"+code, funduse.NewFund{
		Scope: community.Scope, Name: "示例慈善总会" + community.Name + "发展基金", CharityID: charity, AgreementNo: "示例-" + code, Households: 1500,
	}, &opened)
	if err != nil {
		return err
	}
	r.funds[i] = opened.ID
	for n, income := range fund.Incomes {
		if err := r.receive(ctx, opened.ID, code, n, income); err != nil {
			return err
		}
	}
	office := r.plan.Offices[community.Office]
	if err := r.seatCommittee(ctx, office, code); err != nil {
		return err
	}
	var payee made
	err = r.write(ctx, office.Handler.Username, "POST", "/v1/payees", "payee-"+code, map[string]any{
		"scope": community.Scope, "name": "示例维修服务部" + code, "bank": "示范银行（示例）", "account": "6222" + code,
	}, &payee)
	r.payees[i] = payee.ID
	return err
}

// receive books an income as received on the day the city is made: a repetition on
// another day is the same write, so the day is the plan's, not the clock's.
func (r *run) receive(ctx context.Context, fund, code string, n int, income Income) error {
	const day = "2026-01-05"
	wanted := map[string]any{
		"kind": income.Kind, "amount": income.Amount, "payer": "示例捐赠人（虚构）", "received_on": day,
		"receipt": map[string]any{"item": "社区发展基金捐赠（示例）", "issued_on": day, "code": "SAMPLECITY", "number": fmt.Sprintf("%dN%sN%d", r.Seed, code, n+1)},
	}
	if income.Kind == funduse.DirectedDonation {
		wanted["earmark"] = map[string]any{"purpose": "为老服务（示例）", "categories": []string{"visit", "service"}}
	}
	return r.write(ctx, officer, "POST", "/v1/funds/"+fund+"/incomes", fmt.Sprintf("income-%s-%d", code, n), wanted, nil)
}

func (r *run) seatCommittee(ctx context.Context, office Office, code string) error {
	members := []map[string]any{}
	for i, person := range office.Committee {
		seat := "member"
		if i < 2 {
			seat = []string{"chair", "resident"}[i]
		}
		members = append(members, map[string]any{"person_id": r.id(person.Username), "seats": []string{seat}, "reserve": false})
	}
	return r.write(ctx, office.Secretary.Username, "PUT", "/v1/committees/"+code, "committee-"+code, map[string]any{"version": 0, "members": members}, nil)
}

func codeOf(scope approval.Scope) string { return path.Base(string(scope)) }

// today is a civil date so many days from now.
func today(in int) string {
	return time.Now().In(approval.Shanghai).AddDate(0, 0, in).Format(time.DateOnly)
}
