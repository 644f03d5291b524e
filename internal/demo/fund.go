package demo

import (
	"context"
	"fmt"
	"path"
	"slices"

	"linli/approval"
	"linli/approval/funduse"
)

// The charity of the demonstration: fictional, with a synthetic code.
var charity = funduse.NewCharity{
	Scope: "370300", Name: "示例慈善总会（虚构）", CreditCode: "51370300QW0000153N", PublicFundraising: true,
}

// made is what the loader needs of an answer to a write.
type made struct {
	ID        string     `json:"id"`
	EarmarkID string     `json:"earmark_id"`
	Interests []interest `json:"interests"`
}

type interest struct {
	PersonID string `json:"person_id"`
}

func (l *loader) loadFunds(ctx context.Context) error {
	var registered made
	if err := l.admin.Write(ctx, "POST", "/v1/charities", "demo-charity", charity, &registered); err != nil {
		return fmt.Errorf("charity: %w", err)
	}
	for _, fund := range l.data.Funds {
		if err := l.loadFund(ctx, fund, registered.ID); err != nil {
			return fmt.Errorf("%s: %w", fund.Key, err)
		}
	}
	return nil
}

func (l *loader) loadFund(ctx context.Context, fund Fund, charityID string) error {
	officer, err := l.as(ctx, "zb-officer1")
	if err != nil {
		return err
	}
	var opened made
	err = officer.Write(ctx, "POST", "/v1/funds", "demo-fund-"+fund.Key, funduse.NewFund{
		Scope: fund.Scope, Name: fund.Name, CharityID: charityID, AgreementNo: fund.AgreementNo, Households: fund.Households,
	}, &opened)
	if err != nil {
		return err
	}
	l.funds[fund.Key] = opened.ID
	if err := l.loadIncomes(ctx, officer, fund, opened.ID); err != nil {
		return err
	}
	if err := l.loadCommittee(ctx, fund); err != nil {
		return err
	}
	return l.loadPayees(ctx, fund)
}

func (l *loader) loadIncomes(ctx context.Context, officer *Client, fund Fund, id string) error {
	for i, income := range fund.Incomes {
		wanted := map[string]any{"kind": income.Kind, "amount": income.Amount, "received_on": income.ReceivedOn}
		receipt := map[string]any{"item": "社区发展基金捐赠（示例）", "issued_on": income.ReceivedOn}
		if income.Anonymous {
			wanted["anonymous"], receipt["absence"], receipt["reason"] = true, "anonymous", income.NoReceipt
		} else {
			wanted["payer"], receipt["code"], receipt["number"] = income.Payer, "SAMPLE2026", income.Receipt
		}
		if income.Earmark != nil {
			wanted["earmark"] = map[string]any{"purpose": income.Earmark.Purpose, "categories": income.Earmark.Categories}
		}
		wanted["receipt"] = receipt
		var booked made
		if err := officer.Write(ctx, "POST", "/v1/funds/"+id+"/incomes", fmt.Sprintf("demo-income-%s-%d", fund.Key, i), wanted, &booked); err != nil {
			return fmt.Errorf("income %d: %w", i+1, err)
		}
		if income.Key != "" {
			l.earmarks[income.Key] = booked.EarmarkID
		}
	}
	return nil
}

func (l *loader) loadCommittee(ctx context.Context, fund Fund) error {
	secretary, err := l.as(ctx, fund.Secretary)
	if err != nil {
		return err
	}
	place := "/v1/committees/" + path.Base(string(fund.Scope))
	var standing struct {
		Version int `json:"version"`
	}
	if err := secretary.Read(ctx, place, &standing); err != nil && approval.CodeOf(err) != approval.NotFound {
		return err
	}
	if standing.Version > 0 {
		return nil
	}
	var members []map[string]any
	for _, member := range fund.Committee {
		members = append(members, map[string]any{"person_id": l.people[member.Person], "seats": member.Seats, "reserve": member.Reserve})
	}
	return secretary.Write(ctx, "PUT", place, "demo-committee-"+fund.Key, map[string]any{"version": 0, "members": members}, nil)
}

func (l *loader) loadPayees(ctx context.Context, fund Fund) error {
	handler, err := l.as(ctx, fund.Handler)
	if err != nil {
		return err
	}
	for _, payee := range fund.Payees {
		var registered made
		err := handler.Write(ctx, "POST", "/v1/payees", "demo-payee-"+payee.Key, funduse.NewPayee{
			Scope: fund.Scope, Name: payee.Name, Bank: payee.Bank, Account: payee.Account,
		}, &registered)
		if err != nil {
			return fmt.Errorf("payee %s: %w", payee.Key, err)
		}
		l.payees[payee.Key] = registered.ID
		for _, declared := range payee.Interests {
			person := l.people[declared.Person]
			if slices.ContainsFunc(registered.Interests, func(known interest) bool { return known.PersonID == person }) {
				continue
			}
			err := handler.Write(ctx, "POST", "/v1/payees/"+registered.ID+"/interests", "demo-interest-"+payee.Key,
				map[string]any{"person_id": person, "relation": declared.Relation}, nil)
			if err != nil {
				return fmt.Errorf("interest in %s: %w", payee.Key, err)
			}
		}
	}
	return nil
}
