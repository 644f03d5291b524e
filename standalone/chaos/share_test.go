package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"linli/approval"
	"linli/approval/engagement"
	"linli/workflows"
)

// donation is a period's share as the ledger has it.
type donation struct {
	CaseID, Period, IncomeID, FundID, Kind, Number string
	Amount                                         int64
}

// shares: what operators reported, the community confirmed and the charity
// received is in the fund, once, and nothing else is (I3).
func (g *game) shares(ctx context.Context, cases map[string]told) []string {
	rows, err := query[donation](ctx, g.s, `
		SELECT s.case_id, s.period, s.income_id, i.fund_id, i.kind, i.amount, r.number FROM share_incomes AS s
		JOIN incomes AS i ON i.id = s.income_id JOIN donation_receipts AS r ON r.income_id = i.id ORDER BY s.case_id, s.period`)
	if err != nil {
		return []string{"reading shares: " + err.Error()}
	}
	problems := donated(rows, cases)
	for what, sql := range map[string]string{
		"shares of operators that belong to no period": fmt.Sprintf(
			`SELECT count(*) - %d AS n FROM incomes WHERE kind = 'operator_share' AND id NOT IN (SELECT income_id FROM share_incomes)`, g.earlier),
		"engagements whose sum is not that of their shares": `SELECT count(*) AS n FROM engagements AS e WHERE given <> (SELECT coalesce(sum(i.amount), 0)
			FROM share_incomes AS s JOIN incomes AS i ON i.id = s.income_id WHERE s.case_id = e.case_id)`,
		"shares whose postings are not theirs": `SELECT count(*) AS n FROM share_incomes AS s JOIN incomes AS i ON i.id = s.income_id
			WHERE i.amount <> (SELECT coalesce(sum(p.amount) FILTER (WHERE p.amount > 0), 0) FROM ledger_postings AS p WHERE p.transaction_id = i.transaction_id)`,
	} {
		if n, err := g.s.number(ctx, sql); err != nil || n != 0 {
			problems = append(problems, fmt.Sprintf("%s: %d, %v", what, n, err))
		}
	}
	return problems
}

// statement is what an act of reporting says.
type statement struct {
	Report *struct {
		Period string `json:"period"`
		Profit int64  `json:"profit"`
		Share  int64  `json:"share"`
	} `json:"report"`
	Received *struct {
		Receipt struct {
			Number string `json:"number"`
		} `json:"receipt"`
	} `json:"received"`
}

// due works out from the acts in an engagement's history alone what the fund
// received: for each receipt the charity stated, the report the community
// confirmed under the hash both of them named. By period and receipt number.
func (h told) due() (due map[string]donation, stated int, problems []string) {
	start, err := h.tenancy()
	if err != nil {
		return nil, 0, []string{err.Error()}
	}
	due = map[string]donation{}
	confirmed, last := map[string]statement{}, map[int]statement{}
	taken := h.taken()
	for _, seq := range slices.Sorted(maps.Keys(taken)) {
		o := taken[seq]
		at := placeOf(o.act)
		var said statement
		if at.stage != engagement.Reporting {
			continue
		}
		if len(o.act.Form.Details) > 0 {
			if err := json.Unmarshal(o.act.Form.Details, &said); err != nil {
				return nil, 0, []string{err.Error()}
			}
		}
		switch {
		case at.seat == engagement.SeatOperator && o.act.Action == approval.Submit:
			last[at.round] = said
		case at.seat == engagement.SeatCommunity && o.act.Action == approval.Approve:
			confirmed[o.act.ContentHash] = last[at.round]
		case at.seat == engagement.SeatCharity && o.act.Action == approval.Approve:
			stated++
			report := confirmed[o.act.ContentHash].Report
			if report == nil || said.Received == nil || report.Share != report.Profit*start.Share.Percent/100 {
				problems = append(problems, fmt.Sprintf("the charity received what nobody confirmed: %+v", report))
				continue
			}
			number := said.Received.Receipt.Number
			due[report.Period+"/"+number] = donation{Period: report.Period, FundID: start.FundID, Amount: report.Share, Kind: "operator_share", Number: number}
		}
	}
	return due, stated, problems
}

// donated holds the donations in the ledger against what each engagement's
// people stated.
func donated(rows []donation, cases map[string]told) (problems []string) {
	booked := map[string]donation{}
	for caseID, h := range cases {
		if h.procedure != workflows.NameEngagement {
			continue
		}
		due, stated, wrong := h.due()
		for _, problem := range wrong {
			problems = append(problems, caseID+": "+problem)
		}
		if orders := h.of("BookShare"); len(orders) != stated {
			problems = append(problems, fmt.Sprintf("%s: the charity received %d shares, %d were booked or refused", caseID, stated, len(orders)))
		}
		for _, e := range h.of("BookShare") {
			row, problem := e.donation(caseID, due)
			if problem != "" {
				problems = append(problems, caseID+": "+problem)
			}
			if e.done && booked[caseID+"/"+row.Period].IncomeID != "" {
				problems = append(problems, caseID+": "+row.Period+" was booked twice")
			}
			if e.done {
				booked[caseID+"/"+row.Period] = row
			}
		}
	}
	for _, row := range rows {
		if booked[row.CaseID+"/"+row.Period] != row {
			problems = append(problems, fmt.Sprintf("the ledger has the share %+v, the history %+v", row, booked[row.CaseID+"/"+row.Period]))
		}
		delete(booked, row.CaseID+"/"+row.Period)
	}
	for _, row := range booked {
		problems = append(problems, fmt.Sprintf("the share %+v is not in the ledger", row))
	}
	return problems
}

// donation is what a booking must have become.
func (e *effect) donation(caseID string, due map[string]donation) (row donation, problem string) {
	var order struct {
		Period string
		Income struct {
			Receipt struct{ Number string }
			Amount  int64
		}
	}
	var answer struct {
		IncomeID string `json:"income_id"`
	}
	if err := json.Unmarshal(e.input, &order); err != nil {
		return row, err.Error()
	}
	row = due[order.Period+"/"+order.Income.Receipt.Number]
	row.CaseID = caseID
	switch {
	case !e.done && e.failed == "":
		return row, "the booking of " + order.Period + " has no outcome"
	case row.Period != order.Period || row.Amount != order.Income.Amount:
		return row, fmt.Sprintf("booking %+v, stated was %+v", order, row)
	case !e.done:
		return row, ""
	}
	err := json.Unmarshal(e.result, &answer)
	if row.IncomeID = answer.IncomeID; err != nil || row.IncomeID == "" {
		return row, fmt.Sprintf("the booking of %s has no income, %v", order.Period, err)
	}
	return row, ""
}
