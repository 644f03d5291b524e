package demo

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
	"time"

	"linli/approval"
)

// Client speaks to the public API as one person. A refusal comes back as
// *approval.Error, exactly as the API explained it.
type Client struct {
	base string
	http *http.Client
}

// Anonymous is a client nobody is logged in to.
func Anonymous(base string) *Client {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &Client{base: base, http: &http.Client{Timeout: 30 * time.Second, Jar: jar}}
}

// Login returns a client that acts as the person.
func Login(ctx context.Context, base, username, password string) (*Client, error) {
	return Anonymous(base).login(ctx, username, password)
}

// LoginFrom is Login from an address of this machine, so that many people are
// not taken for one who guesses passwords.
func LoginFrom(ctx context.Context, local net.IP, base, username, password string) (*Client, error) {
	c := Anonymous(base)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: local}, Timeout: 10 * time.Second}
	c.http.Transport = &http.Transport{DialContext: dialer.DialContext, IdleConnTimeout: time.Minute}
	return c.login(ctx, username, password)
}

func (c *Client) login(ctx context.Context, username, password string) (*Client, error) {
	_, err := c.Send(ctx, "POST", "/v1/login", "", map[string]string{"username": username, "password": password}, nil)
	if err != nil {
		return nil, fmt.Errorf("logging in as %s: %w", username, err)
	}
	return c, nil
}

// Read fetches a resource.
func (c *Client) Read(ctx context.Context, path string, out any) error {
	_, err := c.Send(ctx, "GET", path, "", nil, out)
	return err
}

// Write sends a write under an idempotency key: sending it again has no
// further effect and brings the same answer.
func (c *Client) Write(ctx context.Context, method, path, key string, in, out any) error {
	_, err := c.Send(ctx, method, path, key, in, out)
	return err
}

// Send is one request and its status; out may be nil.
func (c *Client) Send(ctx context.Context, method, path, key string, in, out any) (int, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return 0, err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return c.do(request, key, out)
}

// Upload stores a text as a paper of the scope and returns its id.
func (c *Client) Upload(ctx context.Context, scope approval.Scope, key, text string) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("scope", string(scope)); err != nil {
		return "", err
	}
	part, err := form.CreateFormFile("file", key+".txt")
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(part, text); err != nil {
		return "", err
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, "POST", c.base+"/v1/attachments", &body)
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	var stored approval.Attachment
	_, err = c.do(request, key, &stored)
	return stored.ID, err
}

func (c *Client) do(request *http.Request, key string, out any) (int, error) {
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	request.Header.Set("X-Linli-Page", "demo") // a write by session must come from a page of ours
	response, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, 8<<20))
	if err != nil {
		return response.StatusCode, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return response.StatusCode, refusal(request, response.StatusCode, raw)
	}
	if out == nil || len(raw) == 0 {
		return response.StatusCode, nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return response.StatusCode, fmt.Errorf("reading the answer of %s %s: %w", request.Method, request.URL.Path, err)
	}
	return response.StatusCode, nil
}

func refusal(request *http.Request, status int, raw []byte) error {
	var problem struct {
		Code     approval.Code `json:"code"`
		DetailZH string        `json:"detail_zh"`
		DetailEN string        `json:"detail_en"`
		Field    string        `json:"field"`
	}
	if json.Unmarshal(raw, &problem) != nil || problem.Code == "" {
		return fmt.Errorf("%s %s answered %d: %s", request.Method, request.URL.Path, status, raw)
	}
	return &approval.Error{Code: problem.Code, Field: problem.Field, Message: approval.Text{ZH: problem.DetailZH, EN: problem.DetailEN}}
}
