package bank

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// mostAnswer bounds a receipt or problem; the book may be longer.
const (
	mostAnswer = 64 << 10
	mostBook   = 64 << 20
)

// Config says where the bank is and how to sign.
type Config struct {
	BaseURL string           // https in production: TLS is what authenticates the bank's answers
	Secret  []byte           // shared with the bank, at least 16 bytes
	Timeout time.Duration    // of one call; 0 means 10 seconds
	HTTP    *http.Client     // nil means a client of its own; redirects are never followed
	Now     func() time.Time // the signing clock; nil means time.Now
}

// Client makes one signed call per method call and never retries: the caller
// repeats under the same key. It is safe for concurrent use.
type Client struct {
	base    string
	signer  Signer
	timeout time.Duration
	http    *http.Client
}

// New checks the configuration; it does not call the bank.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("reading the bank's address: %w", err)
	}
	if base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("the bank's address must be http(s)://host[/path] and nothing more")
	}
	if len(config.Secret) < ShortestSecret {
		return nil, fmt.Errorf("the bank secret is shorter than %d bytes", ShortestSecret)
	}
	if config.Timeout <= 0 {
		config.Timeout = 10 * time.Second
	}
	caller := http.Client{}
	if config.HTTP != nil {
		caller = *config.HTTP
	}
	// A redirect would carry a signed payment to a place nobody signed for.
	caller.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		base:    strings.TrimRight(config.BaseURL, "/"),
		signer:  Signer{Secret: bytes.Clone(config.Secret), Direction: Request, Now: config.Now},
		timeout: config.Timeout,
		http:    &caller,
	}, nil
}

// Pay hands the order in, or finds it again: repeating an equal order is
// idempotent and returns its present receipt. A business refusal is a receipt
// with status Refused, not an error; every error is an *Error.
func (c *Client) Pay(ctx context.Context, order Order) (Receipt, error) {
	if err := order.Validate(); err != nil {
		return Receipt{}, &Error{Kind: InvalidOrder, Doing: "paying", Key: order.Key, Err: err}
	}
	body, err := json.Marshal(order)
	if err != nil {
		return Receipt{}, &Error{Kind: InvalidOrder, Doing: "paying", Key: order.Key, Err: err}
	}
	got := c.call(ctx, call{doing: "paying", method: http.MethodPost, path: "/payments", key: order.Key, body: body})
	receipt, err := got.receipt()
	if err != nil {
		return Receipt{}, err
	}
	if err := receipt.Matches(order); err != nil {
		return Receipt{}, got.failure(BadReceipt, err)
	}
	return receipt, nil
}

// Query returns the present receipt of a key. Status Unknown means the bank has
// not seen it yet, which does not exclude that a request under way arrives
// later: repeat Pay with the same key, never with a new one.
func (c *Client) Query(ctx context.Context, key string) (Receipt, error) {
	if !ValidKey(key) {
		return Receipt{}, &Error{Kind: InvalidOrder, Doing: "querying", Key: key, Err: errors.New("not a valid key")}
	}
	got := c.call(ctx, call{doing: "querying", method: http.MethodGet, path: "/payments/" + url.PathEscape(key), key: key})
	if got.err == nil && got.status == http.StatusNotFound && got.problem().Code == CodeUnknownKey {
		return Receipt{Key: key, Status: Unknown}, nil
	}
	return got.receipt()
}

// Book returns everything the bank has received, for reconciliation.
func (c *Client) Book(ctx context.Context) (Book, error) {
	got := c.call(ctx, call{doing: "reading the bank's book", method: http.MethodGet, path: "/book"})
	if err := got.definite(); err != nil {
		return Book{}, err
	}
	var book Book
	if err := json.Unmarshal(got.body, &book); err != nil {
		return Book{}, got.failure(OutcomeUnknown, fmt.Errorf("decoding the book: %w", err))
	}
	return book, nil
}

type call struct {
	doing, method, path, key string
	body                     []byte
}

func (c *Client) call(ctx context.Context, asked call) answer {
	got := answer{asked: asked}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, asked.method, c.base+asked.path, bytes.NewReader(asked.body))
	if err != nil {
		got.err = err
		return got
	}
	if asked.method == http.MethodPost {
		request.Header.Set(KeyHeader, asked.key)
		request.Header.Set("Content-Type", "application/json")
	}
	if got.err = c.signer.Sign(request, asked.body); got.err != nil {
		return got
	}
	response, err := c.http.Do(request)
	if err != nil {
		got.err = err
		return got
	}
	defer response.Body.Close()
	got.status = response.StatusCode
	got.body, got.err = readAtMost(response.Body, asked)
	return got
}

func readAtMost(body io.Reader, asked call) ([]byte, error) {
	most := int64(mostAnswer)
	if asked.key == "" {
		most = mostBook
	}
	text, err := io.ReadAll(io.LimitReader(body, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading the bank's answer: %w", err)
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("the bank's answer is longer than %d bytes", most)
	}
	return text, nil
}
