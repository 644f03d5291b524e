package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
)

const idempotencyHeader = "Idempotency-Key"

// call is one request as a handler sees it.
type call struct {
	Person    approval.Person
	Principal approval.Principal
	Now       time.Time
	Page      approval.Page // Limit 1..100; Cursor as the caller sent it
	English   bool
	RequestID string
	Key       string // the Idempotency-Key of a write
	Operation string // the id a keyed write will be stored under
	echo      echo.Context
}

// Param is a segment of the path by its name in the route.
func (c call) Param(name string) string { return c.echo.Param(name) }

// Query is the first value of a query parameter; "" when absent.
func (c call) Query(name string) string { return c.echo.QueryParam(name) }

// list is an answer page; Next is "" on the last.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// listOf renders no items as [], never as null.
func listOf[T any](items []T, next string) list[T] {
	if items == nil {
		items = []T{}
	}
	return list[T]{Items: items, Next: next}
}

func newCall(ec echo.Context) (call, error) {
	s, principal := serverOf(ec), principalOf(ec)
	page, err := pageOf(ec)
	return call{
		Person: principal.Person, Principal: principal, Now: s.config.Now(), Page: page, English: english(ec),
		RequestID: requestID(ec), Key: ec.Request().Header.Get(idempotencyHeader), echo: ec,
	}, err
}

func pageOf(ec echo.Context) (approval.Page, error) {
	page := approval.Page{Limit: defaultLimit, Cursor: ec.QueryParam("cursor")}
	if text := ec.QueryParam("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 || limit > maxLimit {
			return page, approval.Errorf(approval.Invalid, "limit 须为 1 至 %d 的整数。", "limit is a whole number from 1 to %d.", maxLimit).At("limit")
		}
		page.Limit = limit
	}
	return page, nil
}

// read answers with what run returns; run must not change anything.
func read[Out any](run func(ctx context.Context, c call) (Out, error)) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c, err := newCall(ec)
		if err != nil {
			return err
		}
		out, err := run(ec.Request().Context(), c)
		if err != nil {
			return err
		}
		return ec.JSON(http.StatusOK, out)
	}
}

// unkeyed is a write whose answer must not be stored (a secret) or that is
// harmless to repeat (logging out).
func unkeyed[In, Out any](run func(ctx context.Context, c call, in In) (Out, error)) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c, err := newCall(ec)
		if err != nil {
			return err
		}
		in, err := decode[In](ec)
		if err != nil {
			return err
		}
		out, err := run(ec.Request().Context(), c, in)
		if err != nil {
			return err
		}
		return ec.JSON(http.StatusOK, out)
	}
}

// Operations stores keyed writes; see approval.Operation.
type Operations interface {
	Once(ctx context.Context, op approval.Operation, now time.Time,
		run func(ctx context.Context) (status int, answer json.RawMessage, err error)) (kept approval.Operation, replayed bool, err error)
	Keep(ctx context.Context, op approval.Operation, now time.Time) (approval.Operation, error)
	Claim(ctx context.Context, op approval.Operation, now time.Time) (kept approval.Operation, claimed bool, err error)
	Reclaim(ctx context.Context, id string, now time.Time) (bool, error)
	Complete(ctx context.Context, op approval.Operation, now time.Time) error
	PendingOperations(ctx context.Context, olderThan time.Time, kind string, limit int) ([]approval.Operation, error)
	OperationUnder(ctx context.Context, op approval.Operation) (earlier approval.Operation, found bool, err error)
	Operation(ctx context.Context, actor, id string) (approval.Operation, error)
	NewOperationID() string
}

// write is a write whose whole effect lies in the database: key, effect and
// answer commit together, and a repetition hears the stored answer. run must
// not call Temporal or any other system (see deliver), and passes its ctx to
// every store call.
func write[In, Out any](run func(ctx context.Context, c call, in In) (Out, error)) echo.HandlerFunc {
	return func(ec echo.Context) error {
		s := serverOf(ec)
		c, in, op, err := keyed[In](ec)
		if err != nil {
			return err
		}
		kept, replayed, err := s.records.Once(ec.Request().Context(), op, c.Now,
			func(ctx context.Context) (int, json.RawMessage, error) {
				out, err := run(ctx, c, in)
				if err != nil {
					return 0, nil, err
				}
				answer, err := json.Marshal(out)
				return http.StatusOK, answer, err
			})
		if err != nil {
			return s.refuse(ec, op, c.Now, err)
		}
		return replay(ec, kept, replayed)
	}
}

