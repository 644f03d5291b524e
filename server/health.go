package server

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Health tells whether the database answers.
type Health interface {
	Ping(ctx context.Context) error
}

const readyTimeout = 3 * time.Second // of each part; a worker waits five for the answer

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
	parts := map[string]func(context.Context) error{"database": s.records.Ping}
	maps.Copy(parts, s.config.Ready)
	missing := Missing(ec.Request().Context(), parts, s.log)
	if len(missing) > 0 {
		return ec.JSON(http.StatusServiceUnavailable, readiness{Status: "missing", Missing: missing})
	}
	return ec.JSON(http.StatusOK, readiness{Status: "ok", Missing: missing})
}

// Missing asks all parts side by side and names those that do not answer in
// time, sorted: one that hangs uses up nobody's time but its own.
func Missing(ctx context.Context, parts map[string]func(context.Context) error, log *slog.Logger) []string {
	names := slices.Sorted(maps.Keys(parts))
	faults := make([]error, len(names))
	var asked sync.WaitGroup
	for i, name := range names {
		asked.Go(func() { faults[i] = inTime(ctx, parts[name]) })
	}
	asked.Wait()
	missing := []string{}
	for i, name := range names {
		if faults[i] != nil {
			log.WarnContext(ctx, "not ready", "part", name, "error", faults[i])
			missing = append(missing, name)
		}
	}
	return missing
}

// inTime gives up on a part that does not even mind its deadline, such as a
// folder on a network disk that is gone.
func inTime(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	told := make(chan error, 1)
	go func() { told <- ask(ctx) }()
	select {
	case err := <-told:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
