package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"linli/approval"
)

// methodNotAllowed is a code that exists only at this edge, as tooSlow is.
const methodNotAllowed approval.Code = "method_not_allowed"

// statuses decides the HTTP status of every refusal. A code that is missing
// here is a programming error and answers 500.
var statuses = map[approval.Code]int{
	approval.Invalid:          http.StatusUnprocessableEntity,
	approval.Unauthenticated:  http.StatusUnauthorized,
	approval.LockedOut:        http.StatusLocked,
	approval.Forbidden:        http.StatusForbidden,
	approval.NotFound:         http.StatusNotFound,
	approval.Conflict:         http.StatusConflict,
	approval.TaskClosed:       http.StatusConflict,
	approval.NotEligible:      http.StatusForbidden,
	approval.ActionNotAllowed: http.StatusUnprocessableEntity,
	approval.CommentRequired:  http.StatusUnprocessableEntity,
	approval.Unconfirmed:      http.StatusUnprocessableEntity,
	approval.StaleContent:     http.StatusConflict,
	approval.AlreadyActed:     http.StatusConflict,
	approval.Interested:       http.StatusForbidden,
	approval.SamePerson:       http.StatusForbidden,
	approval.TooFewEligible:   http.StatusConflict,
	approval.InsufficientFund: http.StatusConflict,
	approval.SpaceTaken:       http.StatusConflict,
	approval.CalendarMissing:  http.StatusConflict,
	approval.RuleInvalid:      http.StatusUnprocessableEntity,
	approval.RuleBlocked:      http.StatusUnprocessableEntity,
	approval.KeyMissing:       http.StatusBadRequest,
	approval.KeyReused:        http.StatusUnprocessableEntity,
	approval.BadEnvelope:      http.StatusForbidden,
	approval.Reauthenticate:   http.StatusForbidden,
	approval.RateLimited:      http.StatusTooManyRequests,
	approval.TooLarge:         http.StatusRequestEntityTooLarge,
	approval.UnsupportedMedia: http.StatusUnsupportedMediaType,
	approval.Unavailable:      http.StatusServiceUnavailable,
	methodNotAllowed:          http.StatusMethodNotAllowed,
	tooSlow:                   http.StatusRequestTimeout,
}

// problem is an RFC 9457 answer with both languages in it.
type problem struct {
	Type      string        `json:"type"`
	Title     string        `json:"title"`
	Status    int           `json:"status"`
	Code      approval.Code `json:"code"`
	Detail    string        `json:"detail"`
	DetailZH  string        `json:"detail_zh"`
	DetailEN  string        `json:"detail_en"`
	Field     string        `json:"field,omitempty"`
	RequestID string        `json:"request_id"`
}

// Refusals keeps refused attempts for the auditors.
type Refusals interface {
	KeepRefusal(ctx context.Context, attempt approval.RefusedAttempt) error
}

// fail is the one place an error becomes an answer; it never shows internals.
func (s *Server) fail(err error, ec echo.Context) {
	if ec.Response().Committed {
		s.log.WarnContext(ec.Request().Context(), "answer broke off", "error", err, "request_id", requestID(ec))
		return
	}
	refused, known := understood(err)
	if !known {
		s.log.ErrorContext(ec.Request().Context(), "fault", "error", err, "operation", routeOf(ec).Operation, "request_id", requestID(ec))
	} else if refused.Code == approval.Unavailable {
		s.log.WarnContext(ec.Request().Context(), "unavailable", "error", err, "operation", routeOf(ec).Operation, "request_id", requestID(ec))
	}
	if known {
		s.config.Observer.Refused(refused.Code)
	}
	if known && refused.Code != approval.Unavailable {
		s.keepAttempt(ec, refused)
	}
	status, body := render(refused, english(ec), requestID(ec))
	if wantsPage(ec) {
		if err := s.failPage(ec, status, refused); err != nil {
			s.log.WarnContext(ec.Request().Context(), "answering", "error", err, "request_id", requestID(ec))
		}
		return
	}
	if err := writeProblem(ec, status, body); err != nil {
		s.log.WarnContext(ec.Request().Context(), "answering", "error", err, "request_id", requestID(ec))
	}
}

