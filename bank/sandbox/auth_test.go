package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli/bank"
	"linli/bank/sandbox"
)

// send puts a request on the wire as given and returns status and code.
func (w *world) send(t *testing.T, request *http.Request) (int, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var problem bank.Problem
	if err := json.NewDecoder(response.Body).Decode(&problem); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, problem.Code
}

func (w *world) request(t *testing.T, headerKey, body string, signer bank.Signer) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/payments", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(bank.KeyHeader, headerKey)
	if err := signer.Sign(request, []byte(body)); err != nil {
		t.Fatal(err)
	}
	return request
}

func orderText(t *testing.T, order bank.Order) string {
	t.Helper()
	text, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhatTheBankDoesNotTakeItDoesNotBook(t *testing.T) {
	good := bank.Signer{Secret: secret, Direction: bank.Request}
	clock := func(d time.Duration) bank.Signer {
		return bank.Signer{Secret: secret, Direction: bank.Request, Now: func() time.Time { return time.Now().Add(d) }}
	}
	text := orderText(t, orderOf(key))
	for name, c := range map[string]struct {
		headerKey, body string
		signer          bank.Signer
		sent            string // instead of the signed body
		code            string
	}{
		"altered body":     {key, text, good, strings.Replace(text, "880000", "990000", 1), bank.CodeBadSignature},
		"other secret":     {key, text, bank.Signer{Secret: []byte("a secret of someone else"), Direction: bank.Request}, "", bank.CodeBadSignature},
		"callback":         {key, text, bank.Signer{Secret: secret, Direction: bank.Callback}, "", bank.CodeBadSignature},
		"slow clock":       {key, text, clock(-bank.Window - time.Minute), "", bank.CodeBadSignature},
		"fast clock":       {key, text, clock(bank.Window + time.Minute), "", bank.CodeBadSignature},
		"other header key": {"other", text, good, "", bank.CodeInvalidOrder},
		"unknown field":    {key, strings.Replace(text, "{", `{"urgent":true,`, 1), good, "", bank.CodeInvalidOrder},
		"two orders":       {key, text + text, good, "", bank.CodeInvalidOrder},
		"malformed order":  {key, strings.Replace(text, "880000", "-1", 1), good, "", bank.CodeInvalidOrder},
		"huge":             {key, text + strings.Repeat(" ", 70<<10), good, "", bank.CodeInvalidOrder},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sandbox.Program{})
			request := w.request(t, c.headerKey, c.body, c.signer)
			if c.sent != "" {
				replaced := w.request(t, c.headerKey, c.sent, c.signer)
				replaced.Header.Set(bank.SignatureHeader, request.Header.Get(bank.SignatureHeader))
				request = replaced
			}
			if status, code := w.send(t, request); status < 400 || status > 499 || code != c.code {
				t.Errorf("got %d %q, want %q", status, code, c.code)
			}
			w.wantBookings(key, 0, 0)
		})
	}
}

func TestAReplayedRequestIsRefusedAsLongAsItsSignatureLives(t *testing.T) {
	var ahead atomic.Int64
	w := newWorldWith(t, sandbox.Config{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	text := orderText(t, orderOf(key))
	first := w.request(t, key, text, bank.Signer{Secret: secret, Direction: bank.Request})
	again := func() *http.Request {
		copied := w.request(t, key, text, bank.Signer{Secret: secret, Direction: bank.Request})
		copied.Header = first.Header.Clone()
		return copied
	}
	if status, code := w.send(t, first); status != http.StatusOK {
		t.Fatalf("got %d %s", status, code)
	}
	for _, later := range []time.Duration{0, bank.Window - time.Minute} {
		ahead.Store(int64(later))
		if status, code := w.send(t, again()); status != http.StatusUnauthorized || code != bank.CodeReplayed {
			t.Errorf("replayed after %s: %d %q", later, status, code)
		}
	}
	ahead.Store(int64(bank.Window + time.Minute))
	if _, code := w.send(t, again()); code != bank.CodeBadSignature {
		t.Errorf("replayed too late: %q", code)
	}
}

func TestReadingTheBookNeedsASignatureOrTheToken(t *testing.T) {
	w := newWorld(t, sandbox.Program{})
	if status, _ := w.admin(t, http.MethodGet, "/book", "wrong", ""); status != http.StatusUnauthorized {
		t.Errorf("a wrong token: %d", status)
	}
	if _, err := w.client.Book(t.Context()); err != nil {
		t.Errorf("a signed request: %v", err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/payments/"+"k", bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	if status, code := w.send(t, request); status != http.StatusUnauthorized || code != bank.CodeBadSignature {
		t.Errorf("an unsigned query: %d %q", status, code)
	}
}
