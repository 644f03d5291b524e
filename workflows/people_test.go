package workflows_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
	"linli/workflows"
)

// grants are the people and what they hold.
var grants = map[string][]approval.Grant{
	"h1":       {{Role: approval.Handler, Scope: community}},
	"h2":       {{Role: approval.Handler, Scope: community}},
	"m1":       {{Role: approval.CommitteeMember, Scope: community}},
	"m2":       {{Role: approval.CommitteeMember, Scope: community}},
	"m3":       {{Role: approval.CommitteeMember, Scope: community}},
	"m4":       {{Role: approval.CommitteeMember, Scope: community}},
	"m5":       {{Role: approval.CommitteeMember, Scope: community}},
	"sec":      {{Role: approval.Secretary, Scope: community}},
	"sub":      {{Role: approval.SubdistrictApprover, Scope: subdistrict}},
	"sub2":     {{Role: approval.SubdistrictApprover, Scope: subdistrict}},
	"sub3":     {{Role: approval.SubdistrictApprover, Scope: subdistrict}},
	"dis":      {{Role: approval.DistrictApprover, Scope: district}},
	"off1":     {{Role: approval.CharityOfficer, Scope: "370300"}},
	"off2":     {{Role: approval.CharityOfficer, Scope: "370300"}},
	"cash":     {{Role: approval.Cashier, Scope: "370300"}},
	"check":    {{Role: approval.PaymentChecker, Scope: "370300"}},
	"both":     {{Role: approval.Cashier, Scope: "370300"}, {Role: approval.PaymentChecker, Scope: "370300"}, {Role: approval.CharityOfficer, Scope: "370300"}},
	"super":    {{Role: approval.Supervisor, Scope: community}},
	"obj":      {{Role: approval.ObjectionHandler, Scope: subdistrict}},
	"admin":    {{Role: approval.Administrator, Scope: "370300"}},
	"resident": {{Role: approval.Resident, Scope: community}},
	"expert":   {},
}

// move is one act a person takes in a story.
type move struct {
	who      string
	standing string // whom the person stands in for
	task     string // stage.round.seat
	under    string // instead: the open task that was asked for from this one
	action   approval.Action
	comment  string
	form     approval.Entry
	details  funduse.Details
	hash     string        // "" = the hash on the task
	id       string        // "" = a new one
	wants    approval.Code // refusal expected, "" = accepted
	forged   bool          // the envelope was made for another act
}

// The stories everybody shares.

func vote(round, member string, action approval.Action) move {
	return move{who: member, task: "committee." + round + "." + member, action: action, comment: "意见"}
}

// passes is the vote of a round: m1 and m2 are enough.
func passes(round string) []move {
	return []move{vote(round, "m1", approval.Approve), vote(round, "m2", approval.Approve)}
}

func officer(round, seat, who string) move {
	return move{who: who, task: "charity." + round + ".officer-" + seat, action: approval.Approve}
}

func maker(round string) move {
	return move{who: "cash", task: "payout." + round + ".maker", action: approval.Approve}
}

func checker(round string) move {
	return move{who: "check", task: "payout." + round + ".checker", action: approval.Approve}
}

func report(round string, unused approval.Fen) move {
	return move{who: "h1", task: "acceptance." + round + ".applicant", action: approval.Submit, details: funduse.Details{
		Attachments: []funduse.Attachment{{ID: "a1", Kind: "acceptance", Name: "验收单.pdf", SHA256: "aa", Size: 1}}, Unused: unused}}
}

func accepted(round string) move {
	return move{who: "super", task: "acceptance." + round + ".supervisor", action: approval.Approve}
}

// decided are the moves from the vote to the payment of an ordinary case.
func decided() []move {
	return append(passes("1"), officer("1", "1", "off1"), maker("1"), checker("1"))
}

// closes lets the case end in April, when any notice of a story is over.
func (w *world) closes(moves ...move) {
	if len(moves) == 0 {
		moves = []move{report("1", 0), accepted("1")}
	}
	w.inOrder(w.after("2026-04-20 09:00"), moves...)
}

// withdraws lets the proposer end a story that has shown what it was to show.
func (w *world) withdraws(after time.Duration) {
	w.at(after, withdrawal)
}

var withdrawal = move{who: "h1", task: "case.1.applicant", action: approval.Withdraw, comment: "不再需要"}

// at lets a person act some time after the case was opened.
func (w *world) at(after time.Duration, m move) {
	w.env.RegisterDelayedCallback(func() { w.act(m) }, after)
}

// inOrder lets people act one after the other, an hour apart, from a moment on.
func (w *world) inOrder(from time.Duration, moves ...move) {
	for i, m := range moves {
		w.at(from+time.Duration(i)*hour, m)
	}
}

func (w *world) act(m move) *outcome {
	n := len(w.outcomes) + 1
	person := approval.Person{ID: m.who, Grants: grants[m.who], For: m.standing}
	if m.standing != "" {
		person.Grants = grants[m.standing]
	}
	if m.under != "" {
		m.task = w.child(m.under)
	}
	act := approval.Act{
		ID: m.id, CaseID: "c1", TaskID: "c1." + m.task, Action: m.action,
		Person: person, Comment: m.comment, Form: m.form, ContentHash: m.hash,
	}
	if act.ID == "" {
		act.ID = fmt.Sprintf("%s/%d", m.who, n)
	}
	if act.ContentHash == "" {
		act.ContentHash = w.hashOf(act.TaskID)
	}
	if raw, _ := json.Marshal(m.details); string(raw) != "{}" {
		act.Form.Details = raw
	}
	act.Envelope = w.sign(act, m.forged)
	o := &outcome{label: fmt.Sprintf("act %d: %s does %s on %s", n, m.who, m.action, m.task), wants: m.wants}
	w.outcomes = append(w.outcomes, o)
	// The environment answers a repeated Update by itself; a new Update id
	// brings the repetition to the workflow, as a reset or a lost answer does.
	w.env.UpdateWorkflow(workflows.MessageAct, fmt.Sprintf("update/%d", n), o, act)
	return o
}

func (w *world) sign(act approval.Act, forged bool) string {
	claims := approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action,
		ContentHash: act.ContentHash, BodyHash: act.BodyHash(), IssuedAt: opened, Authenticated: "password",
	}
	if forged {
		claims.BodyHash = "00"
	}
	text, err := w.signer.Sign(claims)
	require.NoError(w.t, err)
	return text
}

func (w *world) hashOf(task string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.journal.tasks[task].ContentHash
}

func (w *world) child(parent string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, record := range w.journal.records {
		for _, task := range record.Tasks {
			if now := w.journal.tasks[task.ID]; now.Parent == "c1."+parent && now.Status == approval.TaskOpen {
				return strings.TrimPrefix(task.ID, "c1.")
			}
		}
	}
	w.t.Errorf("nobody was asked from %s", parent)
	return ""
}

// outcome is what an act came to.
type outcome struct {
	label   string
	wants   approval.Code
	receipt approval.Receipt
	err     error
	done    bool
}

func (o *outcome) Reject(err error) { o.err, o.done = err, true }
func (o *outcome) Accept()          {}
func (o *outcome) Complete(answer any, err error) {
	o.receipt, _ = answer.(approval.Receipt)
	o.err, o.done = err, true
}

func (o *outcome) code() approval.Code {
	if !o.done {
		return "never answered"
	}
	if o.err != nil && approval.Refusal(workflows.FromWire(o.err)) == nil {
		return "fault"
	}
	return approval.CodeOf(workflows.FromWire(o.err))
}
