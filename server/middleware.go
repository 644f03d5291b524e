package server

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
)

// outermost names the request, bounds its time and tells adapters their server.
func (s *Server) outermost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		var id [12]byte
		_, _ = rand.Read(id[:]) // never fails, see crypto/rand
		name := "r_" + hex.EncodeToString(id[:])
		ec.Set(string(keyServer), s)
		ec.Set(string(keyRequestID), name)
		ec.Response().Header().Set("X-Request-Id", name)
		ctx, patience := newPatience(ec.Request().Context())
		defer patience.end()
		defer patience.timer.Stop()
		ec.Set(string(keyPatience), patience)
		ec.SetRequest(ec.Request().WithContext(ctx))
		return next(ec)
	}
}

func requestID(ec echo.Context) string {
	id, _ := ec.Get(string(keyRequestID)).(string)
	return id
}

// recovered turns a panic into a fault that is logged with its stack.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) (err error) {
		defer func() {
			if cause := recover(); cause != nil {
				if cause == http.ErrAbortHandler {
					panic(cause)
				}
				s.log.Error("panic", "cause", cause, "request_id", requestID(ec), "stack", string(debug.Stack()))
				err = fmt.Errorf("panic: %v", cause)
			}
		}()
		return next(ec)
	}
}

// secured sets what every answer carries; a page that needs more (scripts, a
// font) sets its own policy.
func (s *Server) secured(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		header := ec.Response().Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		if s.origin.Scheme == "https" {
			header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(ec)
	}
}

// logged writes one line per request: no path as it was asked for, no query,
// no body, no cookie, because those carry receipt codes and what people typed.
func (s *Server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		began := time.Now()
		if err := next(ec); err != nil {
			ec.Error(err)
		}
		ctx, route, took := ec.Request().Context(), routeOf(ec), time.Since(began)
		s.config.Observer.Answered(ctx, ec.Request().Method, route.Path, ec.Response().Status, took)
		s.log.InfoContext(ctx, "request",
			"method", ec.Request().Method, "operation", route.Operation, "route", route.Path, "case", known(ec, "case"), "task", known(ec, "task"),
			"status", ec.Response().Status, "person", principalOf(ec).Person.ID, "ip", ec.RealIP(),
			"ms", took.Milliseconds(), "request_id", requestID(ec))
		return nil
	}
}

// known is an id in the path that was found to name something: what was not is
// whatever somebody typed.
func known(ec echo.Context, name string) string {
	if status := ec.Response().Status; status >= http.StatusBadRequest && status != http.StatusConflict {
		return ""
	}
	return ec.Param(name)
}

// limited reads the body up to the route's limit, once, for the contract, the
// key and the handler. Uploads and the forms of pages are read by their
// handler instead.
func limited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		request, limit := ec.Request(), routeOf(ec).bodyLimit()
		if request.ContentLength > limit {
			return tooLargeRefusal(limit)
		}
		if request.Body != http.NoBody {
			request.Body = &paced{ReadCloser: request.Body, control: http.NewResponseController(ec.Response())}
		}
		request.Body = http.MaxBytesReader(ec.Response(), request.Body, limit)
		if routeOf(ec).Outside || strings.HasPrefix(request.Header.Get("Content-Type"), "multipart/form-data") {
			return next(ec)
		}
		var raw []byte
		err := receiving(ec, func() (err error) {
			raw, err = io.ReadAll(request.Body)
			return err
		})
		if err != nil {
			return unreadable(err)
		}
		if len(raw) > 0 && !isJSON(request.Header.Get("Content-Type")) {
			return approval.Errorf(approval.UnsupportedMedia, "请求内容须为 application/json。", "The body must be application/json.").At("Content-Type")
		}
		if tooDeep(raw) {
			return approval.Errorf(approval.Invalid, "请求内容嵌套超过 %d 层。", "The body nests deeper than %d levels.", bodyDepth)
		}
		ec.Set(string(keyBody), raw)
		return next(ec)
	}
}

func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLargeRefusal(tooLarge.Limit)
	}
	if refused := approval.Refusal(err); refused != nil {
		return refused
	}
	return approval.Errorf(approval.Invalid, "未能读完请求内容。", "The body broke off.")
}

func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/json")
}

// unchecked serves pages, which have no contract.
func (s *Server) unchecked(next echo.HandlerFunc) echo.HandlerFunc { return next }
