package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"linli/approval"
	"linli/server"
	"linli/store"
	"linli/store/storetest"
)

const goodPassword = "Qilu-2026-lake"

// world is the server on a real database, reached over real HTTP, with a
// clock the test moves.
type world struct {
	t       *testing.T
	store   *store.Store
	address storetest.Address
	server  *server.Server
	http    *httptest.Server
	bucket  *blob.Bucket
	clock   atomic.Int64
	doc     *openapi3.T
}

func newWorld(t *testing.T) *world {
	t.Helper()
	api, _, address := storetest.OpenDSN(t)
	w := &world{t: t, store: api, address: address, bucket: memblob.OpenBucket(nil)}
	t.Cleanup(func() { w.bucket.Close() })
	w.clock.Store(storetest.Now.UnixNano())
	var err error
	w.server, err = server.New(server.Config{
		PublicURL: "http://127.0.0.1", Records: api, Scoped: store.WithPerson, Bucket: w.bucket,
		Now: w.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.http = httptest.NewServer(w.server.Handler())
	t.Cleanup(w.http.Close)
	w.doc = loadContract(t, w.http.URL)
	return w
}

func (w *world) now() time.Time { return time.Unix(0, w.clock.Load()) }

func (w *world) pass(d time.Duration) { w.clock.Add(int64(d)) }

// contracts holds what was served and parsed: the same text by every world.
var contracts sync.Map

func loadContract(t *testing.T, url string) *openapi3.T {
	t.Helper()
	answer, err := http.Get(url + "/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if doc, parsed := contracts.Load(string(raw)); parsed {
		return doc.(*openapi3.T)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	contracts.Store(string(raw), doc)
	return doc
}

// goodHash is goodPassword at a cost for tests; a hash carries its own cost.
var goodHash = sync.OnceValues(func() (string, error) {
	return argon2id.CreateHash(goodPassword, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
})

// person creates an account that can log in.
func (w *world) person(username string, home approval.Scope, grants ...approval.Grant) approval.Account {
	w.t.Helper()
	hash, err := goodHash()
	if err != nil {
		w.t.Fatal(err)
	}
	account, err := w.store.CreateAccount(store.WithPerson(context.Background(), storetest.Root),
		approval.NewAccount{ID: "p_" + username, Username: username, Name: username, Scope: home, Grants: grants}, hash, "test", w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return account
}

func grant(role approval.Role, scope approval.Scope) approval.Grant {
	return approval.Grant{Role: role, Scope: scope}
}

// asked is one request to make; zero fields are left out.
type asked struct {
	method, path string
	body         any // a string is sent as it is
	key          string
	cookie       *http.Cookie
	bearer       string
	header       map[string]string
	media        string
}

// answered is what came back, checked against the contract.
type answered struct {
	status int
	header http.Header
	cookie *http.Cookie
	raw    []byte
	Code   approval.Code `json:"code"`
	Field  string        `json:"field"`
	Detail string        `json:"detail"`
	ID     string        `json:"id"`
	Next   string        `json:"-"` // of a list; elsewhere "next" may be a text
	Items  []struct {
		ID       any    `json:"id"`
		Username string `json:"username"`
		Code     string `json:"code"`
		Actor    string `json:"actor"`
		Path     string `json:"path"`
	} `json:"items"`
}

func (w *world) ask(a asked) answered {
	w.t.Helper()
	answer, err := w.send(a)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// send may be called from several goroutines.
func (w *world) send(a asked) (answered, error) {
	request, err := http.NewRequest(a.method, w.http.URL+a.path, bodyOf(a.body))
	if err != nil {
		return answered{}, err
	}
	if a.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if a.media != "" {
		request.Header.Set("Content-Type", a.media)
	}
	if a.key != "" {
		request.Header.Set("Idempotency-Key", a.key)
	}
	if a.cookie != nil {
		request.AddCookie(a.cookie)
		request.Header.Set("X-Linli-Page", "1")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if a.bearer != "" {
		request.Header.Set("Authorization", "Bearer "+a.bearer)
	}
	for name, value := range a.header {
		if value == "" {
			request.Header.Del(name)
		} else {
			request.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answered{}, err
	}
	defer response.Body.Close()
	return w.receive(request, response)
}

func bodyOf(body any) io.Reader {
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(body)
	case []byte:
		return bytes.NewReader(body)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(raw)
}

func (w *world) receive(request *http.Request, response *http.Response) (answered, error) {
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return answered{}, err
	}
	answer := answered{status: response.StatusCode, header: response.Header, raw: raw}
	for _, cookie := range response.Cookies() {
		answer.cookie = cookie
	}
	if strings.Contains(response.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &answer); err != nil {
			return answer, err
		}
		var page struct{ Next any }
		_ = json.Unmarshal(raw, &page) // read as an answer just before
		answer.Next, _ = page.Next.(string)
		if answer.status < http.StatusBadRequest {
			answer.Code = "" // an answer may have a code of its own; a refusal's is meant
		}
	}
	w.checkContract(request, answer)
	return answer, nil
}

// checkContract fails the test when an answer is not what the contract says.
func (w *world) checkContract(request *http.Request, answer answered) {
	w.t.Helper()
	path, item := w.find(request.URL.Path)
	if item == nil || item.GetOperation(request.Method) == nil {
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: request,
			Route:   &routers.Route{Spec: w.doc, Path: path, PathItem: item, Method: request.Method, Operation: item.GetOperation(request.Method)},
		},
		Status: answer.status, Header: answer.header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	input.SetBodyBytes(answer.raw)
	if strings.Contains(answer.header.Get("Content-Type"), "json") {
		if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
			w.t.Errorf("%s %s answered %d outside the contract: %v", request.Method, request.URL.Path, answer.status, err)
		}
	}
}

var parameter = regexp.MustCompile(`\\\{[^/]+\\\}`)

func (w *world) find(address string) (string, *openapi3.PathItem) {
	for path, item := range w.doc.Paths.Map() {
		pattern := "^" + parameter.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$"
		if regexp.MustCompile(pattern).MatchString(address) {
			return path, item
		}
	}
	return "", nil
}

func (w *world) login(username string) *http.Cookie {
	w.t.Helper()
	answer := w.ask(asked{method: "POST", path: "/v1/login", body: map[string]string{"username": username, "password": goodPassword}})
	if answer.status != http.StatusOK || answer.cookie == nil {
		w.t.Fatalf("login as %s: %d %s", username, answer.status, answer.raw)
	}
	return answer.cookie
}

// want fails unless the answer has the status and, for a refusal, the code.
func (a answered) want(t *testing.T, status int, code approval.Code) {
	t.Helper()
	if a.status != status || a.Code != code {
		t.Errorf("answered %d %q, want %d %q: %s", a.status, a.Code, status, code, a.raw)
	}
}
