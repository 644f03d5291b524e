package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/approval"
	"linli/internal/totp"
	"linli/store/storetest"
)

// signingWorld is a case with agreements on the table: each signer has one task
// and can log in.
type signingWorld struct {
	*caseWorld
	caseID string
	hash   string // of what is to be signed
}

var setHash = strings.Repeat("5e", 32)

func newSigningWorld(t *testing.T, signers ...string) *signingWorld {
	t.Helper()
	s := &signingWorld{caseWorld: newCaseWorld(t)}
	s.caseID = s.opened()
	s.table(setHash, signers...)
	return s
}

// table asks people to sign what has the hash.
func (s *signingWorld) table(hash string, signers ...string) {
	s.t.Helper()
	s.hash = hash
	r := s.engine.cases[s.caseID]
	for _, name := range signers {
		s.person(name, storetest.Community1)
		s.who[name] = s.token(approval.Person{ID: "p_" + name})
		r.state.Open(s.now(), approval.Task{
			Stage: "signing", Round: 1, Seat: name, Kind: approval.Decision, Persons: []string{"p_" + name}, Scope: storetest.Community1,
			Actions: []approval.Action{approval.Sign, approval.Reject}, ContentHash: hash,
		})
	}
	fatal(s.t, r.commit(s.t.Context(), r.state, "opened", "signing/"+hash, nil))
}

// sign asks to sign under a key; proof is the member "reauthentication".
func (s *signingWorld) sign(name, key string, proof map[string]any, more map[string]any) answered {
	s.t.Helper()
	body := map[string]any{"action": "sign", "content_hash": s.hash}
	if proof != nil {
		body["reauthentication"] = proof
	}
	for field, value := range more {
		body[field] = value
	}
	task := s.caseID + ".signing.1." + name
	return s.ask(asked{method: "POST", path: "/v1/tasks/" + task + "/acts", body: body, bearer: s.who[name], key: key})
}

func password(given string) map[string]any { return map[string]any{"password": given} }
func code(given string) map[string]any     { return map[string]any{"code": given} }

func (s *signingWorld) count(query string, args ...any) (n int) {
	s.t.Helper()
	fatal(s.t, connect(s.t, s.address.Owner).QueryRow(s.t.Context(), query, args...).Scan(&n))
	return n
}

// holding finds a text in every table of the database.
func (s *signingWorld) holding(text string) (tables []string) {
	s.t.Helper()
	owner := connect(s.t, s.address.Owner)
	rows, err := owner.Query(s.t.Context(), `SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND relkind = 'r'`)
	fatal(s.t, err)
	var names []string
	for rows.Next() {
		var name string
		fatal(s.t, rows.Scan(&name))
		names = append(names, name)
	}
	fatal(s.t, rows.Err())
	for _, name := range names {
		var found bool
		fatal(s.t, owner.QueryRow(s.t.Context(), fmt.Sprintf(`SELECT EXISTS (SELECT 1 FROM %q AS r WHERE strpos(r::text, $1) > 0 OR strpos(r::text, encode($1::bytea, 'hex')) > 0)`, name), text).Scan(&found))
		if found {
			tables = append(tables, name)
		}
	}
	return tables
}