// keyed decodes a write and names the operation it is.
func keyed[In any](ec echo.Context) (c call, in In, op approval.Operation, err error) {
	s := serverOf(ec)
	if c, err = newCall(ec); err != nil {
		return c, in, op, err
	}
	if err = checkKey(c.Key); err != nil {
		return c, in, op, err
	}
	if in, err = decode[In](ec); err != nil {
		return c, in, op, err
	}
	c.Operation = s.records.NewOperationID()
	op = approval.Operation{
		ID: c.Operation, Actor: actorOf(c), Key: c.Key, Name: routeOf(ec).Operation, BodyHash: fingerprint(ec, in),
	}
	return c, in, op, nil
}

// actorOf owns the keys of a request; the public shares one space of keys, so
// a public caller's key must be random.
func actorOf(c call) string {
	if c.Person.ID == "" {
		return "public"
	}
	return c.Person.ID
}

func checkKey(key string) error {
	if key == "" {
		return approval.Errorf(approval.KeyMissing, "请求须带 Idempotency-Key 头，以防重复办理。",
			"The request needs an Idempotency-Key header, so that it cannot take effect twice.").At(idempotencyHeader)
	}
	printable := strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
	if len(key) < 8 || len(key) > 128 || !printable {
		return approval.Errorf(approval.Invalid, "Idempotency-Key 须为8至128个可见的ASCII字符。",
			"An Idempotency-Key has 8 to 128 visible ASCII characters.").At(idempotencyHeader)
	}
	return nil
}

// Fingerprinted inputs name what binds their key, because the rest (a
// password) must leave no hash behind.
type Fingerprinted interface{ Fingerprint() any }

func fingerprint(ec echo.Context, in any) string {
	body := in
	if fingerprinted, ok := in.(Fingerprinted); ok {
		body = fingerprinted.Fingerprint()
	}
	return approval.ContentHash(struct {
		Path string `json:"path"`
		Body any    `json:"body"`
	}{ec.Request().URL.Path, body})
}

// refuse stores the refusal a keyed write ended in and answers with it, or
// with what a rival under the same key was answered meanwhile.
func (s *Server) refuse(ec echo.Context, op approval.Operation, now time.Time, err error) error {
	refused := approval.Refusal(err)
	if refused == nil || !final(refused) {
		return err
	}
	op.Status = approval.OperationRefused
	op.HTTPStatus, op.Answer = render(refused, english(ec), requestID(ec))
	kept, keepErr := s.records.Keep(ec.Request().Context(), op, now)
	if keepErr != nil {
		return fmt.Errorf("keeping a refusal: %w", keepErr)
	}
	if kept.ID != op.ID {
		return replay(ec, kept, true)
	}
	return err
}

// final refusals answer the request; the others only put it off.
func final(refused *approval.Error) bool {
	switch refused.Code {
	case approval.Unavailable, approval.RateLimited, approval.KeyReused, approval.KeyMissing:
		return false
	}
	return refused.Field != idempotencyHeader
}

// replay answers with a stored operation.
func replay(ec echo.Context, op approval.Operation, replayed bool) error {
	if replayed {
		ec.Response().Header().Set("Idempotency-Replayed", "true")
	}
	if op.Status == approval.OperationRefused {
		return writeProblem(ec, op.HTTPStatus, op.Answer)
	}
	return ec.JSONBlob(op.HTTPStatus, op.Answer)
}

// decode reads the body strictly: one JSON value, known fields, right types.
// No body reads as {}.
func decode[In any](ec echo.Context) (in In, err error) {
	raw, _ := ec.Get(string(keyBody)).([]byte)
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = []byte("{}")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return in, malformed(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return in, approval.Errorf(approval.Invalid, "JSON 之后还有多余的内容。", "Something follows the JSON value.")
	}
	return in, nil
}

func malformed(err error) error {
	var wrongType *json.UnmarshalTypeError
	if refused := approval.Refusal(err); refused != nil {
		return refused
	}
	if errors.As(err, &wrongType) {
		field := strings.ReplaceAll(wrongType.Field, ".", "/")
		return approval.Errorf(approval.Invalid, "字段“%s”的类型不正确。", "The field %q has the wrong type.", field).At(field)
	}
	if field, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		field = strings.Trim(field, `"`)
		return approval.Errorf(approval.Invalid, "没有字段“%s”。", "There is no field %q.", field).At(field)
	}
	return approval.Errorf(approval.Invalid, "请求内容不是有效的 JSON。", "The body is not valid JSON.")
}
