package chaos_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"linli/approval"
	"linli/workflows"
)

// world is what the checks look at: a true one, which a test then falsifies.
type world struct {
	cases       map[string]told
	allocations []allocation
	documents   []document
	seals       []seal
	keys        map[string]ed25519.PublicKey
	engaged     []engaged
	shares      []donation
	calls       []callRow
	listed      []string
}

func (w *world) problems() []string {
	return slices.Concat(overlapping(w.allocations), explained(w.allocations, w.cases), over(w.allocations, w.cases),
		drawn(w.documents, w.cases), signed(w.documents, w.seals, w.cases), sealed(w.seals, w.keys),
		admitted(w.cases), shown(w.engaged, w.cases), donated(w.shares, w.cases),
		standing(w.calls, w.cases), answered("call", w.cases["call"], w.listed, w.cases), awarded("call", w.cases["call"], w.listed, w.cases),
		apart(w.cases["won"]))
}

// did is an effect with its answer.
func did(name, input, result string) *effect {
	return &effect{name: name, input: []byte(input), result: []byte(result), done: true}
}

// took adds an accepted act.
func (h *told) took(seq int, person, task string, action approval.Action, hash, details string) {
	act := approval.Act{ID: fmt.Sprintf("%s/%d", person, seq), TaskID: task, Action: action, ContentHash: hash, Person: approval.Person{ID: person}}
	if action == approval.Sign {
		act.Reauthenticated = approval.ByPassword
	}
	if details != "" {
		act.Form.Details = json.RawMessage(details)
	}
	h.acts[act.ID] = &outcome{act: act, receipt: &approval.Receipt{Seq: seq}, decided: true}
}

func applied(caseID, operator string) told {
	h := told{procedure: workflows.NameOnboarding, acts: map[string]*outcome{}, closed: true}
	h.input = fmt.Appendf(nil, `{"applicant":"%[1]s","application":{"operator":{"id":"%[1]s"},"space":{"id":"s"},"call_id":"call","starts_on":"2026-01-31","ends_on":"2027-01-30"}}`, operator)
	hold := fmt.Sprintf(`{"key":"%s/1","case_id":"%[1]s","operator_id":"%s","space_id":"s","starts_on":"2026-01-31","ends_on":"2027-01-30"}`, caseID, operator)
	h.effects = append(h.effects, did("HoldSpace", hold, ""))
	h.signals = []signalled{{workflows.MessageCallSays, []byte(`{"place":{"rank":1,"of":2,"turn":true}}`)}}
	return h
}

// scores are five sheets with these points.
func (h *told) scores(caseID string, points int) {
	for n := range 5 {
		h.took(10+n, fmt.Sprintf("scorer%d", n), fmt.Sprintf("%s.scoring.1.scorer%d", caseID, n), approval.Submit, "",
			fmt.Sprintf(`{"scores":[{"item":"service","points":%[1]d},{"item":"price","points":%[1]d},{"item":"ability","points":%[1]d},{"item":"share","points":%[1]d}]}`, points))
	}
}

// trueWorld: the best candidate of a call left and gave the space back, the
// reserve won, runs the space and has paid a share.
func trueWorld(t *testing.T) *world {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	left := applied("left", "firm1")
	left.result.Status = approval.Withdrawn
	left.effects = append(left.effects, did("FreeSpace", `{"key":"left/1"}`, ""))
	left.scores("left", 90)
	won := applied("won", "firm2")
	won.result.Status, won.children = approval.Completed, []string{"e"}
	won.signals = []signalled{
		{workflows.MessageCallSays, []byte(`{"place":{"rank":2,"of":2}}`)}, {workflows.MessageCallSays, []byte(`{"place":{"rank":2,"of":2,"turn":true}}`)},
	}
	won.effects = append(won.effects, did("DrawContract", `{}`, `[{"sha256":"a"}]`), did("AllotSpace", `{"key":"won/1"}`, ""))
	won.scores("won", 80)
	w := &world{keys: map[string]ed25519.PublicKey{"k": public}, listed: []string{"left", "won"}, documents: []document{{"won", "a", "set"}}}
	for n, seat := range []string{"operator", "community", "subdistrict"} {
		won.took(20+n, "by-"+seat, "won.signing.1."+seat, approval.Sign, "set", "")
		statement := fmt.Sprintf(`{"case_id":"won","document":{"sha256":"a"},"seat":"%s","act_id":"by-%[1]s/%d"}`, seat, 20+n)
		w.seals = append(w.seals, seal{"won", "a", seat, fmt.Sprintf("by-%s/%d", seat, 20+n), statement, "Ed25519", "k",
			base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(statement)))})
	}
	e := told{procedure: workflows.NameEngagement, acts: map[string]*outcome{}, input: []byte(`{"start":{"onboarding":"won","operator":{"id":"firm2"},` +
		`"space":{"id":"s"},"hold_key":"won/1","fund_id":"f","starts_on":"2026-01-31","ends_on":"2027-01-30","share":{"percent":30}}}`)}
	e.took(2, "agent", "e.reporting.1.operator", approval.Submit, "", `{"report":{"period":"2026-01","profit":1000,"share":300}}`)
	e.took(3, "handler", "e.reporting.1.community", approval.Approve, "report", "")
	e.took(4, "officer", "e.reporting.1.charity", approval.Approve, "report", `{"received":{"receipt":{"number":"n"}}}`)
	e.effects = append(e.effects, did("BookShare", `{"period":"2026-01","income":{"amount":300,"receipt":{"number":"n"}}}`, `{"income_id":"i"}`))
	call := told{procedure: workflows.NameCall, acts: map[string]*outcome{}, closed: true, result: ending{Status: approval.Completed}}
	call.effects = append(call.effects, did("CloseCall", `{}`, `["left","won"]`))
	w.cases = map[string]told{"left": left, "won": won, "e": e, "call": call}
	w.allocations = []allocation{
		{"left/1", "left", "s", "firm1", "released", "2026-01-31", "2027-01-30"}, {"won/1", "won", "s", "firm2", "allotted", "2026-01-31", "2027-01-30"},
	}
	w.engaged = []engaged{{"e", "firm2", "s", "running", 300}}
	w.shares = []donation{{CaseID: "e", Period: "2026-01", IncomeID: "i", FundID: "f", Kind: "operator_share", Number: "n", Amount: 300}}
	w.calls = []callRow{{"call", true, true}}
	return w
}

