package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"linli/bank"
)

// Duration is a time.Duration that reads and writes as text, such as "250ms".
type Duration time.Duration

// MarshalText writes the Go notation.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads the Go notation and refuses negative durations.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return err
	}
	if parsed < 0 {
		return fmt.Errorf("the duration %s is negative", text)
	}
	*d = Duration(parsed)
	return nil
}

// Fault is how a request goes unanswered.
type Fault string

// The faults. Before booking they leave nothing behind; after booking the
// payment stands and only the caller does not know.
const (
	None  Fault = ""
	Error Fault = "error" // HTTP 503 from "something on the way", without a problem document
	Reset Fault = "reset" // the connection is reset
	Hang  Fault = "hang"  // no answer until the caller gives up
)

// Operation is what a behaviour applies to.
type Operation string

// The operations; a query knows Latency and Before only.
const (
	Pay   Operation = "pay"
	Query Operation = "query"
)

// Behaviour is how the bank treats one request.
type Behaviour struct {
	On         Operation      `json:"on,omitempty"`    // in the queue: empty means Pay
	Times      int            `json:"times,omitempty"` // in the queue: how many requests; 0 means 1
	Latency    Duration       `json:"latency,omitzero"`
	Before     Fault          `json:"before,omitempty"`    // before booking
	After      Fault          `json:"after,omitempty"`     // after booking
	Refuse     string         `json:"refuse,omitempty"`    // the reason; settles as Refused
	Processing Duration       `json:"processing,omitzero"` // how long between acceptance and settlement
	Callback   CallbackManner `json:"callback,omitzero"`
}

// CallbackManner is how a booked payment is called back. A payment that was
// settled at once has one callback; one that was processing has two.
type CallbackManner struct {
	Drop    bool     `json:"drop,omitempty"`    // never sent
	Copies  int      `json:"copies,omitempty"`  // extra copies of each, each signed afresh
	Reorder bool     `json:"reorder,omitempty"` // "processing" arrives after the final one
	Delay   Duration `json:"delay,omitzero"`    // before the first one
}

// Refusal is a standing rule; an order must meet every part that is set.
type Refusal struct {
	Payee  string `json:"payee,omitempty"`     // part of the payee's name, or the whole account
	Amount int64  `json:"amountFen,omitempty"` // exactly
	Least  int64  `json:"leastFen,omitempty"`  // this or more
	Reason string `json:"reason"`
}

func (r Refusal) meets(order bank.Order) bool {
	return (r.Payee == "" || strings.Contains(order.PayeeName, r.Payee) || r.Payee == order.PayeeAccount) &&
		(r.Amount == 0 || r.Amount == order.Amount) && order.Amount >= r.Least
}

// Program is the bank's behaviour as a whole: for each request the first
// queued behaviour for its operation, else Nasty if set, else the default.
// A standing refusal comes on top. Behaviour never touches a booked outcome.
type Program struct {
	Default  Behaviour   `json:"default,omitzero"`
	Queries  Behaviour   `json:"queries,omitzero"` // the default for queries
	Queue    []Behaviour `json:"queue,omitempty"`
	Refusals []Refusal   `json:"refusals,omitempty"`
	Nasty    *Nasty      `json:"nasty,omitempty"`
}

// Validate reports every contradiction at once.
func (p Program) Validate() error {
	problems := []error{p.Default.problem("default"), p.Queries.problem("queries")}
	for i, one := range p.Queue {
		problems = append(problems, one.problem(fmt.Sprintf("queue[%d]", i)))
	}
	for i, one := range p.Refusals {
		if one.Reason == "" || one.Payee == "" && one.Amount == 0 && one.Least == 0 {
			problems = append(problems, fmt.Errorf("refusals[%d]: needs a reason and a payee, amountFen or leastFen", i))
		}
	}
	if p.Nasty != nil && (p.Nasty.Chance < 0 || p.Nasty.Chance > 100 || p.Nasty.RefuseChance < 0 || p.Nasty.RefuseChance > 100 || p.Nasty.CalmAfter < 0) {
		problems = append(problems, errors.New("nasty: chances are percentages, calmAfter is not negative"))
	}
	return errors.Join(problems...)
}

func (b Behaviour) problem(where string) error {
	for _, fault := range []Fault{b.Before, b.After} {
		if fault != None && fault != Error && fault != Reset && fault != Hang {
			return fmt.Errorf("%s: unknown fault %q", where, fault)
		}
	}
	switch {
	case b.On != "" && b.On != Pay && b.On != Query:
		return fmt.Errorf("%s: unknown operation %q", where, b.On)
	case b.Times < 0 || b.Callback.Copies < 0 || b.Callback.Copies > 100:
		return fmt.Errorf("%s: times and copies are not negative, copies at most 100", where)
	}
	return nil
}

// take removes and returns the behaviour for the next request.
func (p *Program) take(on Operation, key string, attempt int) Behaviour {
	for i := range p.Queue {
		one := p.Queue[i]
		if one.On != on && (one.On != "" || on != Pay) {
			continue
		}
		if p.Queue[i].Times--; p.Queue[i].Times <= 0 {
			p.Queue = append(p.Queue[:i:i], p.Queue[i+1:]...)
		}
		return one
	}
	switch {
	case p.Nasty != nil:
		return p.Nasty.draw(on, key, attempt)
	case on == Query:
		return p.Queries
	default:
		return p.Default
	}
}

func (p *Program) refusal(order bank.Order) string {
	for _, one := range p.Refusals {
		if one.meets(order) {
			return one.Reason
		}
	}
	return ""
}
