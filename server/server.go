// Package server is the HTTP surface: one route table with the permission
// beside each path (route.go), one file per resource, one place where errors
// become answers (problem.go), one contract every request is checked against
// (openapi.yaml).
//
// It decides who may call a route and whether a request is well formed. It
// does not decide what is allowed: handlers hand a typed request to the
// domain, the workflow client or the reader interfaces declared beside them,
// and never touch SQL. It refuses unknown fields, writes without an
// idempotency key, cookie writes from other sites, and bodies above the
// route's limit, and keeps every refusal on record.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"gocloud.dev/blob"
	"golang.org/x/time/rate"

	"linli/approval"
	"linli/poster"
	"linli/web"
)

// Records is everything the server reads and writes in the database: the
// union of the small interfaces each resource declares.
type Records interface {
	Refusals
	Operations
	Identity
	Health
	Accounts
	OneTimeCodes
	Tokens
	Substitutions
	Scopes
	Calendars
	Attachments
	RefusedAttempts
	Funds
	Incomes
	Payees
	Committees
	Operators
	RelatedParties
	Spaces
	Needs
	Imports
	Proposals
	Applications
	Calls
	Cases
	Tasks
	Contracts
	Notices
	Objections
	Messages
	Archive
	Statistics
	Engagements
}

// Config is what the server needs from outside.
type Config struct {
	PublicURL      string                                                 // as people type it; plain http only on a loopback host
	TrustedProxies []netip.Prefix                                         // whose X-Forwarded-For is believed
	Records        Records                                                // the database
	Scoped         func(context.Context, approval.Person) context.Context // how Records learns who asks
	Engine         Engine                                                 // running cases
	Signer         Signer                                                 // of acts
	Rules          RuleBook                                               // rule sets
	Gateway        string                                                 // how new cases pay: funduse.Manual or funduse.HTTP
	BankSecret     []byte                                                 // shared with the bank; none refuses its callbacks
	Bucket         *blob.Bucket                                           // attachments
	Font           poster.Font                                            // of posters; the zero Font prints none
	Now            func() time.Time
	DayLength      time.Duration // of a day of deadlines, for training; 0 follows the calendar
	Log            *slog.Logger
	Observer       Observer                               // nil: nobody counts
	Ready          map[string]func(context.Context) error // further parts /readyz asks, by name
}

// Observer hears what happened, for metrics and traces. It decides nothing.
type Observer interface {
	Answered(ctx context.Context, method, route string, status int, took time.Duration)
	Refused(code approval.Code)
	Acted(action approval.Action, err error)
}

type unobserved struct{}

func (unobserved) Answered(context.Context, string, string, int, time.Duration) {}
func (unobserved) Refused(approval.Code)                                        {}
func (unobserved) Acted(approval.Action, error)                                 {}

// Server answers HTTP; safe for concurrent use.
type Server struct {
	config    Config
	log       *slog.Logger
	records   Records
	origin    *url.URL
	echo      *echo.Echo
	contract  *contract
	routes    []Route
	senders   map[string]sender // written while the routes are built, only read from then on
	anonymous *rate.Limiter     // refused attempts of nobody in particular
	pages     *web.Pages
	comparing chan struct{} // a place per password being hashed
	uploading *berths       // held in memory
	checking  chan struct{} // a place per rule text being compiled and tested
	unpacking chan struct{} // a place per workbook being read
	press     *press

	byPerson, byNetwork    *limiter // requests
	bySubscriber, byNotice *limiter // public objections
	filings                sync.Map // ids of objections being filed at this moment
}

// New builds the routes and refuses a configuration or a contract that does
// not fit them.
func New(config Config) (*Server, error) {
	origin, err := publicOrigin(config.PublicURL)
	if err != nil {
		return nil, err
	}
	if config.Observer == nil {
		config.Observer = unobserved{}
	}
	s := &Server{
		config: config, log: config.Log, records: config.Records, origin: origin, echo: echo.New(),
		senders: map[string]sender{}, anonymous: rate.NewLimiter(rate.Every(perRefusal), refusalBurst),
		comparing: make(chan struct{}, comparisons), uploading: newBerths(uploads, uploadsPerPerson),
		checking:  make(chan struct{}, ruleChecks),
		unpacking: make(chan struct{}, workbooks),
		press:     newPress(),
	}
	s.byPerson, s.byNetwork = newLimiter(perPerson, personBurst), newLimiter(perNetwork, networkBurst)
	s.bySubscriber, s.byNotice = newLimiter(perSubscriber, subscriberBurst), newLimiter(perNotice, noticeBurst)
	if s.pages, err = web.New(); err != nil {
		return nil, err
	}
	if s.contract, err = loadContract(); err != nil {
		return nil, err
	}
	s.echo.HTTPErrorHandler = s.fail
	s.echo.IPExtractor = ipExtractor(config.TrustedProxies)
	s.echo.Use(s.outermost, s.recovered, s.secured, s.logged)
	s.routes = s.table()
	for _, route := range s.routes {
		if err := s.add(route); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Handler is the whole surface.
func (s *Server) Handler() http.Handler { return s.echo }

func (s *Server) add(route Route) error {
	var check echo.MiddlewareFunc = s.unchecked
	if !route.Outside {
		operation, err := s.contract.operation(route)
		if err != nil {
			return err
		}
		check = operation.checked
	}
	named := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ec echo.Context) error {
			ec.Set(string(keyRoute), route)
			return next(ec)
		}
	}
	s.echo.Add(route.Method, route.echoPath(), route.Handle, named, s.permitted, limited, check)
	return nil
}

// publicOrigin insists on https where a cookie would travel a network.
func publicOrigin(address string) (*url.URL, error) {
	origin, err := url.Parse(address)
	if err != nil || origin.Host == "" || (origin.Scheme != "https" && origin.Scheme != "http") {
		return nil, fmt.Errorf("public address %q: want https://host", address)
	}
	if origin.Scheme == "http" && !loopback(origin.Hostname()) {
		return nil, fmt.Errorf("public address %q: plain http is only served on this machine; put TLS in front and use https", address)
	}
	return origin, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func ipExtractor(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range proxies {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP: prefix.Masked().Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}
