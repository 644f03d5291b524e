package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/statistics"
	"linli/store/storetest"
)

// day is noon of a day in March 2026.
func day(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, approval.Shanghai) }

// counted asks as an auditor of a scope for its figures on a day of March.
func (b *books) counted(scope approval.Scope, lastDay int) statistics.Report {
	b.t.Helper()
	plan := must(statistics.Question{Scope: scope, AsOf: fmt.Sprintf("2026-03-%02d", lastDay)}.Plan(day(31)))(b.t)
	facts := must(b.api.Statistics(b.as(approval.Auditor, scope), plan))(b.t)
	return must(statistics.Reckon(plan, facts))(b.t)
}

// receive books an income of a kind.
func (b *books) receive(kind funduse.IncomeKind, amount approval.Fen, at time.Time) funduse.Income {
	b.t.Helper()
	income := donation(amount)
	income.Kind = kind
	if kind == funduse.DirectedDonation {
		income.Earmark = &funduse.Earmark{Purpose: "助老"}
	}
	return must(b.api.AddIncome(b.as(approval.CharityOfficer, district), funduse.IncomeOrder{
		FundID: b.fund.ID, Key: fmt.Sprintf("%s-%d-%d", kind, amount, at.Day()), By: "p_9", At: at, Income: income,
	}))(b.t)
}

// on keeps a decided case with its content, as its workflow would have.
func (b *books) on(procedure, id, title string, content any, at time.Time) {
	b.t.Helper()
	text := must(json.Marshal(content))(b.t)
	b.exec(`INSERT INTO proposals (case_id, content_hash, scope, proposal, saved_by, saved_at) VALUES ($1, $1, $2, $3, 'p_1', $4)`,
		id, string(community), string(text), at)
	b.exec(`INSERT INTO cases (id, procedure, scope, title, amount, stage, stage_name_zh, stage_name_en, next_zh, next_en, status, reason, proposer,
		content_hash, rule_id, rule_version, rule_hash, sealed, opened_at, seq, updated_at)
		VALUES ($1, $2, $3, $4, 0, '', '', '', '', '', 'running', '', 'p_1', $1, '', 1, '', false, $5, 1, $5)`, id, procedure, string(community), title, at)
}

func (b *books) exec(statement string, args ...any) {
	b.t.Helper()
	if _, err := b.asOwner().Exec(context.Background(), statement, args...); err != nil {
		b.t.Fatal(err)
	}
}

// engage starts the engagement that follows an onboarding case.
func (b *books) engage(name string, application map[string]any, at time.Time) {
	b.t.Helper()
	b.on("onboarding", "o_"+name, name, application, at)
	b.on("engagement", "e_"+name, name, map[string]any{}, at)
	b.exec(`INSERT INTO engagements (case_id, seq, scope, operator_id, operator_name, space_id, space_name, stage, status, starts_on, ends_on, given, body, opened_at)
		VALUES ($1, 1, $2, 'op_1', '示例运营商', 's_1', '邻里中心', 'operating', 'running', '2026-03-01', '2027-02-28', 0, jsonb_build_object('onboarding', $3::text), $4)`,
		"e_"+name, string(community), "o_"+name, at)
}

// The first days of March: every figure is known, to the fen.
func march(t *testing.T) *books {
	b := openBooks(t)
	for i, kind := range funduse.IncomeKinds {
		b.receive(kind.Kind, approval.Fen(10_001+i), day(5))
	}
	b.on("fund_use", "c1", "车棚（示例）", map[string]any{"category": "micro"}, day(4))
	b.on("fund_use", "c2", "走访（示例）", map[string]any{"category": "visit"}, day(4))
	pay(t, b, "c1", 5_000)
	pay(t, b, "c2", 1_003)
	must(b.api.StateCommunityAge(b.as(approval.Secretary, community), statistics.AgeStatement{Scope: community, Age: statistics.Old, By: "p_9", At: day(5)}))(t)
	b.engage("food", map[string]any{
		"services": []int{1, 2, 3}, "fit_out": map[string]any{"cost": 600_000_00}, "running_cost": 200_000_00,
	}, day(6))
	b.engage("study", map[string]any{"services": []int{1}, "fit_out": map[string]any{"cost": 0}}, day(7))
	return b
}

func TestTheFiguresAreThoseOfTheBooks(t *testing.T) {
	b := march(t)
	want := statistics.Figures{
		Communities: 2, Funds: 1, Coverage: 5000, Balance: 50_015 - 6_003, Spent: 6_003,
		Income: statistics.Income{ResidentDonation: 10_001, DirectedDonation: 10_002, OperatorShare: 10_003, MarketIncome: 10_004,
			MicroBusiness: 10_005, Total: 50_015},
		Operators: 1, Engagements: 2, Services: 4, MicroProjects: statistics.Micro{Old: 1}, FitOut: 600_000_00, RunningCost: 200_000_00,
	}
	report := b.counted(district, 7)
	if got := report.Total.Figures; got != want {
		t.Errorf("the district:\n%+v, want\n%+v", got, want)
	}
	if held := b.balance().Total(); held != report.Total.Figures.Balance {
		t.Errorf("the fund holds %d, the figures say %d", held, report.Total.Figures.Balance)
	}
	city := b.counted(storetest.City, 7)
	if city.Total.Figures.Communities != 3 || city.Total.Figures.Coverage != 3333 || city.Parts[0].Figures != want || city.Parts[1].Figures != (statistics.Figures{Communities: 1}) {
		t.Errorf("the city: %+v", city)
	}
	if before := b.counted(district, 4).Total.Figures; before.Income != (statistics.Income{}) || before.Funds != 1 || before.Engagements != 0 {
		t.Errorf("the day before anything was booked: %+v", before)
	}
}

