package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"time"

	"linli/approval"
	"linli/internal/demo"
)

// person is somebody at a browser: one session, and the habit of sending the
// same request under the same key until there is an answer.
type person struct {
	name string
	id   string
	base string
	http *http.Client
}

// answer is what came back, if anything did.
type answer struct {
	err     error
	status  int
	body    []byte
	problem approval.Error
}

const (
	requestTimeout = 8 * time.Second
	tryAgain       = 400 * time.Millisecond
)

// settled reports whether the answer is one: not a broken connection, not a
// fault, not "later".
func (a answer) settled() bool {
	switch {
	case a.err != nil, a.status == http.StatusAccepted, a.status == http.StatusTooManyRequests, a.status >= 500:
		return false
	case a.status == http.StatusConflict && a.problem.Field == "Idempotency-Key":
		return false // an earlier sending of the same request is still under way
	}
	return true
}

func (a answer) accepted() bool { return a.settled() && a.status < 300 }

func (a answer) String() string {
	if a.err != nil {
		return a.err.Error()
	}
	return fmt.Sprintf("%d %s", a.status, a.body)
}

// login waits as long as it takes.
func login(ctx context.Context, base, name string) (*person, error) {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	p := &person{name: name, base: base, http: &http.Client{Timeout: requestTimeout, Jar: jar}}
	got, err := p.insist(ctx, "POST", "/v1/login", "", map[string]string{"username": name, "password": demo.Password})
	if err != nil || !got.accepted() {
		return nil, fmt.Errorf("logging in as %s: %s, %w", name, got, err)
	}
	var me struct {
		ID     string `json:"id"`
		Person struct {
			ID string `json:"id"`
		} `json:"person"`
	}
	if err := json.Unmarshal(got.body, &me); err != nil {
		return nil, err
	}
	if p.id = me.ID; p.id == "" {
		p.id = me.Person.ID
	}
	if p.id == "" {
		return nil, fmt.Errorf("logging in as %s: no id in %s", name, got.body)
	}
	return p, nil
}

// insist repeats a request until there is an answer.
func (p *person) insist(ctx context.Context, method, path, key string, body any) (answer, error) {
	for {
		got := p.send(ctx, method, path, key, body)
		if got.settled() {
			return got, nil
		}
		pause := tryAgain
		if got.status == http.StatusConflict {
			pause = 3 * time.Second
		}
		if got.status == http.StatusAccepted && len(key)%2 == 0 {
			p.follow(ctx, got) // and the sweeper delivers
		}
		select {
		case <-ctx.Done():
			return got, fmt.Errorf("%s %s under %q was never answered; last: %s", method, path, key, got)
		case <-time.After(pause):
		}
	}
}

// follow asks for the state of a stored request until it has its answer.
func (p *person) follow(ctx context.Context, put answer) {
	var pending struct{ Href string }
	if json.Unmarshal(put.body, &pending) != nil {
		return
	}
	for {
		var operation approval.Operation
		got := p.send(ctx, "GET", pending.Href, "", nil)
		if got.settled() && (json.Unmarshal(got.body, &operation) != nil || operation.Status != approval.OperationPending) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// read insists on a resource; false when it is refused.
func (p *person) read(ctx context.Context, path string, out any) (bool, error) {
	got, err := p.insist(ctx, "GET", path, "", nil)
	if err != nil || !got.accepted() {
		return false, err
	}
	return true, json.Unmarshal(got.body, out)
}

func (p *person) send(ctx context.Context, method, path, key string, body any) answer {
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return answer{err: err}
		}
		reader = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, reader)
	if err != nil {
		return answer{err: err}
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return p.do(request, key)
}

func (p *person) do(request *http.Request, key string) answer {
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	request.Header.Set("X-Linli-Page", "chaos")
	response, err := p.http.Do(request)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	got := answer{status: response.StatusCode}
	if got.body, got.err = io.ReadAll(response.Body); got.err == nil && got.status >= 400 {
		var problem struct {
			Code  approval.Code `json:"code"`
			Field string        `json:"field"`
		}
		if json.Unmarshal(got.body, &problem) == nil {
			got.problem = approval.Error{Code: problem.Code, Field: problem.Field}
		}
	}
	return got
}

// upload stores a sample paper and returns its id.
func (p *person) upload(ctx context.Context, scope, key string) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("scope", scope) // a buffer takes everything
	file, _ := form.CreateFormFile("file", key+".txt")
	_, _ = io.WriteString(file, "示例材料 "+key+"\n")
	_ = form.Close()
	request, err := http.NewRequestWithContext(ctx, "POST", p.base+"/v1/attachments", &body)
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	got := p.do(request, key)
	var stored approval.Attachment
	if !got.accepted() || json.Unmarshal(got.body, &stored) != nil {
		return "", fmt.Errorf("uploading: %s", got)
	}
	return stored.ID, nil
}
