package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
)

// Health tells whether the database answers.
type Health interface {
	Ping(ctx context.Context) error
}

const readyTimeout = 3 * time.Second

func (s *Server) healthRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/healthz", Operation: "alive", Allow: Public(), Handle: s.alive},
		{Method: "GET", Path: "/readyz", Operation: "ready", Allow: Public(), Handle: s.ready},
	}
}

type readiness struct {
	Status  string   `json:"status"`
	Missing []string `json:"missing"` // the parts that do not answer
}

// alive says that the process runs; nothing else may make it fail, or an
// orchestrator would restart servers because the database is down.
func (s *Server) alive(ec echo.Context) error {
	return ec.JSON(http.StatusOK, readiness{Status: "ok", Missing: []string{}})
}

func (s *Server) ready(ec echo.Context) error {
	ctx, cancel := context.WithTimeout(ec.Request().Context(), readyTimeout)
	defer cancel()
	missing := []string{}
	if err := s.records.Ping(ctx); err != nil {
		s.log.WarnContext(ctx, "not ready", "part", "database", "error", err)
		missing = append(missing, "database")
	}
	for part, ask := range s.config.Ready {
		if err := ask(ctx); err != nil {
			s.log.WarnContext(ctx, "not ready", "part", part, "error", err)
			missing = append(missing, part)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		return ec.JSON(http.StatusServiceUnavailable, readiness{Status: "missing", Missing: missing})
	}
	return ec.JSON(http.StatusOK, readiness{Status: "ok", Missing: missing})
}