// What is recorded later, however it corrects what went before, leaves the
// figures of a past day as they were.
func TestAFigureOfAPastDayStays(t *testing.T) {
	b := march(t)
	ctx := context.Background()
	past := must(json.Marshal(b.counted(storetest.City, 10)))(t)
	if _, err := b.api.ReverseIncome(b.as(approval.CharityOfficer, district), funduse.ReversalOrder{
		IncomeID: b.receive(funduse.MarketIncome, 77, day(11)).ID, Key: "reverse-77", Reason: "重复入账", By: "p_9", At: day(12),
	}); err != nil {
		t.Fatal(err)
	}
	for i, amount := range []approval.Fen{2_000, 3_000} {
		if err := b.worker.RefundUnused(ctx, funduse.RefundOrder{
			CaseID: "c1", Key: fmt.Sprint("c1/f", i), Amount: amount, BankReference: fmt.Sprint("BF", i), At: day(13 + i),
		}); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(`UPDATE engagements SET status = 'completed', closed_at = $1, body = body || '{"services": []}' WHERE case_id = 'e_food'`, day(13))
	must(b.api.StateCommunityAge(b.as(approval.DistrictApprover, district), statistics.AgeStatement{Scope: community, Age: statistics.New, By: "p_9", At: day(13)}))(t)
	b.exec(`INSERT INTO scopes (path, parent, name_zh, created_at, created_by) VALUES ($1, $2, '新设社区', $3, 'test')`,
		"370300/370303/370303001/370303001909", "370300/370303/370303001", day(13))
	b.openFundAt("370300/370303/370303001/370303001909", day(13))

	if again := must(json.Marshal(b.counted(storetest.City, 10)))(t); string(again) != string(past) {
		t.Errorf("the tenth of March reads\n%s, it read\n%s", again, past)
	}
	now := b.counted(district, 13).Total.Figures
	want := statistics.Figures{
		Communities: 3, Funds: 2, Coverage: 6667, Balance: 50_015 - 4_003, Spent: 4_003, Income: b.counted(district, 10).Total.Figures.Income,
		Operators: 1, Engagements: 1, Services: 1, MicroProjects: statistics.Micro{New: 1}, FitOut: 600_000_00,
	}
	if now != want {
		t.Errorf("the thirteenth:\n%+v, want\n%+v", now, want)
	}
	if after := b.counted(district, 14).Total.Figures; after.MicroProjects != (statistics.Micro{}) || after.Spent != 1_003 {
		t.Errorf("a project that was paid back in full still counts: %+v", after)
	}
}

// Whoever asks sees what row security shows: nothing of another district.
func TestFiguresOfAnotherDistrictAreEmpty(t *testing.T) {
	b := march(t)
	plan := must(statistics.Question{Scope: district, AsOf: "2026-03-10"}.Plan(day(31)))(t)
	for name, ctx := range map[string]context.Context{
		"Linzi": b.as(approval.Auditor, storetest.Linzi), "a community next door": b.as(approval.Secretary, neighbour), "nobody": context.Background(),
	} {
		facts := must(b.api.Statistics(ctx, plan))(t)
		if len(facts.Funds)+len(facts.Movements)+len(facts.Engagements)+len(facts.Micro)+len(facts.Ages) > 0 {
			t.Errorf("%s reads %+v", name, facts)
		}
	}
	_, err := b.api.StateCommunityAge(b.as(approval.Handler, community), statistics.AgeStatement{Scope: community, Age: statistics.New, By: "p_9", At: day(9)})
	if err == nil {
		t.Error("a handler stated the age of a community")
	}
}

func TestWhatHoldsAlreadyIsNotStatedAgain(t *testing.T) {
	b := march(t)
	for i, age := range []statistics.Age{statistics.Old, statistics.New, statistics.New} {
		must(b.api.StateCommunityAge(b.as(approval.Secretary, community), statistics.AgeStatement{Scope: community, Age: age, By: "p_9", At: day(6 + i)}))(t)
	}
	stated := must(b.api.CommunityAge(b.as(approval.Secretary, community), community))(t)
	if stated.Age != statistics.New || !stated.At.Equal(day(7)) {
		t.Errorf("it stands %+v", stated)
	}
	if none := must(b.api.CommunityAge(b.as(approval.Auditor, storetest.Linzi), storetest.LinziOne))(t); none.Age != "" {
		t.Errorf("nobody stated %+v", none)
	}
}