func TestSigningTakesAFreshProofAndLeavesNoneBehind(t *testing.T) {
	s := newSigningWorld(t, "wang")
	for name, proof := range map[string]map[string]any{
		"none": nil, "empty": {}, "both": {"password": goodPassword, "code": "123456"}, "wrong": password("Wrong-2026-guess"), "code without enrolment": code("123456"),
	} {
		answer := s.sign("wang", s.key(), proof, nil)
		answer.want(t, 403, approval.Reauthenticate)
		if answer.Field != "reauthentication" || strings.Contains(string(answer.raw), "Wrong-2026") {
			t.Errorf("%s: %s", name, answer.raw)
		}
	}
	if n := s.count(`SELECT count(*) FROM refusals WHERE actor = 'p_wang' AND code = 'reauthentication_required'`); n != 5 {
		t.Errorf("%d refused attempts on record, want 5", n)
	}
	if n := s.count(`SELECT count(*) FROM operations WHERE actor = 'p_wang'`); n != 0 {
		t.Errorf("%d operations stored before the proof was right", n)
	}
	s.sign("wang", "sign-key-1", password(goodPassword), nil).want(t, 200, "")
	var act approval.Accepted
	for _, done := range s.engine.cases[s.caseID].state.Acts {
		act = done
	}
	if act.Action != approval.Sign || act.Reauthenticated != approval.ByPassword || act.ContentHash != setHash {
		t.Errorf("taken as %+v", act)
	}
	if len(s.holding("sign-key-1")) == 0 {
		t.Fatal("the search finds nothing")
	}
	for _, secret := range []string{goodPassword, "Wrong-2026-guess"} {
		if tables := s.holding(secret); len(tables) != 0 {
			t.Errorf("%q stands in %v", secret, tables)
		}
	}
	t.Run("a repetition is the same request, however it is proven", func(t *testing.T) {
		for _, proof := range []map[string]any{password(goodPassword), password("Wrong-2026-guess"), nil} {
			again := s.sign("wang", "sign-key-1", proof, nil)
			again.want(t, 200, "")
			if again.header.Get("Idempotency-Replayed") != "true" {
				t.Error("signed twice")
			}
		}
		s.sign("wang", "sign-key-1", password(goodPassword), map[string]any{"comment": "x"}).want(t, 422, approval.KeyReused)
	})
	t.Run("nobody signs twice", func(t *testing.T) {
		s.sign("wang", s.key(), password(goodPassword), nil).want(t, 409, approval.AlreadyActed)
	})
}

func TestTheEnvelopeSaysHowTheSignerWasProven(t *testing.T) {
	s := newSigningWorld(t, "wang")
	s.sign("wang", s.key(), password(goodPassword), nil).want(t, 200, "")
	var envelope string
	fatal(t, connect(t, s.address.Owner).QueryRow(t.Context(), `SELECT envelope FROM case_events WHERE action = 'sign'`).Scan(&envelope))
	claims, err := s.engine.verifier.Verify(envelope)
	if err != nil || claims.Reauthenticated != approval.ByPassword || claims.Authenticated != "token" {
		t.Errorf("%+v, %v", claims, err)
	}
}

func TestSigningSomethingElseIsRefused(t *testing.T) {
	s := newSigningWorld(t, "wang", "liu")
	s.sign("wang", s.key(), password(goodPassword), map[string]any{"content_hash": strings.Repeat("0", 64)}).want(t, 409, approval.StaleContent)
	s.sign("wang", s.key(), password(goodPassword), map[string]any{"action": "reject", "comment": "条款有误"}).want(t, 422, approval.Invalid) // takes no proof
	body := map[string]any{"action": "sign", "content_hash": setHash, "reauthentication": password(goodPassword)}
	foreign := s.ask(asked{method: "POST", path: "/v1/tasks/" + s.caseID + ".signing.1.wang/acts", body: body, bearer: s.who["liu"], key: s.key()})
	foreign.want(t, 403, approval.NotEligible)
}

func TestGuessingWhileSigningLocksTheAccount(t *testing.T) {
	s := newSigningWorld(t, "wang")
	for range approval.LoginFailures {
		s.sign("wang", s.key(), password("Wrong-2026-guess"), nil).want(t, 403, approval.Reauthenticate)
	}
	s.sign("wang", "locked-key-1", password(goodPassword), nil).want(t, 423, approval.LockedOut)
	s.ask(asked{method: "POST", path: "/v1/login", body: map[string]string{"username": "wang", "password": goodPassword}}).want(t, 423, approval.LockedOut)
	s.pass(approval.LoginLock)
	s.sign("wang", "locked-key-1", password(goodPassword), nil).want(t, 200, "")
	for range approval.LoginFailures - 1 { // a right proof starts the count again
		s.sign("wang", s.key(), password("Wrong-2026-guess"), nil).want(t, 403, approval.Reauthenticate)
	}
	s.login("wang")
}

