package two

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"sync/atomic"
	"time"

	"linli/approval"
	"linli/internal/demo"
)

// person is one browser behind a proxy that knows both APIs.
type person struct {
	doors  []string
	turn   atomic.Int64
	broken *atomic.Int64 // requests that got no answer, over all people
	http   *http.Client
}

// request is one write or read that may be sent again: body and key stay.
type request struct {
	method, path, key, kind string
	body                    []byte
}

// login opens one session; the two APIs share it.
func login(ctx context.Context, doors []string, username string, broken *atomic.Int64) (*person, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	p := &person{doors: doors, broken: broken, http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	return p, p.json(ctx, "POST", "/v1/login", "", map[string]string{"username": username, "password": demo.Password}, nil)
}

// json sends until an API has answered for good, and reads the answer.
func (p *person) json(ctx context.Context, method, path, key string, in, out any) error {
	r := request{method: method, path: path, key: key, kind: "application/json"}
	if in != nil {
		var err error
		if r.body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	return p.settle(ctx, r, out)
}

// settle follows a write whose outcome was not known in time to its end.
func (p *person) settle(ctx context.Context, r request, out any) error {
	for {
		status, header, raw, err := p.insist(ctx, r)
		if err != nil {
			return err
		}
		if status >= http.StatusBadRequest {
			return fmt.Errorf("%s %s was refused: %d %s", r.method, r.path, status, raw)
		}
		if status == http.StatusAccepted {
			if err := p.done(ctx, header.Get("Location")); err != nil {
				return err
			}
			continue // the same key now brings the answer
		}
		if out == nil {
			return nil
		}
		return json.Unmarshal(raw, out)
	}
}

// done waits for a write that was put off.
func (p *person) done(ctx context.Context, link string) error {
	for {
		var operation struct {
			Status approval.OperationStatus `json:"status"`
		}
		if err := p.json(ctx, "GET", link, "", nil, &operation); err != nil {
			return err
		}
		if operation.Status != approval.OperationPending {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// insist sends to one API after the other, as long as none answers.
func (p *person) insist(ctx context.Context, r request) (int, http.Header, []byte, error) {
	for {
		door := p.doors[int(p.turn.Add(1))%len(p.doors)]
		status, header, raw, err := p.once(ctx, door, r)
		if err == nil && status < http.StatusInternalServerError && !underway(status, raw) {
			return status, header, raw, nil
		}
		if err != nil {
			p.broken.Add(1)
		}
		if stopped := pause(ctx); stopped != nil {
			return status, header, raw, fmt.Errorf("%s %s: %w; last: %d %s %w", r.method, r.path, stopped, status, raw, err)
		}
	}
}

// underway: the other API still works on the first sending of this request.
func underway(status int, raw []byte) bool {
	var problem struct {
		Code  approval.Code `json:"code"`
		Field string        `json:"field"`
	}
	return status == http.StatusConflict && json.Unmarshal(raw, &problem) == nil && problem.Code == approval.Conflict && problem.Field == "Idempotency-Key"
}

func (p *person) once(ctx context.Context, door string, r request) (int, http.Header, []byte, error) {
	sent, err := http.NewRequestWithContext(ctx, r.method, door+r.path, bytes.NewReader(r.body))
	if err != nil {
		return 0, nil, nil, err
	}
	if r.body != nil {
		sent.Header.Set("Content-Type", r.kind)
	}
	if r.key != "" {
		sent.Header.Set("Idempotency-Key", r.key)
	}
	sent.Header.Set("X-Linli-Page", "two") // a write by session must come from a page of ours
	answer, err := p.http.Do(sent)
	if err != nil {
		return 0, nil, nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header, raw, err
}

// upload stores a paper of the scope and returns its id.
func (p *person) upload(ctx context.Context, scope approval.Scope, key string) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("scope", string(scope)); err != nil {
		return "", err
	}
	part, err := form.CreateFormFile("file", key+".txt")
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(part, "示例材料 "+key+"\n"); err != nil {
		return "", err
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	var stored approval.Attachment
	err = p.settle(ctx, request{method: "POST", path: "/v1/attachments", key: key, kind: form.FormDataContentType(), body: body.Bytes()}, &stored)
	return stored.ID, err
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(100 * time.Millisecond):
		return nil
	}
}
