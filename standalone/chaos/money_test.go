package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
)

// money: the ledger agrees with itself and with the bank's book, nobody is
// paid twice, and nothing is paid without all that must come before (I1, I2,
// I3).
func (g *game) money(ctx context.Context, cases map[string]told) (problems []string) {
	differences, err := g.s.store.Reconcile(ctx)
	if err != nil {
		return []string{"reconciling: " + err.Error()}
	}
	for _, d := range differences {
		problems = append(problems, fmt.Sprintf("ledger: %+v", d))
	}
	for what, sql := range map[string]string{
		"the sum of all postings":      `SELECT coalesce(sum(amount), 0)::bigint AS n FROM ledger_postings`,
		"fund accounts below zero":     `SELECT count(*) AS n FROM ledger_balances WHERE balance < 0 AND kind LIKE 'fund%'`,
		"live reserves of ended cases": `SELECT count(*) AS n FROM reservations r JOIN cases c ON c.id = r.case_id WHERE r.status IN ('held', 'in_transit') AND c.status <> 'running'`,
		"cases paid twice":             `SELECT count(*) AS n FROM (SELECT case_id FROM reservations WHERE status = 'paid' GROUP BY case_id HAVING count(*) > 1) AS twice`,
	} {
		if n, err := g.s.number(ctx, sql); err != nil || n != 0 {
			problems = append(problems, fmt.Sprintf("%s: %d, %v", what, n, err))
		}
	}
	book, err := g.s.book(ctx)
	if err != nil {
		return append(problems, "reading the bank's book: "+err.Error())
	}
	holdings, err := g.s.holdings(ctx)
	if err != nil {
		return append(problems, err.Error())
	}
	return append(problems, agree(book, holdings, cases)...)
}

// agree holds the bank's book against the ledger, case by case.
func agree(book bank.Book, holdings []holding, cases map[string]told) (problems []string) {
	paid := map[string]bank.BookedPayment{}
	for _, payment := range book.Payments {
		switch {
		case payment.Receipt.Status == bank.Refused:
			continue
		case payment.Receipt.Status != bank.Succeeded:
			problems = append(problems, fmt.Sprintf("the bank still has %s as %s", payment.Receipt.Key, payment.Receipt.Status))
		}
		if _, twice := paid[payment.CaseID]; twice {
			problems = append(problems, "the bank paid case "+payment.CaseID+" twice")
		}
		paid[payment.CaseID] = payment
	}
	for _, h := range holdings {
		payment, there := paid[h.CaseID]
		switch {
		case h.Status == "paid" && !there:
			problems = append(problems, "the ledger paid case "+h.CaseID+", the bank did not")
		case h.Status == "paid" && (payment.Receipt.Key != *h.PaymentKey || payment.Receipt.BankReference != *h.BankReference || payment.Receipt.Amount != h.Amount):
			problems = append(problems, fmt.Sprintf("case %s: the ledger has %s %s %d, the bank %+v", h.CaseID, *h.PaymentKey, *h.BankReference, h.Amount, payment.Receipt))
		case h.Status == "paid":
			if problem := deserved(cases[h.CaseID], h.Amount); problem != "" {
				problems = append(problems, "case "+h.CaseID+" was paid although "+problem)
			}
			delete(paid, h.CaseID)
		}
	}
	for caseID := range paid {
		problems = append(problems, "the bank paid case "+caseID+", the ledger did not")
	}
	return problems
}

// place is where an act was made.
type place struct {
	stage approval.Stage
	round int
	seat  string
}

func placeOf(act approval.Act) place {
	parts := strings.SplitN(act.TaskID, ".", 4)
	round, _ := strconv.Atoi(parts[2])
	return place{approval.Stage(parts[1]), round, parts[3]}
}

// deserved works out from the acts in the history alone what is missing for a
// payment (I1), or "".
func deserved(h told, amount int64) string {
	last := map[approval.Stage]int{}
	for _, o := range h.acts {
		if at := placeOf(o.act); o.receipt != nil {
			last[at.stage] = max(last[at.stage], at.round)
		}
	}
	var yes, no, abstained int
	found := map[string]approval.Act{}
	hash := ""
	for _, o := range h.acts {
		at := placeOf(o.act)
		if o.receipt == nil || at.round != last[at.stage] {
			continue
		}
		switch {
		case at.stage == funduse.Committee && o.act.Action == approval.Approve:
			yes++
		case at.stage == funduse.Committee && o.act.Action == approval.Reject:
			no++
		case at.stage == funduse.Committee && o.act.Action == approval.Abstain:
			abstained++
		case o.act.Action == approval.Approve:
			found[at.seat] = o.act
		}
		if at.seat == funduse.SeatChecker {
			hash = o.act.ContentHash
		}
	}
	if yes < 2 || 2*yes <= yes+no+abstained {
		return fmt.Sprintf("the last vote was %d for, %d against, %d abstained", yes, no, abstained)
	}
	for _, seat := range []string{"officer-1", funduse.SeatMaker, funduse.SeatChecker} {
		if act, there := found[seat]; !there || act.ContentHash != hash {
			return "there is no approval of this content by " + seat
		}
	}
	if paid := h.proposals()[hash]; int64(paid.Amount) != amount {
		return fmt.Sprintf("the approved amount is %d, not %d", paid.Amount, amount)
	}
	for _, o := range h.acts {
		if at := placeOf(o.act); o.receipt != nil && at.stage == funduse.Committee && at.round == last[at.stage] && o.act.Action != approval.Recuse && o.act.ContentHash != hash {
			return o.act.Person.ID + " voted on other content"
		}
	}
	return ""
}

// ballots: one person, one ballot per round, in person, in their own seat (I4).
func ballots(h told) (problems []string) {
	cast := map[string]bool{}
	for _, o := range h.acts {
		at := placeOf(o.act)
		if o.receipt == nil || at.stage != funduse.Committee {
			continue
		}
		ballot := fmt.Sprint(at.round, "/", o.act.Person.ID)
		if cast[ballot] || at.seat != o.act.Person.ID || o.act.Person.For != "" {
			problems = append(problems, "ballot "+ballot+" on "+o.act.TaskID+" is doubled or somebody else's")
		}
		cast[ballot] = true
	}
	return problems
}

// separate: proposer, charity officers, maker and checker are different
// people within one attempt to pay (I5).
func separate(h told) (problems []string) {
	last := map[approval.Stage]int{}
	for _, o := range h.acts {
		if at := placeOf(o.act); o.receipt != nil {
			last[at.stage] = max(last[at.stage], at.round)
		}
	}
	people := []string{h.start.Proposer}
	for _, o := range h.acts {
		at := placeOf(o.act)
		if o.receipt == nil || o.act.Action != approval.Approve || at.round != last[at.stage] {
			continue
		}
		if strings.HasPrefix(at.seat, "officer-") || at.seat == funduse.SeatMaker || at.seat == funduse.SeatChecker {
			people = append(people, o.act.Person.ID)
		}
	}
	slices.Sort(people)
	if len(slices.Compact(slices.Clone(people))) != len(people) {
		problems = append(problems, fmt.Sprintf("one person twice among %v", people))
	}
	return problems
}