// enrolled binds an authenticator and returns its secret.
func (s *signingWorld) enrolled(name string) string {
	s.t.Helper()
	var made struct{ Secret, URI string }
	decode(s.t, s.write(s.who[name], "POST", "/v1/me/totp", password(goodPassword)), &made)
	if made.Secret == "" || !strings.Contains(made.URI, made.Secret) {
		s.t.Fatalf("enrolled %+v", made)
	}
	s.write(s.who[name], "POST", "/v1/me/totp/confirm", code(s.shown(made.Secret))).want(s.t, 200, "")
	return made.Secret
}

func (s *signingWorld) shown(secret string) string {
	s.t.Helper()
	shown, err := totp.Code(secret, s.now())
	fatal(s.t, err)
	return shown
}

func (s *signingWorld) status(name string) (status string) {
	s.t.Helper()
	var found struct{ Status string }
	decode(s.t, s.read(s.who[name], "/v1/me/totp"), &found)
	return found.Status
}

func TestSigningByOneTimeCode(t *testing.T) {
	s := newSigningWorld(t, "wang", "liu")
	secret := s.enrolled("wang")
	confirmed := s.shown(secret)
	s.sign("wang", s.key(), code(confirmed), nil).want(t, 403, approval.Reauthenticate) // used to confirm
	s.pass(30 * time.Second)
	next := s.shown(secret)
	s.sign("wang", s.key(), code(confirmed), nil).want(t, 403, approval.Reauthenticate) // older than the newest used
	s.sign("liu", s.key(), code(next), nil).want(t, 403, approval.Reauthenticate)       // another person's
	s.sign("wang", s.key(), code(next), nil).want(t, 200, "")
	state := s.engine.cases[s.caseID].state
	if how := state.Acts[len(state.Acts)-1].Reauthenticated; how != approval.ByTOTP {
		t.Errorf("proven by %q", how)
	}
	s.sign("wang", s.key(), code(next), nil).want(t, 403, approval.Reauthenticate) // before the case is even asked
	if tables := s.holding(secret); len(tables) != 0 {
		t.Errorf("the secret stands in the clear in %v", tables)
	}
}

