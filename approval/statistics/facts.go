package statistics

import (
	"time"

	"linli/approval"
)

// Facts is what the database has on record below a scope, seen by whoever
// asks. Every fact carries the moment it was recorded. What was recorded at the
// last bound or later may be missing.
type Facts struct {
	Divisions   []Division
	Ages        []Stated
	Funds       []Opened
	Movements   []Movement
	Operators   []Registered
	Engagements []Engagement
	Micro       []MicroProject
}

// Division is a node of the scope tree.
type Division struct {
	Scope approval.Scope
	Name  approval.Text
	At    time.Time
}

// Stated is an office's word on the age of a community.
type Stated struct {
	Scope approval.Scope
	Age   Age
	At    time.Time
}

// Opened is a fund.
type Opened struct {
	Scope approval.Scope // the community
	At    time.Time
}

// Registered is an operator's entry in the register.
type Registered struct {
	Scope approval.Scope // whose office registered it
	At    time.Time
}

// Movement is what all ledger transactions of one fund booked into accounts of
// one kind in one period: positive into the account, negative out of it.
type Movement struct {
	Scope   approval.Scope // the community
	Period  int            // see Plan.Bounds; 0 is before the first period
	Entry   string         // kind of the transaction; a reversal is not its original's
	Account string         // kind of the account
	Amount  approval.Fen
}

// Engagement is an operator at work in a community's space.
type Engagement struct {
	Scope       approval.Scope // the community
	Operator    string
	Services    int64        // in the agreement
	FitOut      approval.Fen // the operator's cost of building, once
	RunningCost approval.Fen // the operator's cost of running the space, per year
	Begun       time.Time    // the handover was complete
	Ended       time.Time    // zero while it runs
}

// MicroProject is a micro-renewal the fund paid for.
type MicroProject struct {
	Scope    approval.Scope // the community
	Paid     time.Time      // the bank confirmed
	Returned time.Time      // all of it has come back since; zero if it has not
}

// stands reports whether what began and ended so is there at a moment.
func stands(begun, ended, at time.Time) bool {
	return begun.Before(at) && (ended.IsZero() || !ended.Before(at))
}

// of are the facts of one scope and what lies below it.
func (f Facts) of(scope approval.Scope) Facts {
	return Facts{
		Divisions:   within(f.Divisions, scope, func(d Division) approval.Scope { return d.Scope }),
		Ages:        within(f.Ages, scope, func(s Stated) approval.Scope { return s.Scope }),
		Funds:       within(f.Funds, scope, func(o Opened) approval.Scope { return o.Scope }),
		Movements:   within(f.Movements, scope, func(m Movement) approval.Scope { return m.Scope }),
		Operators:   within(f.Operators, scope, func(r Registered) approval.Scope { return r.Scope }),
		Engagements: within(f.Engagements, scope, func(e Engagement) approval.Scope { return e.Scope }),
		Micro:       within(f.Micro, scope, func(m MicroProject) approval.Scope { return m.Scope }),
	}
}

func within[T any](all []T, scope approval.Scope, scopeOf func(T) approval.Scope) []T {
	var inside []T
	for _, one := range all {
		if scope.Contains(scopeOf(one)) {
			inside = append(inside, one)
		}
	}
	return inside
}
