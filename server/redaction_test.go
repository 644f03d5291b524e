package server_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/approval"
	"linli/internal/observe"
	"linli/server"
	"linli/store"
	"linli/store/storetest"
)

// What people send and what systems say, and what nobody may read in a log.
const (
	leakedIdentity = "370303199001011234"
	leakedPhone    = "13853312345"
	leakedAccount  = "6222021603001234567"
	leakedPassword = "hunter2-Qilu-lake"
	leakedName     = "王小芳"
	leakedEnvelope = "eyJhbGciOiJFZERTQSJ9.eyJpZCI6IjEifQ.c2lnbmF0dXJl"
	leakedToken    = "dGhpcy1pcy1hLXNlc3Npb24tdG9rZW4tb2YtMzJieXQ"
)

var leaks = []string{leakedIdentity, leakedPhone, leakedAccount, leakedPassword, leakedName, leakedEnvelope, leakedToken}

// systems say everything they know when they fail.
var errTalkative = fmt.Errorf("dialling postgres://linli_api:%s@db:5432/linli: account %s of %s, tel %s, envelope %s",
	leakedPassword, leakedAccount, leakedIdentity, leakedPhone, leakedEnvelope)

// talkative is a database whose faults hold what they were about.
type talkative struct {
	*store.Store
}

func (talkative) Ping(context.Context) error { return errTalkative }

func (talkative) Divisions(context.Context) ([]approval.Division, error) { return nil, errTalkative }

func (talkative) KeepRefusal(context.Context, approval.RefusedAttempt) error { return errTalkative }

func (talkative) CalendarOf(context.Context, int) (approval.CalendarYear, error) {
	return approval.CalendarYear{}, fmt.Errorf("%w (%w)", approval.Errorf(approval.Unavailable, "稍后。", "Later."), errTalkative)
}

// clumsy panics where it is told, with all it knows.
type clumsy struct{ at string }

func (c clumsy) Answered(_ context.Context, _, route string, _ int, _ time.Duration) {
	if route == c.at {
		panic(errTalkative)
	}
}

func (clumsy) Refused(approval.Code)        {}
func (clumsy) Acted(approval.Action, error) {}

// lines collects a log; requests write to it at once.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// talk is one request of somebody who puts secrets everywhere.
func talk(t *testing.T, address, method, path, body string) {
	t.Helper()
	request, err := http.NewRequest(method, address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+leakedToken)
	request.Header.Set("Cookie", "linli="+leakedToken+"; other="+leakedPassword)
	request.Header.Set("Idempotency-Key", "key-"+leakedPhone)
	request.Header.Set("User-Agent", leakedName)
	request.Header.Set("X-Api-Key", leakedPassword)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

// TestNoLogPathShowsASecret drives the server through everything it logs: the
// access log, refusals that cannot be kept, faults, parts that are missing,
// panics, and what the HTTP library says.
func TestNoLogPathShowsASecret(t *testing.T) {
	api, _ := storetest.Open(t)
	var out lines
	log := observe.NewLog(&out, slog.LevelDebug)
	s, err := server.New(server.Config{
		PublicURL: "http://127.0.0.1", Records: talkative{api}, Scoped: store.WithPerson, Now: time.Now, Log: log, Observer: clumsy{at: "/healthz"},
		Ready: map[string]func(context.Context) error{"temporal": func(context.Context) error { return errTalkative }},
	})
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewUnstartedServer(s.Handler())
	served.Config.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	served.Start()
	t.Cleanup(served.Close)
	everything := fmt.Sprintf(`{"username":"wang","password":%q,"id":%q,"phone":%q,"account":%q,"text":%q,"contact":%q,"envelope":%q,"amount":%s}`,
		leakedPassword, leakedIdentity, leakedPhone, leakedAccount, leakedName, leakedPhone, leakedEnvelope, leakedAccount)
	for _, asked := range []struct{ method, path, body string }{
		{"POST", "/v1/login", everything},
		{"POST", "/v1/login", `{"username":"wang","password":"` + leakedPassword + `"}`},
		{"POST", "/v1/login", `{"password":"` + leakedPassword},
		{"GET", "/v1/scopes", ""},
		{"GET", "/v1/scopes?password=" + leakedPassword + "&name=" + leakedName, ""}, // a fault
		{"GET", "/v1/calendars/2026", ""},                                            // unavailable
		{"GET", "/readyz", ""},                                                       // parts missing
		{"GET", "/healthz", ""},                                                      // a panic
		{"GET", "/v1/cases/" + leakedName + "?q=" + leakedIdentity, ""},
		{"GET", "/v1/public/objections/" + leakedToken, ""},
		{"GET", "/objections/" + leakedPhone, ""},
		{"GET", "/" + leakedName + "/" + leakedIdentity + "?token=" + leakedPassword, ""},
		{"POST", "/v1/fund-uses", everything},
		{"POST", "/v1/public/notices/" + leakedPhone + "/objections", everything},
		{"POST", "/v1/bank/callbacks", everything},
		{"POST", "/v1/attachments", everything},
		{"POST", "/v1/tasks/" + leakedAccount + "/acts", everything},
		{"POST", "/v1/tasks/" + leakedAccount + "/acts", `{"action":"sign","reauthentication":{"password":"` + leakedPassword + `","code":"` + leakedAccount + `"}}`},
		{"POST", "/v1/tasks/c1.signing.1.operator/acts", `{"action":"sign","reauthentication":{"password":"` + leakedPassword + `"}}`},
		{"POST", "/v1/me/totp", `{"password":"` + leakedPassword + `"}`},
		{"POST", "/v1/me/totp/confirm", `{"code":"` + leakedAccount + `"}`},
		{"POST", "/v1/me/totp/disable", `{"password":"` + leakedPassword + `"}`},
	} {
		talk(t, served.URL, asked.method, asked.path, asked.body)
	}
	served.Config.ErrorLog.Printf("http: superfluous header Authorization: Bearer %s of %s", leakedToken, leakedPhone)
	text := out.String()
	for _, expected := range []string{`"msg":"request"`, `"msg":"fault"`, `"msg":"unavailable"`, `"msg":"not ready"`, `"msg":"panic"`, `"msg":"keeping a refused attempt"`, "superfluous"} {
		if !strings.Contains(text, expected) {
			t.Errorf("this path was not taken: %s", expected)
		}
	}
	for line := range strings.Lines(text) {
		for _, leaked := range leaks {
			if strings.Contains(line, leaked) {
				t.Errorf("%q stands in the log: %s", leaked, line)
			}
		}
	}
}
