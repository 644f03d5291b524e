package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank/sandbox"
	"linli/internal/demo"
	"linli/standalone/e2e/stack"
)

// TestRestart takes worker and API away in the middle of a case: what was
// accepted stays, what was under way arrives once.
func TestRestart(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{DayLength: 3 * time.Second})
	caseID := w.propose("zd", w.draft("zd", 120_000, "application", "budget"))
	w.act(caseID, deed{as: "zd-m1", stage: funduse.Committee, seat: "@zd-m1", do: approval.Approve})
	accepted := w.view(caseID).Seq
	w.drained()
	w.Worker.Stop(t)
	w.API.Start(t)
	w.Ready(t)
	begun := w.propose("zv", w.draft("zv", 130_000, "application", "budget")) // while nobody records it
	w.Worker.Start(t)
	w.reach(begun, funduse.Committee)
	if seq := w.view(caseID).Seq; seq < accepted {
		t.Fatalf("the case went back from step %d to %d", accepted, seq)
	}

	w.sentIntoTheVoid(caseID)
	w.act(caseID, deed{as: "zb-officer1", stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve})
	w.act(caseID, deed{as: "zb-cashier", stage: funduse.Payout, seat: funduse.SeatMaker, do: approval.Approve})
	w.paidAcrossRestart(caseID)
	w.finish(caseID, "zd", 0)
	w.agree("zd", caseID, spending{paid: 120_000})
}

// drained stops the API while somebody is in the middle of a request: nobody
// new is let in, whoever is in gets the answer.
func (w *world) drained() {
	w.t.Helper()
	body, rest := io.Pipe()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.URL+"/v1/login", body)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Linli-Page", "e2e")
	request.Header.Set("Expect", "100-continue") // the body is asked for once the request is in good hands
	answered := make(chan error, 1)
	go func() {
		response, err := (&http.Transport{ExpectContinueTimeout: time.Minute, DisableKeepAlives: true}).RoundTrip(request)
		if err == nil {
			if response.Body.Close(); response.StatusCode != http.StatusOK {
				err = errors.New(response.Status)
			}
		}
		answered <- err
	}()
	said := fmt.Sprintf(`{"username":"zd-handler","password":%q}`, demo.Password)
	if _, err := io.WriteString(rest, said[:10]); err != nil {
		w.t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() { defer close(stopped); w.API.Stop(w.t) }()
	stack.Until(w.t, "nobody new is let in", func() (bool, string) {
		connection, err := net.Dial("tcp", w.Config.Listen)
		if err == nil {
			_ = connection.Close()
		}
		return err != nil, "a connection"
	})
	select {
	case <-stopped:
		w.t.Error("the API did not wait for a request under way")
	default:
	}
	if _, err := io.WriteString(rest, said[10:]); err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(rest.Close(), <-answered); err != nil {
		w.t.Errorf("a request under way was answered: %v", err)
	}
	<-stopped
}

// sentIntoTheVoid sends a ballot while no worker runs, and takes the API away
// before anybody knows the outcome.
func (w *world) sentIntoTheVoid(caseID string) {
	w.t.Helper()
	ballot := deed{as: "zd-m2", stage: funduse.Committee, seat: "@zd-m2", do: approval.Approve}
	task := w.task(ballot.as, caseID, ballot.stage, ballot.seat)
	path, key, stated := "/v1/tasks/"+task.ID+"/acts", w.key(), body(ballot, task.ContentHash)
	w.Worker.Stop(w.t)
	got := w.write(ballot.as, "POST", path, key, stated)
	link := got.header.Get("Location")
	if got.status != http.StatusAccepted || link == "" {
		w.t.Fatalf("an act nobody can take yet was answered with %s, want 202 and a link", got)
	}
	w.API.Stop(w.t)
	w.API.Start(w.t)
	w.Ready(w.t)
	w.Worker.Start(w.t)
	done := w.operation(ballot.as, link)
	var receipt, again approval.Receipt
	done.into(w.t, &receipt)
	repeated := w.write(ballot.as, "POST", path, key, stated)
	repeated.into(w.t, &again)
	if receipt != again || repeated.header.Get("Idempotency-Replayed") != "true" {
		w.t.Errorf("the operation says %+v, repeating the act %s", receipt, repeated)
	}
	if cast := w.ballots(caseID, ballot.as); cast != 1 {
		w.t.Errorf("%d ballots of %s are on record, want 1", cast, ballot.as)
	}
}

// ballots counts a person's recorded ballots in a case.
func (w *world) ballots(caseID, username string) (cast int) {
	w.t.Helper()
	for _, step := range w.steps(caseID) {
		if step.Person == w.People[username] && step.Kind == "acted" && step.Stage == funduse.Committee && !step.Superseded {
			cast++
		}
	}
	return cast
}

// paidAcrossRestart stops the worker while the bank has booked the payment and
// not answered.
func (w *world) paidAcrossRestart(caseID string) {
	w.t.Helper()
	if err := w.Bank.Behave(sandbox.Program{Queue: []sandbox.Behaviour{{After: sandbox.Hang}}}); err != nil {
		w.t.Fatal(err)
	}
	w.act(caseID, deed{as: "zb-checker", stage: funduse.Payout, seat: funduse.SeatChecker, do: approval.Approve})
	stack.Until(w.t, "the bank has booked the payment", func() (bool, string) {
		return w.bankSays(caseID).paid > 0, "nothing"
	})
	w.Worker.Stop(w.t)
	w.Worker.Start(w.t)
	w.reach(caseID, funduse.NoticeAfter)
}