// understood finds the refusal in an error; known is false for a fault, which
// is then told as one without its cause.
func understood(err error) (refused *approval.Error, known bool) {
	if refused := approval.Refusal(err); refused != nil && statuses[refused.Code] != 0 {
		return refused, true
	}
	var framework *echo.HTTPError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return tooLargeRefusal(tooLarge.Limit), true
	case errors.As(err, &framework) && framework.Code == http.StatusNotFound:
		return approval.Errorf(approval.NotFound, "没有这个地址。", "There is nothing at this address."), true
	case errors.As(err, &framework) && framework.Code == http.StatusMethodNotAllowed:
		return approval.Errorf(methodNotAllowed, "此地址不支持该方法。", "This address does not take that method."), true
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return approval.Errorf(approval.Unavailable, "处理超时，请稍后重试。", "This took too long; retry shortly."), true
	}
	return approval.Errorf("internal", "系统内部错误，请联系管理员并提供请求编号。",
		"Something went wrong inside; tell an administrator the request id."), false
}

func tooLargeRefusal(limit int64) *approval.Error {
	return approval.Errorf(approval.TooLarge, "请求内容超过 %d KiB。", "The request exceeds %d KiB.", limit>>10)
}

func render(refused *approval.Error, english bool, requestID string) (int, json.RawMessage) {
	status := statuses[refused.Code]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	detail := refused.Message.ZH
	if english {
		detail = refused.Message.EN
	}
	body, err := json.Marshal(problem{
		Type: "/docs#" + string(refused.Code), Title: http.StatusText(status), Status: status, Code: refused.Code,
		Detail: detail, DetailZH: refused.Message.ZH, DetailEN: refused.Message.EN, Field: refused.Field,
		RequestID: requestID,
	})
	if err != nil {
		panic(fmt.Sprintf("server: rendering a problem: %v", err)) // strings and an int
	}
	return status, body
}

func writeProblem(ec echo.Context, status int, body json.RawMessage) error {
	header := ec.Response().Header()
	switch status {
	case http.StatusRequestTimeout:
		header.Set("Connection", "close")
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="linli"`)
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", "2")
	case http.StatusTooManyRequests, http.StatusLocked:
		if header.Get("Retry-After") == "" {
			header.Set("Retry-After", "60")
		}
	case http.StatusConflict:
		if strings.Contains(string(body), `"field":"Idempotency-Key"`) {
			header.Set("Retry-After", "1")
		}
	}
	if ec.Request().Method == http.MethodHead {
		return ec.NoContent(status)
	}
	return ec.Blob(status, "application/problem+json", body)
}

// keepAttempt records who tried what and which rule refused it. Attempts of
// people not signed in, and of people who send too much, are kept up to a rate,
// so that they cannot fill the table.
func (s *Server) keepAttempt(ec echo.Context, refused *approval.Error) {
	principal := principalOf(ec)
	flood := principal.Person.ID == "" || refused.Code == approval.RateLimited
	if flood && !s.anonymous.AllowN(s.config.Now(), 1) {
		return
	}
	attempt := approval.RefusedAttempt{
		At: s.config.Now(), Actor: principal.Person.ID, BehalfOf: behalfOf(ec), Operation: routeOf(ec).Operation,
		Code: refused.Code, Field: refused.Field, Detail: refused.Message,
		CaseID: ec.Param("case"), TaskID: ec.Param("task"), Key: clip(ec.Request().Header.Get(idempotencyHeader), 128),
		Scope: principal.Scope, RequestID: requestID(ec), IP: ec.RealIP(),
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ec.Request().Context()), recordTimeout)
	defer cancel()
	if err := s.records.KeepRefusal(ctx, attempt); err != nil {
		s.log.ErrorContext(ctx, "keeping a refused attempt", "error", err, "operation", attempt.Operation,
			"code", attempt.Code, "actor", attempt.Actor, "request_id", attempt.RequestID)
	}
}

// behalfOf reads for whom a refused act was meant, if its body says so.
func behalfOf(ec echo.Context) string {
	var body struct {
		OnBehalfOf string `json:"on_behalf_of"`
	}
	raw, _ := ec.Get(string(keyBody)).([]byte)
	if json.Unmarshal(raw, &body) != nil {
		return ""
	}
	return clip(body.OnBehalfOf, 80)
}

func clip(text string, most int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// english reports whether the caller asked for English; Chinese is the default.
func english(ec echo.Context) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(ec.Request().Header.Get("Accept-Language"))), "en")
}
