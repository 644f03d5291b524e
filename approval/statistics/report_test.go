package statistics

import (
	"testing"
	"time"

	"linli/approval"
)

const (
	city  = approval.Scope("370300")
	zd    = city + "/370303"
	lz    = city + "/370305"
	zdOne = zd + "/370303001/370303001901"
	zdTwo = zd + "/370303001/370303001902"
	lzOne = lz + "/370305001/370305001901"
)

func on(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 12, 0, 0, 0, approval.Shanghai)
}

// sample is a small city in its first months of 2026.
func sample() Facts {
	start := time.Date(2025, 12, 1, 0, 0, 0, 0, approval.Shanghai)
	facts := Facts{}
	for _, scope := range []approval.Scope{city, zd, zd + "/370303001", zdOne, zdTwo, lz, lz + "/370305001", lzOne} {
		facts.Divisions = append(facts.Divisions, Division{Scope: scope, At: start})
	}
	facts.Divisions = append(facts.Divisions, Division{Scope: lz + "/370305001/370305001902", At: on(3, 1)})
	facts.Ages = []Stated{{zdOne, Old, on(1, 5)}, {zdTwo, New, on(1, 5)}, {zdOne, New, on(4, 1)}}
	facts.Funds = []Opened{{zdOne, on(1, 10)}, {lzOne, on(2, 10)}}
	facts.Movements = []Movement{
		// before the year: an opening balance
		{zdOne, 0, "opening", "charity_clearing", -1000}, {zdOne, 0, "opening", "fund_available", 1000},
		// January: residents 700, of it 200 directed; an operator 41
		{zdOne, 1, "income", "donor", -700}, {zdOne, 1, "income", "earmark_available", 200}, {zdOne, 1, "income", "fund_available", 541},
		{zdOne, 1, "income", "operator_share", -41},
		// February: the directed 200 were wrong; 300 set aside, of it 250 sent and paid
		{zdOne, 2, "reversal", "donor", 200}, {zdOne, 2, "reversal", "earmark_available", -200},
		{zdOne, 2, "reserve", "fund_available", -300}, {zdOne, 2, "reserve", "fund_reserved", 300},
		{zdOne, 2, "send", "fund_reserved", -250}, {zdOne, 2, "send", "fund_transit", 250},
		{zdOne, 2, "settle", "fund_transit", -250}, {zdOne, 2, "settle", "payee", 250},
		{lzOne, 2, "income", "market", -9}, {lzOne, 2, "income", "micro_business", -5}, {lzOne, 2, "income", "fund_available", 14},
		// March: 100 came back
		{zdOne, 3, "refund", "payee", -100}, {zdOne, 3, "refund", "fund_available", 100},
	}
	facts.Operators = []Registered{{zd, on(1, 2)}, {lz, on(1, 3)}, {zdOne, on(3, 3)}}
	facts.Engagements = []Engagement{
		{zdOne, "o_1", 3, 60_000, 2_000, on(2, 1), time.Time{}},
		{zdTwo, "o_1", 1, 0, 500, on(2, 2), on(3, 15)},
		{lzOne, "o_1", 2, 5_000, 100, on(3, 1), time.Time{}},
	}
	facts.Micro = []MicroProject{
		{zdOne, on(2, 3), time.Time{}}, {zdOne, on(2, 4), on(3, 20)}, {zdTwo, on(2, 5), time.Time{}}, {lzOne, on(3, 1), time.Time{}},
	}
	return facts
}

