package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/internal/password"
)

// Identity proves who calls.
type Identity interface {
	// AttemptLogin counts an attempt and returns the person and password hash,
	// both "" for an account nobody can log in to.
	AttemptLogin(ctx context.Context, username, ip string, now time.Time) (person, hash string, err error)
	OpenSession(ctx context.Context, username, person, ip string, now time.Time) (approval.Session, error)
	// Logout ends the session; a session already ended is no error.
	Logout(ctx context.Context, token string, now time.Time) error
	// SessionOf and TokenOf find the caller behind a cookie or bearer token.
	SessionOf(ctx context.Context, token string, now time.Time) (approval.Principal, error)
	TokenOf(ctx context.Context, secret string, now time.Time) (approval.Principal, error)
	// ChangePassword ends every other session and every token of the person.
	ChangePassword(ctx context.Context, person, hash, keepToken string, now time.Time) error
}

func (s *Server) loginRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/login", Operation: "login", Allow: Public(), Handle: unkeyed(s.login)},
		{Method: "POST", Path: "/v1/logout", Operation: "logout", Allow: SignedIn(), Handle: unkeyed(s.logout)},
		{Method: "GET", Path: "/v1/me", Operation: "me", Allow: SignedIn(), Handle: read(s.me)},
		{Method: "PUT", Path: "/v1/me/password", Operation: "changePassword", Allow: SignedIn(), Handle: unkeyed(s.changePassword)},
	}
}

type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// me is the caller as the page needs him.
type me struct {
	ID            string           `json:"id"`
	Name          string           `json:"name"`
	Username      string           `json:"username"`
	Scope         approval.Scope   `json:"scope"`
	Grants        []approval.Grant `json:"grants"`
	Authenticated string           `json:"authenticated"`
	ExpiresAt     time.Time        `json:"expires_at"`
}

func meOf(principal approval.Principal) me {
	return me{
		ID: principal.Person.ID, Name: principal.Name, Username: principal.Username, Scope: principal.Scope,
		Grants: principal.Person.Grants, Authenticated: principal.Authenticated, ExpiresAt: principal.ExpiresAt,
	}
}

type nothing struct{}

func (s *Server) login(ctx context.Context, c call, in credentials) (me, error) {
	session, err := s.enter(ctx, c, in)
	if err != nil {
		return me{}, err
	}
	c.echo.SetCookie(s.cookie(session.Token, session.Principal.ExpiresAt))
	return meOf(session.Principal), nil
}

// enter opens a session on the right password.
func (s *Server) enter(ctx context.Context, c call, in credentials) (session approval.Session, err error) {
	var person string
	username, err := s.attempt(ctx, c, in.Username, func(whose, hash string) (bool, error) {
		person = whose
		return password.Matches(in.Password, hash)
	})
	if err != nil {
		return session, err
	}
	return s.records.OpenSession(ctx, username, person, c.echo.RealIP(), c.Now)
}

func (s *Server) logout(ctx context.Context, c call, _ nothing) (nothing, error) {
	cookie, err := c.echo.Cookie(s.cookieName())
	if err != nil {
		return nothing{}, nil // a program's token is revoked, not logged out
	}
	gone := s.cookie("", time.Unix(0, 0))
	gone.MaxAge = -1
	c.echo.SetCookie(gone)
	return nothing{}, s.records.Logout(ctx, cookie.Value, c.Now)
}

func (s *Server) me(_ context.Context, c call) (me, error) { return meOf(c.Principal), nil }

type newPassword struct {
	Current string `json:"current"`
	New     string `json:"new"`
}

// changePassword asks for the current one again and counts wrong answers like
// logins, so that a session left open cannot be used to guess it.
func (s *Server) changePassword(ctx context.Context, c call, in newPassword) (nothing, error) {
	if err := approval.CheckPassword(c.Principal.Username, in.New); err != nil {
		return nothing{}, approval.Refusal(err).At("new")
	}
	session, err := s.enter(ctx, c, credentials{Username: c.Principal.Username, Password: in.Current})
	if err != nil {
		return nothing{}, err
	}
	hash, err := password.Hash(in.New)
	if err != nil {
		return nothing{}, err
	}
	if err := s.records.ChangePassword(ctx, c.Person.ID, hash, session.Token, c.Now); err != nil {
		return nothing{}, err
	}
	c.echo.SetCookie(s.cookie(session.Token, session.Principal.ExpiresAt))
	return nothing{}, nil
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
		if allow.public {
			if err := s.unhurried(ec, nil); err != nil {
				return err
			}
		} else {
			principal, err := s.caller(ec)
			if err != nil {
				return s.unhurried(ec, err)
			}
			ec.Set(string(keyPrincipal), principal)
			if err := s.unhurried(ec, nil); err != nil {
				return err
			}
			if !allow.admits(principal.Person) {
				return approval.Errorf(approval.Forbidden, "您没有办理此事项的角色。", "You hold no role that may do this.")
			}
		}
		person := principalOf(ec).Person
		ec.SetRequest(ec.Request().WithContext(s.scoped(ec.Request().Context(), person)))
		return next(ec)
	}
}

// unhurried refuses a caller who asks too much at once, and otherwise returns
// err. Whoever watches over the server is never refused.
func (s *Server) unhurried(ec echo.Context, err error) error {
	limit, who := s.byPerson, principalOf(ec).Person.ID
	if who == "" {
		limit, who = s.byNetwork, network(ec.RealIP())
	}
	if operation := routeOf(ec).Operation; operation == "alive" || operation == "ready" || limit.admits(who, s.config.Now()) {
		return err
	}
	ec.Response().Header().Set("Retry-After", "1")
	return approval.Errorf(approval.RateLimited, "请求过于频繁，请稍后再试。", "Too many requests at once; please try again shortly.")
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
