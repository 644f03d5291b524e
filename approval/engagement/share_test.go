package engagement

import (
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/onboarding"
)

func fen(n approval.Fen) *approval.Fen { return &n }

func TestSharesToTheFen(t *testing.T) {
	month := Period{From: "2026-02-01", To: "2026-02-28", TermStart: "2026-01-01"}
	n := int64(27)
	for name, c := range map[string]struct {
		share   onboarding.Share
		figures Figures
		want    approval.Fen
	}{
		"30 percent of profit":         {onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 30}, Figures{Profit: fen(1_234_567)}, 370_370},
		"half a fen to the even below": {onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 50}, Figures{Profit: fen(5)}, 2},
		"half a fen to the even above": {onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 50}, Figures{Profit: fen(7)}, 4},
		"a loss shares nothing":        {onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 30}, Figures{Profit: fen(-900)}, 0},
		"the largest amount":           {onboarding.Share{Kind: onboarding.RevenuePercent, Percent: 100}, Figures{Revenue: fen(approval.MaxAmount)}, approval.MaxAmount},
		"a stall's 10 yuan a day":      {onboarding.Share{Kind: onboarding.FixedPerDay, Amount: 1000}, Figures{Days: &n}, 27_000},
		"28 of 365 days":               {onboarding.Share{Kind: onboarding.FixedPerYear, Amount: 1_000_000}, Figures{}, 76_712},
		"hours book no money":          {onboarding.Share{Kind: onboarding.InKindHours, Hours: 120}, Figures{Hours: &n}, 0},
	} {
		if got := month.Amount(c.share, c.figures); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// A percentage is never further than half a fen from the exact product, and at
// exactly half it is even.
func TestAPercentageIsRoundedOnceHalfToEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, percent := rapid.Int64Range(0, int64(approval.MaxAmount)).Draw(t, "base"), rapid.Int64Range(1, 100).Draw(t, "percent")
		got := int64(percentOf(approval.Fen(base), percent))
		exact := new(big.Rat).Mul(big.NewRat(base, 1), big.NewRat(percent, 100))
		off := new(big.Rat).Sub(new(big.Rat).SetInt64(got), exact)
		switch off.Abs(off).Cmp(big.NewRat(1, 2)) {
		case 1:
			t.Fatalf("%d%% of %d is not %d", percent, base, got)
		case 0:
			if got%2 != 0 {
				t.Fatalf("%d%% of %d: half a fen went to the odd %d", percent, base, got)
			}
		}
	})
}

// However a term is cut, the periods follow each other day by day, and those of
// whole contract years add up to the yearly value, to the fen and the hour.
func TestPeriodsOfATermAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		starts := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1500).Draw(t, "first day"))
		years := rapid.IntRange(1, 5).Draw(t, "years")
		ends := approval.AddMonths(starts, 12*years).AddDate(0, 0, -1)
		cut := periods(starts.Format(time.DateOnly), ends.Format(time.DateOnly), rapid.SampledFrom([]int{1, 3}).Draw(t, "months"))
		share := onboarding.Share{Kind: onboarding.FixedPerYear, Amount: approval.Fen(rapid.Int64Range(1, int64(approval.MaxAmount)).Draw(t, "amount"))}
		hours := onboarding.Share{Kind: onboarding.InKindHours, Hours: rapid.Int64Range(1, 10_000).Draw(t, "hours")}
		sum, served, next := approval.Fen(0), int64(0), starts
		for _, p := range cut {
			if p.From != next.Format(time.DateOnly) || p.To < p.From {
				t.Fatalf("the period %s begins on %s after %s", p.Name, p.From, next)
			}
			if p.Amount(share, Figures{}) < 0 {
				t.Fatalf("%s is worth less than nothing", p.Name)
			}
			sum, served, next = sum+p.Amount(share, Figures{}), served+p.Hours(hours), day(p.To).AddDate(0, 0, 1)
		}
		if !next.Equal(ends.AddDate(0, 0, 1)) || sum != share.Amount*approval.Fen(years) || served != hours.Hours*int64(years) {
			t.Fatalf("%d years from %s: %d of %d fen, %d of %d hours", years, starts, sum, share.Amount*approval.Fen(years), served, hours.Hours*int64(years))
		}
	})
}