func reckon(t *testing.T, question Question) Report {
	t.Helper()
	plan, err := question.Plan(now)
	if err != nil {
		t.Fatal(err)
	}
	report, err := Reckon(plan, sample())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestTheFiguresOfACity(t *testing.T) {
	report := reckon(t, Question{Scope: city, AsOf: "2026-03-31"})
	want := Figures{
		Communities: 4, Funds: 2, Coverage: 5000, Balance: 1405, Opening: 1000, Spent: 150,
		Income:     Income{ResidentDonation: 500, OperatorShare: 41, MarketIncome: 9, MicroBusiness: 5, Total: 555},
		Registered: 3, Operators: 1, Engagements: 2, Services: 5, MicroProjects: Micro{Old: 1, New: 1, Unstated: 1},
		FitOut: 65_000, RunningCost: 2_100,
	}
	if report.Total.Figures != want {
		t.Errorf("the city:\n%+v, want\n%+v", report.Total.Figures, want)
	}
	if len(report.Parts) != 2 || report.Parts[0].Scope != zd || report.Parts[1].Scope != lz {
		t.Fatalf("parts %+v", report.Parts)
	}
	if lz := report.Parts[1].Figures; lz.Communities != 2 || lz.Coverage != 5000 || lz.Balance != 14 || lz.Operators != 1 || lz.RunningCost != 100 {
		t.Errorf("Linzi: %+v", lz)
	}
	january, february, march := report.Total.Periods[0], report.Total.Periods[1], report.Total.Periods[2]
	if january.Within.Income != (Income{ResidentDonation: 500, DirectedDonation: 200, OperatorShare: 41, Total: 741}) || january.Within.Funds != 1 {
		t.Errorf("January: %+v", january.Within)
	}
	if february.Within.Income != (Income{DirectedDonation: -200, MarketIncome: 9, MicroBusiness: 5, Total: -186}) || february.Within.Spent != 250 || february.Within.MicroProjects != 3 {
		t.Errorf("February, with a reversal: %+v", february.Within)
	}
	if march.Within.Spent != -100 || march.Within.MicroProjects != 0 || march.Figures != report.Total.Figures {
		t.Errorf("March, with a refund: %+v", march.Within)
	}
	if february.Figures.MicroProjects != (Micro{Old: 2, New: 1}) || february.Figures.RunningCost != 2_500 || february.Figures.Services != 4 {
		t.Errorf("the end of February: %+v", february.Figures)
	}
}

func TestTheBooksOfEveryPartAndPeriodAddUp(t *testing.T) {
	report := reckon(t, Question{Scope: city, From: "2025-11-01", AsOf: "2026-05-14"})
	for _, part := range append(report.Parts, report.Total) {
		before := Figures{}
		for i, period := range part.Periods {
			f := period.Figures
			if f.Balance != f.Opening+f.Income.Total-f.Spent {
				t.Errorf("%s %s: %d held, %d + %d - %d booked", part.Scope, period.Name, f.Balance, f.Opening, f.Income.Total, f.Spent)
			}
			kinds := f.Income.ResidentDonation + f.Income.DirectedDonation + f.Income.OperatorShare + f.Income.MarketIncome + f.Income.MicroBusiness
			if kinds != f.Income.Total {
				t.Errorf("%s %s: kinds add up to %d of %d", part.Scope, period.Name, kinds, f.Income.Total)
			}
			if i > 0 && period.Within != f.since(before) {
				t.Errorf("%s %s: the flow is not the difference", part.Scope, period.Name)
			}
			before = f
		}
	}
}

// What is stated, ended or returned later does not change the past.
func TestTheAgeOfACommunityCountsFromItsStatement(t *testing.T) {
	for day, want := range map[string]Micro{"2026-03-31": {Old: 1, New: 1, Unstated: 1}, "2026-04-01": {New: 2, Unstated: 1}, "2026-01-31": {}} {
		if got := reckon(t, Question{Scope: city, AsOf: day}).Total.Figures.MicroProjects; got != want {
			t.Errorf("%s: %+v, want %+v", day, got, want)
		}
	}
}

func TestPartsOfEachLevel(t *testing.T) {
	for scope, parts := range map[approval.Scope]int{city: 2, zd: 1, zd + "/370303001": 2, zdOne: 0} {
		if got := reckon(t, Question{Scope: scope}); len(got.Parts) != parts || got.Total.Scope != scope {
			t.Errorf("%s: %d parts, want %d", scope, len(got.Parts), parts)
		}
	}
}

func TestCoverageIsRoundedToTheNearestHundredth(t *testing.T) {
	for _, c := range [][3]int64{{0, 0, 0}, {211, 384, 5495}, {1, 3, 3333}, {2, 3, 6667}, {1, 20_000, 1}, {384, 384, 10_000}} {
		if got := hundredths(c[0], c[1]); got != c[2] {
			t.Errorf("%d of %d: %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

func TestAScopeThatIsNotThere(t *testing.T) {
	plan, err := Question{Scope: city + "/370399"}.Plan(now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Reckon(plan, sample()); approval.CodeOf(err) != approval.NotFound {
		t.Error(err)
	}
}
