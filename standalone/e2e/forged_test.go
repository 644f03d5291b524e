package e2e

import (
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"linli/approval"
	"linli/approval/funduse"
	"linli/internal/envelope"
	"linli/standalone/e2e/stack"
	"linli/workflows"
)

// TestForgedAct has somebody with access to Temporal, but not to the API's
// signing key, try to vote: a made-up envelope, one signed with a key of his
// own, and a true one taken from another act.
func TestForgedAct(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: time.Hour})
	caseID := w.propose("zd", w.draft("zd", 80_000, "application", "budget"))
	w.act(caseID, deed{as: "zd-m1", stage: funduse.Committee, seat: "@zd-m1", do: approval.Approve})
	task := w.task("zd-m2", caseID, funduse.Committee, "@zd-m2")
	before := w.glance("zd", caseID)

	act := approval.Act{
		ID: w.People["zd-m2"] + "/forged", CaseID: caseID, TaskID: task.ID, Action: approval.Approve, ContentHash: task.ContentHash,
		Person: approval.Person{ID: w.People["zd-m2"], Grants: []approval.Grant{{Role: approval.CommitteeMember, Scope: w.places["zd"].scope}}},
	}
	for name, sign := range map[string]func(approval.Act) string{
		"left out":                func(approval.Act) string { return "" },
		"made up":                 func(approval.Act) string { return "eyJhbGciOiJub25lIn0.e30." },
		"signed with another key": func(act approval.Act) string { return signedByNobody(t, act) },
		"of another act":          func(approval.Act) string { return w.stolen(caseID) },
	} {
		act.ID += "-" // every attempt is a new one
		act.Envelope = sign(act)
		w.forge(name, act)
		if after := w.glance("zd", caseID); after != before {
			t.Errorf("%s: the case went from %+v to %+v", name, before, after)
		}
	}
	w.act(caseID, deed{as: "zd-m2", stage: funduse.Committee, seat: "@zd-m2", do: approval.Approve})
	w.reach(caseID, funduse.CharityReview)
}

// forge delivers an act past the API.
func (w *world) forge(name string, act approval.Act) {
	w.t.Helper()
	handle, err := w.Temporal.UpdateWorkflow(w.t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: act.CaseID, UpdateID: act.ID, UpdateName: workflows.MessageAct, Args: []any{act},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(w.t.Context(), nil)
	}
	if code := approval.CodeOf(workflows.FromWire(err)); code != approval.BadEnvelope {
		w.t.Errorf("an act with an envelope %s ended with %v, want %s", name, err, approval.BadEnvelope)
	}
}

func signedByNobody(t testing.TB, act approval.Act) string {
	t.Helper()
	key, err := envelope.Generate()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := envelope.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action,
		ContentHash: act.ContentHash, BodyHash: act.BodyHash(), IssuedAt: time.Now().UTC(), Authenticated: "password",
	})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// stolen is the true envelope of an act that is on record.
func (w *world) stolen(caseID string) string {
	w.t.Helper()
	for _, step := range w.steps(caseID) {
		if step.Envelope != "" {
			return step.Envelope
		}
	}
	w.t.Fatal("no step shows its envelope")
	return ""
}

// glance is what nothing refused may change.
type glance struct {
	Seq, Steps, Entries, Open, Bank int
	Total, Reserved                 approval.Fen
}

func (w *world) glance(at, caseID string) (seen glance) {
	w.t.Helper()
	held := w.balance(at)
	seen = glance{Entries: len(w.entries(at)), Bank: len(w.Book(w.t).Payments), Total: held.Total.Amount, Reserved: held.Reserved.Amount}
	if caseID == "" {
		return seen
	}
	seen.Seq, seen.Steps = w.view(caseID).Seq, len(w.steps(caseID))
	for _, task := range read[struct {
		Items []approval.TaskView `json:"items"`
	}](w, "zb-auditor", "/v1/cases/"+caseID+"/tasks").Items {
		if task.Status == approval.TaskOpen {
			seen.Open++
		}
	}
	return seen
}