func TestAOneTimeCodeCountsOnceHoweverManyAskAtOnce(t *testing.T) {
	s := newSigningWorld(t, "wang")
	secret := s.enrolled("wang")
	s.pass(time.Minute)
	body := map[string]any{"action": "sign", "content_hash": strings.Repeat("0", 64), "reauthentication": code(s.shown(secret))}
	proven := make(chan bool, approval.LoginFailures)
	var wait sync.WaitGroup
	for i := range approval.LoginFailures {
		wait.Go(func() {
			answer, err := s.send(asked{method: "POST", path: "/v1/tasks/" + s.caseID + ".signing.1.wang/acts", body: body, bearer: s.who["wang"], key: fmt.Sprintf("race-key-%d", i)})
			if err != nil {
				t.Error(err)
			}
			proven <- answer.Code == approval.StaleContent // got past the proof, signs something else
		})
	}
	wait.Wait()
	close(proven)
	taken := 0
	for was := range proven {
		if was {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("one code was taken %d times", taken)
	}
}

func TestEnrollingAnAuthenticator(t *testing.T) {
	s := newSigningWorld(t, "wang")
	me := s.who["wang"]
	s.write(me, "POST", "/v1/me/totp", password("Wrong-2026-guess")).want(t, 403, approval.Reauthenticate)
	s.write(me, "POST", "/v1/me/totp/confirm", code("123456")).want(t, 409, approval.Conflict)
	if s.status("wang") != "none" {
		t.Error("enrolled on a wrong password")
	}
	var first, second struct{ Secret string }
	decode(t, s.write(me, "POST", "/v1/me/totp", password(goodPassword)), &first)
	s.sign("wang", s.key(), code(s.shown(first.Secret)), nil).want(t, 403, approval.Reauthenticate) // not confirmed yet
	decode(t, s.write(me, "POST", "/v1/me/totp", password(goodPassword)), &second)
	if first.Secret == second.Secret || s.status("wang") != "pending" {
		t.Errorf("enrolled anew with %v, status %s", first.Secret == second.Secret, s.status("wang"))
	}
	s.write(me, "POST", "/v1/me/totp/confirm", code(s.shown(first.Secret))).want(t, 403, approval.Reauthenticate) // replaced
	s.write(me, "POST", "/v1/me/totp/confirm", code(s.shown(second.Secret))).want(t, 200, "")
	if s.status("wang") != "confirmed" {
		t.Error("not confirmed")
	}
	s.write(me, "POST", "/v1/me/totp", password(goodPassword)).want(t, 409, approval.Conflict)
	s.write(me, "POST", "/v1/me/totp/disable", password("Wrong-2026-guess")).want(t, 403, approval.Reauthenticate)
	s.write(me, "POST", "/v1/me/totp/disable", password(goodPassword)).want(t, 200, "")
	s.pass(time.Minute)
	s.sign("wang", s.key(), code(s.shown(second.Secret)), nil).want(t, 403, approval.Reauthenticate)
	s.write(me, "POST", "/v1/me/totp", password(goodPassword)).want(t, 200, "")
}

func TestGuessingAConfirmationLocksTheAccount(t *testing.T) {
	s := newSigningWorld(t, "wang")
	s.write(s.who["wang"], "POST", "/v1/me/totp", password(goodPassword)).want(t, 200, "")
	for range approval.LoginFailures {
		s.write(s.who["wang"], "POST", "/v1/me/totp/confirm", code("000000")).want(t, 403, approval.Reauthenticate)
	}
	s.write(s.who["wang"], "POST", "/v1/me/totp/confirm", code("000000")).want(t, 423, approval.LockedOut)
}

func TestAnAdministratorHelpsWhoeverLostTheDevice(t *testing.T) {
	s := newSigningWorld(t, "wang")
	secret := s.enrolled("wang")
	s.enter("far", storetest.Linzi, grant(approval.Administrator, storetest.Linzi))
	lost := map[string]any{"reason": "手机丢失"}
	s.write(s.who["far"], "POST", "/v1/accounts/p_wang/totp/disable", lost).want(t, 404, approval.NotFound)
	s.write(s.who["wang"], "POST", "/v1/accounts/p_wang/totp/disable", lost).want(t, 403, approval.Forbidden)
	s.write(s.admin, "POST", "/v1/accounts/p_wang/totp/disable", lost).want(t, 200, "")
	if s.status("wang") != "none" {
		t.Error("still in use")
	}
	s.pass(time.Minute)
	s.sign("wang", s.key(), code(s.shown(secret)), nil).want(t, 403, approval.Reauthenticate)
	if n := s.count(`SELECT count(*) FROM totp_secrets WHERE person = 'p_wang' AND ended_by = 'p_admin' AND end_reason = '手机丢失'`); n != 1 {
		t.Error("who disabled it, and why, is not on record")
	}
	s.enrolled("wang")
}

// TestSecretsOfEnrolmentAreNeverStored: an answer that holds one must not be
// kept for repetitions.
func TestSecretsOfEnrolmentAreNeverStored(t *testing.T) {
	s := newSigningWorld(t, "wang")
	secret := s.enrolled("wang")
	var payload json.RawMessage
	rows, err := connect(t, s.address.Owner).Query(t.Context(), `SELECT coalesce(payload, '{}'), coalesce(response, '') FROM operations WHERE actor = 'p_wang'`)
	fatal(t, err)
	for rows.Next() {
		var response []byte
		fatal(t, rows.Scan(&payload, &response))
		if strings.Contains(string(payload)+string(response), secret) {
			t.Error("stored with an operation")
		}
	}
	fatal(t, rows.Err())
}
