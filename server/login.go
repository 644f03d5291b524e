package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
)

// Identity proves who calls.
type Identity interface {
	// Login opens a browser session, or refuses without telling whether the
	// username exists.
	Login(ctx context.Context, username, password, ip string, now time.Time) (approval.Session, error)
	// Logout ends the session; a session already ended is no error.
	Logout(ctx context.Context, token string, now time.Time) error
	// SessionOf and TokenOf find the caller behind a cookie or bearer token.
	SessionOf(ctx context.Context, token string, now time.Time) (approval.Principal, error)
	TokenOf(ctx context.Context, secret string, now time.Time) (approval.Principal, error)
}

// pageHeader must come with every write a cookie authenticates: another site
// cannot add it without a preflight this server never answers.
const pageHeader = "X-Linli-Page"

// cookieName carries the __Host- prefix wherever the browser allows it.
func (s *Server) cookieName() string {
	if s.origin.Scheme == "https" {
		return "__Host-linli"
	}
	return "linli"
}

func (s *Server) cookie(token string, until time.Time) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(), Value: token, Path: "/", Expires: until, HttpOnly: true,
		Secure: s.origin.Scheme == "https", SameSite: http.SameSiteLaxMode,
	}
}

// permitted finds the caller, refuses who may not call the route, and makes
// the request's context his.
func (s *Server) permitted(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		if err := s.sameSite(ec.Request()); err != nil {
			return err
		}
		allow := routeOf(ec).Allow
		if !allow.public {
			principal, err := s.caller(ec)
			if err != nil {
				return err
			}
			ec.Set(string(keyPrincipal), principal)
			if !allow.admits(principal.Person) {
				return approval.Errorf(approval.Forbidden, "您没有办理此事项的角色。", "You hold no role that may do this.")
			}
		}
		person := principalOf(ec).Person
		ec.SetRequest(ec.Request().WithContext(s.scoped(ec.Request().Context(), person)))
		return next(ec)
	}
}

func (s *Server) caller(ec echo.Context) (approval.Principal, error) {
	ctx, now := ec.Request().Context(), s.config.Now()
	if header := ec.Request().Header.Get("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return approval.Principal{}, unauthenticated()
		}
		return s.records.TokenOf(ctx, strings.TrimSpace(secret), now)
	}
	cookie, err := ec.Cookie(s.cookieName())
	if err != nil {
		return approval.Principal{}, unauthenticated()
	}
	if unsafe(ec.Request().Method) && ec.Request().Header.Get(pageHeader) == "" {
		return approval.Principal{}, approval.Errorf(approval.Forbidden, "请从本系统页面办理。", "Write from this system's own page.").At(pageHeader)
	}
	return s.records.SessionOf(ctx, cookie.Value, now)
}

func unauthenticated() *approval.Error {
	return approval.Errorf(approval.Unauthenticated, "请先登录。", "Sign in first.")
}

// sameSite refuses a browser's write that another site caused. Programs send
// neither header and carry a bearer token instead of a cookie.
func (s *Server) sameSite(request *http.Request) error {
	if !unsafe(request.Method) {
		return nil
	}
	site, origin := request.Header.Get("Sec-Fetch-Site"), request.Header.Get("Origin")
	foreign := site != "" && site != "same-origin" && site != "none"
	if site == "" && origin != "" {
		from, err := url.Parse(origin)
		foreign = err != nil || (from.Host != request.Host && from.Host != s.origin.Host)
	}
	if foreign {
		return approval.Errorf(approval.Forbidden, "请求来自其他网站，已拒绝。", "The request came from another site.").At("Origin")
	}
	return nil
}

func unsafe(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}