// change falsifies one case.
func (w *world) change(caseID string, how func(*told)) {
	h := w.cases[caseID]
	how(&h)
	w.cases[caseID] = h
}

// TestTheChecksSeeWhatIsWrong falsifies a true world in one place after the
// other.
func TestTheChecksSeeWhatIsWrong(t *testing.T) {
	if problems := trueWorld(t).problems(); len(problems) > 0 {
		t.Fatalf("the true world is blamed: %q", problems)
	}
	for range 20 { // whatever order cases come in
		left := trueWorld(t)
		left.change("e", func(h *told) {
			h.closed, h.result.Status = true, approval.Withdrawn
			h.effects = append(h.effects, did("FreeSpace", `{"key":"won/1"}`, ""))
		})
		left.allocations[1].Status, left.engaged[0].Status = "released", "withdrawn"
		if problems := left.problems(); len(problems) > 0 {
			t.Fatalf("an operator that left is blamed: %q", problems)
		}
	}
	for what, falsified := range map[string]struct {
		blame string
		how   func(*world)
	}{
		"two hold a space": {"at the same time", func(w *world) { w.allocations[0].Status = "held" }},
		"terms touch": {"at the same time", func(w *world) {
			w.allocations[0].Status, w.allocations[0].Starts, w.allocations[0].Ends = "held", "2027-01-30", "2027-06-30"
		}},
		"held by nobody": {"no history says so", func(w *world) {
			w.allocations = append(w.allocations, allocation{"x/1", "x", "s2", "firm1", "held", "2026-01-31", "2026-02-01"})
		}},
		"a hold is lost":       {"not in the database", func(w *world) { w.allocations = w.allocations[1:] }},
		"never given back":     {"by the histories it is released", func(w *world) { w.allocations[0].Status = "held" }},
		"given back by nobody": {"by the histories it is allotted", func(w *world) { w.allocations[1].Status = "released" }},
		"another term is held": {"the history asked for", func(w *world) { w.allocations[1].Ends = "2028-01-30" }},
		"given back twice":     {"was given back before", func(w *world) { w.change("left", func(h *told) { h.effects = append(h.effects, h.effects[1]) }) }},
		"an unknown outcome": {"has no outcome", func(w *world) {
			w.change("left", func(h *told) { h.effects[0] = &effect{name: "HoldSpace", input: h.effects[0].input} })
		}},
		"an ended case holds": {"ended withdrawn and holds", func(w *world) { w.allocations[0].Status = "held" }},
		"refused and held": {"was refused and is in the database", func(w *world) {
			w.change("left", func(h *told) { h.effects[0].done, h.effects[0].failed = false, "space_taken" })
		}},
		"other application": {"it applied for", func(w *world) {
			w.change("won", func(h *told) {
				h.took(5, "firm2", "won.correction.1.applicant", approval.Correct, "", `{"application":{"space":{"id":"s3"}}}`)
			})
		}},
		"nothing allotted":       {"completed with 0 allotments", func(w *world) { w.change("won", func(h *told) { h.effects = h.effects[:2] }) }},
		"another hash is signed": {"signed", func(w *world) { w.change("won", func(h *told) { h.acts["by-community/21"].act.ContentHash = "other" }) }},
		"nothing was drawn":      {"drawn were", func(w *world) { w.change("won", func(h *told) { h.effects[1].done = false }) }},
		"other bytes were drawn": {"drawn were", func(w *world) { w.documents[0].SHA256 = "b" }},
		"a seal is missing":      {"has 0 seals", func(w *world) { w.seals = w.seals[1:] }},
		"a seal of no act":       {"belongs to no signature", func(w *world) { w.change("won", func(h *told) { delete(h.acts, "by-community/21") }) }},
		"one signature is none":  {"without all three", func(w *world) { w.change("won", func(h *told) { delete(h.acts, "by-community/21") }) }},
		"one signs for two": {"signed", func(w *world) {
			w.change("won", func(h *told) { h.acts["by-community/21"].act.Person.ID = "by-operator" })
		}},
		"signed without proof":   {"without proof", func(w *world) { w.change("won", func(h *told) { h.acts["by-community/21"].act.Reauthenticated = "" }) }},
		"a forged seal":          {"does not verify", func(w *world) { w.seals[0].Value = w.seals[1].Value }},
		"a seal of another":      {"says", func(w *world) { w.seals[0].Seat = "community" }},
		"no engagement":          {"has started the engagements", func(w *world) { w.change("won", func(h *told) { h.children = nil }) }},
		"two engagements":        {"has started the engagements", func(w *world) { w.change("won", func(h *told) { h.children = []string{"e", "f"} }) }},
		"engaged unadmitted":     {"has started the engagements", func(w *world) { w.change("left", func(h *told) { h.children = []string{"e"} }) }},
		"an engagement is lost":  {"does not exist", func(w *world) { delete(w.cases, "e") }},
		"engaged out of nothing": {"follows from no case", func(w *world) { delete(w.cases, "won") }},
		"engaged elsewhere": {"was admitted to", func(w *world) {
			w.change("e", func(h *told) { h.input = []byte(strings.Replace(string(h.input), "won/1", "won/2", 1)) })
		}},
		"not in the copy":    {"is not in the copy", func(w *world) { w.engaged = nil }},
		"the copy is wrong":  {"the copy shows", func(w *world) { w.engaged[0].Status = "completed" }},
		"a share is lost":    {"is not in the ledger", func(w *world) { w.shares = nil }},
		"a share of nobody":  {"the ledger has the share", func(w *world) { w.shares = append(w.shares, donation{CaseID: "e", Period: "2026-02"}) }},
		"another amount":     {"the ledger has the share", func(w *world) { w.shares[0].Amount = 301 }},
		"shared unconfirmed": {"what nobody confirmed", func(w *world) { w.change("e", func(h *told) { delete(h.acts, "handler/3") }) }},
		"not what is due": {"what nobody confirmed", func(w *world) {
			w.change("e", func(h *told) {
				h.acts["agent/2"].act.Form.Details = json.RawMessage(`{"report":{"period":"2026-01","profit":1000,"share":299}}`)
			})
		}},
		"booked twice":           {"was booked twice", func(w *world) { w.change("e", func(h *told) { h.effects = append(h.effects, h.effects[0]) }) }},
		"never booked":           {"were booked or refused", func(w *world) { w.change("e", func(h *told) { h.effects = nil }) }},
		"a call goes on":         {"ended false", func(w *world) { w.calls[0].Ended = false }},
		"an unknown call":        {"is not in the database", func(w *world) { w.calls = nil }},
		"counted and not filed":  {"it counts", func(w *world) { delete(w.cases, "left") }},
		"closed on another list": {"was closed with", func(w *world) { w.change("call", func(h *told) { h.effects[0].result = []byte(`["won"]`) }) }},
		"the worse comes first": {"ranks 1", func(w *world) {
			w.change("left", func(h *told) { h.acts = map[string]*outcome{}; h.scores("left", 70) })
		}},
		"passed over":      {"it is the turn of", func(w *world) { w.change("left", func(h *told) { h.closed = false }) }},
		"both win":         {"2 candidates took", func(w *world) { w.change("left", func(h *told) { h.result.Status = approval.Completed }) }},
		"nobody wins":      {"0 candidates took", func(w *world) { w.change("won", func(h *told) { h.result.Status = approval.Lapsed }) }},
		"out of turn":      {"never its turn", func(w *world) { w.change("won", func(h *told) { h.signals = h.signals[:1] }) }},
		"one rank for two": {"share rank", func(w *world) { w.change("won", func(h *told) { h.signals = w.cases["left"].signals }) }},
		"an applicant decides": {"the applicant decided", func(w *world) {
			w.change("won", func(h *told) { h.took(6, "firm2", "won.desk_review.1.community", approval.Approve, "", "") })
		}},
		"one for both sides": {"at 2 seats", func(w *world) {
			w.change("won", func(h *told) {
				h.took(30, "handler", "won.handover.1.giving", approval.Confirm, "", "")
				h.took(31, "handler", "won.handover.1.receiving", approval.Confirm, "", "")
			})
		}},
	} {
		w := trueWorld(t)
		falsified.how(w)
		if problems := w.problems(); !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, falsified.blame) }) {
			t.Errorf("%s: nobody says %q: %q", what, falsified.blame, problems)
		}
	}
}
