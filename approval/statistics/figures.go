package statistics

import (
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// Figures are what is counted of a scope at the end of a day. Money is fen.
type Figures struct {
	Communities   int64        `json:"communities"`
	Funds         int64        `json:"funds"`
	Coverage      int64        `json:"coverage"` // funds per communities, in hundredths of a percent
	Balance       approval.Fen `json:"balance"`
	Opening       approval.Fen `json:"opening"`
	Income        Income       `json:"income"`
	Spent         approval.Fen `json:"spent"`
	Registered    int64        `json:"registered_operators"`
	Operators     int64        `json:"operators"`
	Engagements   int64        `json:"engagements"`
	Services      int64        `json:"services"`
	MicroProjects Micro        `json:"micro_projects"`
	FitOut        approval.Fen `json:"fit_out"`
	RunningCost   approval.Fen `json:"running_cost"`
}

// Income is what funds received, by kind, less what was reversed.
type Income struct {
	ResidentDonation approval.Fen `json:"resident_donation"`
	DirectedDonation approval.Fen `json:"directed_donation"`
	OperatorShare    approval.Fen `json:"operator_share"`
	MarketIncome     approval.Fen `json:"market_income"`
	MicroBusiness    approval.Fen `json:"micro_business"`
	Total            approval.Fen `json:"total"`
}

// Micro counts micro-projects by the age of their community.
type Micro struct {
	Old      int64 `json:"old"`
	New      int64 `json:"new"`
	Unstated int64 `json:"unstated"` // of communities nobody has called old or new
}

// Flow is what happened within one period.
type Flow struct {
	Funds         int64        `json:"funds"` // opened
	Income        Income       `json:"income"`
	Spent         approval.Fen `json:"spent"`
	MicroProjects int64        `json:"micro_projects"`
}

// figures counts the facts of a scope as they stood when the n-th period ended.
func (f Facts) figures(n int, ends time.Time) Figures {
	var sum Figures
	for _, division := range f.Divisions {
		if division.Scope.Level() == approval.Community && division.At.Before(ends) {
			sum.Communities++
		}
	}
	for _, fund := range f.Funds {
		if fund.At.Before(ends) {
			sum.Funds++
		}
	}
	sum.Coverage = hundredths(sum.Funds, sum.Communities)
	for _, movement := range f.Movements {
		if movement.Period <= n {
			sum.book(movement)
		}
	}
	for _, operator := range f.Operators {
		if operator.At.Before(ends) {
			sum.Registered++
		}
	}
	f.engaged(&sum, ends)
	sum.MicroProjects = f.micro(ends)
	return sum
}

// hundredths is part of whole in hundredths of a percent, to the nearest.
func hundredths(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return (20_000*part + whole) / (2 * whole)
}

// book adds a movement where it belongs. Income takes from the account of its
// source; what of a donor's money went to an earmark was directed. An opening
// balance comes through the charity's clearing account, and what was paid lies
// with the payees.
func (s *Figures) book(m Movement) {
	switch m.Account {
	case "fund_available", "fund_reserved", "fund_transit":
		s.Balance += m.Amount
	case "earmark_available":
		s.Balance += m.Amount
		if m.Entry == "income" || m.Entry == "reversal" {
			s.Income = s.Income.With(funduse.DirectedDonation, m.Amount).With(funduse.ResidentDonation, -m.Amount)
		}
	case "donor":
		s.Income = s.Income.With(funduse.ResidentDonation, -m.Amount)
	case "operator_share":
		s.Income = s.Income.With(funduse.OperatorShare, -m.Amount)
	case "market":
		s.Income = s.Income.With(funduse.MarketIncome, -m.Amount)
	case "micro_business":
		s.Income = s.Income.With(funduse.MicroBusiness, -m.Amount)
	case "charity_clearing":
		s.Opening -= m.Amount
	case "payee":
		s.Spent += m.Amount
	}
}

// engaged counts who is at work, and what it saves the community: what was
// built stays built, what is run is saved while it is run.
func (f Facts) engaged(sum *Figures, ends time.Time) {
	operators := map[string]bool{}
	for _, one := range f.Engagements {
		if one.Begun.Before(ends) {
			sum.FitOut += one.FitOut
		}
		if stands(one.Begun, one.Ended, ends) {
			operators[one.Operator] = true
			sum.Engagements++
			sum.Services += one.Services
			sum.RunningCost += one.RunningCost
		}
	}
	sum.Operators = int64(len(operators))
}

// micro counts micro-projects by what their community was called at the time.
func (f Facts) micro(ends time.Time) (count Micro) {
	ages := map[approval.Scope]Stated{}
	for _, stated := range f.Ages {
		if stated.At.Before(ends) && !stated.At.Before(ages[stated.Scope].At) {
			ages[stated.Scope] = stated
		}
	}
	for _, project := range f.Micro {
		if !stands(project.Paid, project.Returned, ends) {
			continue
		}
		switch ages[project.Scope].Age {
		case Old:
			count.Old++
		case New:
			count.New++
		default:
			count.Unstated++
		}
	}
	return count
}

func (m Micro) total() int64 { return m.Old + m.New + m.Unstated }

// since is what happened between the ends of two periods.
func (s Figures) since(before Figures) Flow {
	return Flow{
		Funds: s.Funds - before.Funds, Income: s.Income.less(before.Income), Spent: s.Spent - before.Spent,
		MicroProjects: s.MicroProjects.total() - before.MicroProjects.total(),
	}
}

func (i Income) less(before Income) Income {
	return Income{
		ResidentDonation: i.ResidentDonation - before.ResidentDonation, DirectedDonation: i.DirectedDonation - before.DirectedDonation,
		OperatorShare: i.OperatorShare - before.OperatorShare, MarketIncome: i.MarketIncome - before.MarketIncome,
		MicroBusiness: i.MicroBusiness - before.MicroBusiness, Total: i.Total - before.Total,
	}
}

// With is the income with so much more of a kind.
func (i Income) With(kind funduse.IncomeKind, amount approval.Fen) Income {
	switch kind {
	case funduse.ResidentDonation:
		i.ResidentDonation += amount
	case funduse.DirectedDonation:
		i.DirectedDonation += amount
	case funduse.OperatorShare:
		i.OperatorShare += amount
	case funduse.MarketIncome:
		i.MarketIncome += amount
	case funduse.MicroBusiness:
		i.MicroBusiness += amount
	}
	i.Total += amount
	return i
}
