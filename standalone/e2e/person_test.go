package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"

	"linli/approval"
	"linli/internal/demo"
)

// person is one browser: logged in, or nobody.
type person struct {
	name string
	base string
	http *http.Client
}

// answer is one response as it came.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// problem is an RFC 9457 answer.
type problem struct {
	Status    int           `json:"status"`
	Code      approval.Code `json:"code"`
	DetailZH  string        `json:"detail_zh"`
	DetailEN  string        `json:"detail_en"`
	Field     string        `json:"field"`
	RequestID string        `json:"request_id"`
}

func nobody(base string) *person {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &person{name: "nobody", base: base, http: &http.Client{Timeout: 60 * time.Second, Jar: jar}}
}

// from lets somebody come from a loopback address of their own.
func (p *person) from(n int) *person {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(n/250), byte(n%250+1))}}
	p.http.Transport = &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: hands}
	return p
}

func login(ctx context.Context, base, username, password string) (*person, error) {
	return nobody(base).login(ctx, username, password)
}

func (p *person) login(ctx context.Context, username, password string) (*person, error) {
	p.name = username
	got, err := p.send(ctx, "POST", "/v1/login", "", map[string]string{"username": username, "password": password})
	if err != nil {
		return nil, err
	}
	if got.status != http.StatusOK {
		return nil, fmt.Errorf("logging in as %s: %s", username, got)
	}
	return p, nil
}

// send is one request; a []byte goes out as it is.
func (p *person) send(ctx context.Context, method, path, key string, body any) (answer, error) {
	raw, isRaw := body.([]byte)
	if !isRaw && body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(raw))
	if err != nil {
		return answer{}, err
	}
	if raw != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return p.do(request, key)
}

func (p *person) do(request *http.Request, key string) (answer, error) {
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	request.Header.Set("X-Linli-Page", "e2e") // a write by session must come from a page of ours
	response, err := p.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, body: raw}, err
}

// upload stores a paper of the scope.
func (p *person) upload(ctx context.Context, scope approval.Scope, key, name, text string) (answer, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("scope", string(scope)); err != nil {
		return answer{}, err
	}
	part, err := form.CreateFormFile("file", name+".txt")
	if err != nil {
		return answer{}, err
	}
	if _, err := io.WriteString(part, text); err != nil {
		return answer{}, err
	}
	if err := form.Close(); err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, "POST", p.base+"/v1/attachments", &body)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	return p.do(request, key)
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

// into reads the answer of a request that must have succeeded.
func (a answer) into(t testing.TB, out any) {
	t.Helper()
	if a.status >= http.StatusBadRequest {
		t.Fatalf("refused: %s", a)
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		t.Fatalf("reading %s: %v", a, err)
	}
}

func (a answer) problem(t testing.TB) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("no problem: %s", a)
	}
	return p
}

// as is the person's session, opened on first use.
func (w *world) as(username string) *person {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.sessions[username]; known != nil {
		return known
	}
	password := demo.Password
	if username == "admin" {
		password = w.AdminPassword
	}
	p, err := login(w.t.Context(), w.URL, username, password)
	if err != nil {
		w.t.Fatal(err)
	}
	w.sessions[username] = p
	return p
}

// read fetches what the person may see.
func read[Out any](w *world, username, path string) Out {
	w.t.Helper()
	var out Out
	w.write(username, "GET", path, "", nil).into(w.t, &out)
	return out
}

// all reads every page of a list.
func all[Item any](w *world, username, path string) []Item {
	w.t.Helper()
	var items []Item
	for next := ""; ; {
		page := read[struct {
			Items []Item `json:"items"`
			Next  string `json:"next"`
		}](w, username, path+"limit=100&cursor="+next)
		items = append(items, page.Items...)
		if next = page.Next; next == "" {
			return items
		}
	}
}

// write sends a request and fails the test only if nothing answers.
func (w *world) write(username, method, path, key string, body any) answer {
	w.t.Helper()
	got, err := w.as(username).send(w.t.Context(), method, path, key, body)
	if err != nil {
		w.t.Fatalf("%s %s as %s: %v", method, path, username, err)
	}
	return got
}
