package engagement

import (
	"math/big"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// Figures is what an operator declares of a period. Only what the kind of
// share asks for is set; revenue may always be stated.
type Figures struct {
	Revenue *approval.Fen `json:"revenue,omitempty"` // fen
	Profit  *approval.Fen `json:"profit,omitempty"`  // fen; negative is a loss
	Days    *int64        `json:"days,omitempty"`    // of business
	Hours   *int64        `json:"hours,omitempty"`   // of service given in kind
}

// Amount is what a period's share comes to, in fen. There is one rounding, half
// to even, where rate and amount meet: at percent × base, and for a yearly
// amount at the part of the year gone by; a contract year's periods therefore
// add up to the yearly amount exactly. Hours in kind book no money, a loss
// shares nothing.
func (p Period) Amount(share onboarding.Share, f Figures) approval.Fen {
	switch share.Kind {
	case onboarding.ProfitPercent:
		return percentOf(max(0, *f.Profit), share.Percent)
	case onboarding.RevenuePercent:
		return percentOf(*f.Revenue, share.Percent)
	case onboarding.FixedPerDay:
		return share.Amount * approval.Fen(*f.Days)
	case onboarding.FixedPerYear:
		return approval.Fen(p.portion(int64(share.Amount)))
	}
	return 0
}

// Hours is what a period's part of the promised hours comes to.
func (p Period) Hours(share onboarding.Share) int64 {
	if share.Kind != onboarding.InKindHours {
		return 0
	}
	return p.portion(share.Hours)
}

func percentOf(base approval.Fen, percent int64) approval.Fen {
	return approval.Fen(fraction(int64(base), percent, 100))
}

// portion is the period's part of a yearly value, by days of the contract year:
// what is due up to its last day less what was due up to the day before its
// first, so that no fen is lost or made by cutting the year.
func (p Period) portion(yearly int64) int64 {
	starts, from, until := day(p.TermStart), day(p.From), day(p.To).AddDate(0, 0, 1)
	sum := int64(0)
	for year := 0; ; year++ {
		begins, ends := approval.AddMonths(starts, 12*year), approval.AddMonths(starts, 12*(year+1))
		if !begins.Before(until) {
			return sum
		}
		if !ends.After(from) {
			continue
		}
		length := days(begins, ends)
		sum += fraction(yearly, days(begins, earlier(until, ends)), length) - fraction(yearly, max(0, days(begins, from)), length)
	}
}

// fraction is n × numerator / denominator, rounded to the nearest whole, a half
// to the even one; the product may exceed an int64. Nothing here is negative.
func fraction(n, numerator, denominator int64) int64 {
	product := new(big.Int).Mul(big.NewInt(n), big.NewInt(numerator))
	quotient, rest := new(big.Int).QuoRem(product, big.NewInt(denominator), new(big.Int))
	whole := quotient.Int64()
	switch rest.Lsh(rest, 1).Cmp(big.NewInt(denominator)) {
	case 1:
		whole++
	case 0:
		whole += whole % 2
	}
	return whole
}

// day reads a civil date that was checked before, in UTC so that days can be
// counted.
func day(date string) time.Time {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic("engagement: a date that was not checked: " + date)
	}
	return at
}

func days(from, until time.Time) int64 { return int64(until.Sub(from).Hours() / 24) }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
