package store_test

import (
	"context"
	"testing"

	"linli/approval"
	"linli/approval/funduse"
)

func committeeOf(ids ...string) []funduse.CommitteeMember {
	members := make([]funduse.CommitteeMember, 0, len(ids))
	for _, id := range ids {
		members = append(members, funduse.CommitteeMember{PersonID: id, Seats: []approval.Seat{"resident"}})
	}
	return members
}

func TestAMemberWithAnInterestIsMarkedInTheRoster(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	secretary := b.as(approval.Secretary, community)
	members := committeeOf("p_1", "p_2", "p_3", "p_4")
	members[0].Reserve = true
	must(b.api.SetCommittee(secretary, funduse.CommitteeOrder{Scope: community, Members: members, By: "p_9", At: noon}))(t)
	must(b.api.DeclareInterest(b.as(approval.Handler, community), b.payee.ID, funduse.Interest{
		PersonID: "p_3", Relation: approval.Spouse, DeclaredAt: noon, DeclaredBy: "p_9",
	}))(t)
	roster := must(b.worker.Committee(ctx, community, b.payee.ID))(t)
	if err := approval.ValidateRoster(roster); err != nil {
		t.Fatal(err)
	}
	eligible := ""
	for _, member := range roster {
		if member.Eligible() {
			eligible += member.ID + " "
		}
	}
	if eligible != "p_2 p_4 " || roster[3].ID != "p_1" || !roster[3].Reserve || !roster[1].Interested || roster[1].Reason == "" {
		t.Errorf("the roster: %+v", roster)
	}
	for _, member := range must(b.worker.Committee(ctx, community, ""))(t) {
		if member.Interested {
			t.Errorf("%s has an interest in nobody", member.ID)
		}
	}
	if empty := must(b.worker.Committee(ctx, neighbour, b.payee.ID))(t); len(empty) != 0 {
		t.Errorf("a community without a committee has %+v", empty)
	}
}

func TestTwoSecretariesDoNotOverwriteEachOther(t *testing.T) {
	b := openBooks(t)
	results := together(8, func(i int) error {
		_, err := b.api.SetCommittee(b.as(approval.Secretary, community), funduse.CommitteeOrder{
			Scope: community, Members: committeeOf("p_1", "p_2", "p_3"), By: "p_9", At: noon,
		})
		return err
	})
	kept := 0
	for _, err := range results {
		switch {
		case err == nil:
			kept++
		case approval.CodeOf(err) != approval.StaleContent:
			t.Errorf("unexpected: %v", err)
		}
	}
	if kept != 1 {
		t.Errorf("%d of 8 lists were kept as the first version", kept)
	}
}

func TestFactsOfAFund(t *testing.T) {
	b, ctx := openBooks(t), context.Background()
	b.donate("income-0001", 100_000, noon)
	gift := donation(7_000)
	gift.Kind, gift.Earmark = funduse.DirectedDonation, &funduse.Earmark{Purpose: "敬老", Categories: []funduse.Category{funduse.Visit}}
	earmark := must(b.api.AddIncome(b.as(approval.CharityOfficer, district), funduse.IncomeOrder{
		FundID: b.fund.ID, Key: "gift-0001", By: "p_9", At: noon, Income: gift,
	}))(t).EarmarkID
	pay(t, b, "c1", 30_000)
	for _, err := range []error{
		b.worker.RefundUnused(ctx, funduse.RefundOrder{CaseID: "c1", Key: "f1", Amount: 2_000, BankReference: "RF1", At: noon}),
		b.worker.Reserve(ctx, funduse.ReserveOrder{CaseID: "c2", Key: "r2", FundID: b.fund.ID, EarmarkID: earmark, Amount: 5_000, At: noon}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.api.SetCommittee(b.as(approval.Secretary, community), funduse.CommitteeOrder{
		Scope: community, Members: committeeOf("p_1", "p_2", "p_3"), By: "p_9", At: noon}))(t)
	must(b.api.DeclareInterest(b.as(approval.Handler, community), b.payee.ID, funduse.Interest{
		PersonID: "p_1", Relation: approval.Shareholder, DeclaredAt: noon, DeclaredBy: "p_9"}))(t)
	fund, directed, payee, place, err := b.worker.FundFacts(ctx, b.fund.ID, earmark, b.payee.ID, noon.AddDate(0, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if fund != (funduse.FundFacts{Available: 72_000, Reserved: 5_000, SpentThisYear: 28_000, OpenCases: 1, CommitteeMembers: 3}) {
		t.Errorf("fund: %+v", fund)
	}
	if !directed.Present || directed.Available != 2_000 || len(directed.Categories) != 1 || directed.Categories[0] != "visit" {
		t.Errorf("earmark: %+v", directed)
	}
	if payee != (funduse.PayeeFacts{Known: true, PaidThisYear: 28_000, InterestedMembers: 1}) {
		t.Errorf("payee: %+v", payee)
	}
	if place != (funduse.CommunityFacts{Scope: string(community), Households: 2400, HouseKnown: true}) {
		t.Errorf("community: %+v", place)
	}
	nextYear, absent, nobody, _, err := b.worker.FundFacts(ctx, b.fund.ID, "", "", noon.AddDate(1, 0, 0))
	if err != nil || nextYear.SpentThisYear != 0 || absent.Present || nobody.Known {
		t.Errorf("next year, nothing named: %+v %+v %+v %v", nextYear, absent, nobody, err)
	}
	if _, _, _, _, err := b.worker.FundFacts(ctx, "f_none", "", "", noon); approval.CodeOf(err) != approval.NotFound {
		t.Errorf("an unknown fund: %v", err)
	}
}
