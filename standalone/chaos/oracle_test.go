package chaos_test

import (
	"sync"
	"time"

	"linli/approval"
)

// deed is one act as its actor knows it: asked for, and answered once.
type deed struct {
	id       string // the act's id: the actor and the key
	caseID   string
	task     string
	action   approval.Action
	person   string
	unlawful bool // somebody did what only others may do
	receipt  *approval.Receipt
	refusal  approval.Code
	answered bool
}

// oracle remembers what every actor was told. It sees answers only, nothing of
// the system.
type oracle struct {
	mu      sync.Mutex
	deeds   map[string]*deed
	cases   []string
	taken   []time.Time       // when acts were accepted
	notices map[string]string // the body of every notice when it was first seen
	errors  []string          // what can be seen to be wrong at once
}

func newOracle() *oracle { return &oracle{deeds: map[string]*deed{}, notices: map[string]string{}} }

func (o *oracle) intends(d *deed) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deeds[d.id] = d
}

func (o *oracle) hears(d *deed, receipt *approval.Receipt, refusal approval.Code) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d.receipt, d.refusal, d.answered = receipt, refusal, true
	if receipt != nil {
		o.taken = append(o.taken, time.Now())
	}
}

// progress reports whether an act was accepted after a moment.
func (o *oracle) progress(after time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.taken) > 0 && o.taken[len(o.taken)-1].After(after)
}

func (o *oracle) opened(caseID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cases = append(o.cases, caseID)
}

// seen reports whether the notice still says what it said first.
func (o *oracle) seen(id, body string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	first, known := o.notices[id]
	if !known {
		o.notices[id] = body
	}
	return !known || first == body
}

func (o *oracle) wrong(problem string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errors = append(o.errors, problem)
}

// snapshot is what the checks hold the system against; people are quiet by then.
func (o *oracle) snapshot() (deeds map[string]*deed, cases []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.deeds, o.cases
}
