package server

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"linli/approval"
)

// Route is one line of the route table: the whole surface with the permission
// beside each path.
type Route struct {
	Method    string
	Path      string // as in the contract: /v1/accounts/{id}/disable
	Operation string // operationId in the contract
	Allow     Permission
	Handle    echo.HandlerFunc
	Limit     int64 // largest body in bytes; 0 means 1 MiB
	Outside   bool  // a page for people, not part of the JSON contract
}

// Permission says who may call a route at all. What a person may do with the
// object behind it is decided by the domain and, again, by row security.
type Permission struct {
	public bool
	roles  []approval.Role // none: any signed-in person
}

// Public admits everybody and never looks for a login.
func Public() Permission { return Permission{public: true} }

// SignedIn admits every signed-in person.
func SignedIn() Permission { return Permission{} }

// Holding admits whoever holds one of the roles at any scope.
func Holding(roles ...approval.Role) Permission { return Permission{roles: roles} }

func (p Permission) admits(person approval.Person) bool {
	if len(p.roles) == 0 {
		return true
	}
	for _, grant := range person.Grants {
		for _, role := range p.roles {
			if grant.Role == role {
				return true
			}
		}
	}
	return false
}

// echoPath writes {id} the way the router reads it.
func (r Route) echoPath() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(r.Path)
}

func (r Route) bodyLimit() int64 {
	if r.Limit > 0 {
		return r.Limit
	}
	return usualBody
}

// Routes is the route table, as it was built once: a handler that delivers
// enters its sender while it is made, and nobody may do so while others read.
func (s *Server) Routes() []Route { return s.routes }

// table builds the route table. A new resource adds its line here and its
// interface to Records.
func (s *Server) table() []Route {
	var table []Route
	for _, routes := range [][]Route{
		s.healthRoutes(),
		s.systemRoutes(),
		s.docsRoutes(),
		s.loginRoutes(),
		s.tokenRoutes(),
		s.accountRoutes(),
		s.totpRoutes(),
		s.substitutionRoutes(),
		s.scopeRoutes(),
		s.calendarRoutes(),
		s.attachmentRoutes(),
		s.operationRoutes(),
		s.refusedRoutes(),
		s.messageRoutes(),
		s.fundRoutes(),
		s.incomeRoutes(),
		s.payeeRoutes(),
		s.committeeRoutes(),
		s.operatorRoutes(),
		s.partyRoutes(),
		s.spaceRoutes(),
		s.needRoutes(),
		s.importRoutes(),
		s.fundUseRoutes(),
		s.onboardingRoutes(),
		s.takeoverRoutes(),
		s.callRoutes(),
		s.engagementRoutes(),
		s.caseRoutes(),
		s.taskRoutes(),
		s.contractRoutes(),
		s.noticeRoutes(),
		s.posterRoutes(),
		s.objectionRoutes(),
		s.ruleRoutes(),
		s.statisticsRoutes(),
		s.bankRoutes(),
		s.pageRoutes(),
	} {
		table = append(table, routes...)
	}
	return table
}

type ctxKey string

const (
	keyServer    ctxKey = "server"
	keyRoute     ctxKey = "route"
	keyPrincipal ctxKey = "principal"
	keyBody      ctxKey = "body"
	keyRequestID ctxKey = "request_id"
	keyPatience  ctxKey = "patience"
)

func serverOf(ec echo.Context) *Server {
	s, _ := ec.Get(string(keyServer)).(*Server)
	return s
}

func routeOf(ec echo.Context) Route {
	route, _ := ec.Get(string(keyRoute)).(Route)
	return route
}

func principalOf(ec echo.Context) approval.Principal {
	principal, _ := ec.Get(string(keyPrincipal)).(approval.Principal)
	return principal
}

// scoped puts the caller into the context the way the reader of it expects.
func (s *Server) scoped(ctx context.Context, person approval.Person) context.Context {
	return s.config.Scoped(ctx, person)
}
