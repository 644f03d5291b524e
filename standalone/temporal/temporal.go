// Package temporal runs a whole Temporal server inside this process, kept in
// the private PostgreSQL cluster, so that one program is the whole system.
//
// It decides the things that cannot be changed later (history shards), keeps
// Temporal in its own two databases under its own role, upgrades their schema
// on every start, and listens on the loopback interface only.
//
// It refuses every call that would erase or rewrite a case: reset, terminate,
// delete, batch operations, shorter retention. A case ends by its own
// procedure or not at all; Config.BreakGlass is the documented exception.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/server/common/log"
	server "go.temporal.io/server/temporal"

	"linli/internal/pg"
)

// Config says where the server keeps its data and what it serves.
type Config struct {
	Cluster   *pg.Cluster // must outlive the server
	Namespace string      // registered when absent; empty means "linli"
	Port      int         // of the frontend, if it is free; 0 chooses one
	LogFile   string      // warnings and errors, as JSON lines; "" means standard error

	// BreakGlass names who opened the server for reset, terminate and delete,
	// and why. While it is set these calls are let through and logged. Empty
	// is the normal state.
	BreakGlass string

	// Log receives short progress sentences (Chinese, then English). May be nil.
	Log func(string)
}

// DefaultNamespace is where the cases live.
const DefaultNamespace = "linli"

// Server is a running Temporal server.
type Server struct {
	inner   server.Server
	ports   ports
	logFile string

	stopOnce sync.Once
	stopErr  error
}

// Start returns once the namespace can be worked in. On a new cluster that
// includes creating the databases; later starts upgrade them where needed.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = func(string) {}
	}
	if cfg.Namespace == "" {
		cfg.Namespace = DefaultNamespace
	}
	logger, err := newLogger(cfg.LogFile)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	password, err := prepareDatabases(ctx, cfg.Cluster, logger)
	if err != nil {
		return nil, fmt.Errorf("preparing Temporal's databases: %w", err)
	}
	cfg.Log(fmt.Sprintf("Temporal 的数据库已就绪（%[1]s） / Temporal's databases are ready (%[1]s)", elapsed(begun)))
	s := &Server{logFile: cfg.LogFile}
	if s.ports, err = choosePorts(cfg.Port); err != nil {
		return nil, err
	}
	if err := s.run(cfg, password, logger); err != nil {
		return nil, err
	}
	if err := s.EnsureNamespace(ctx, cfg.Namespace); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	cfg.Log(fmt.Sprintf("Temporal 已启动，地址 %[1]s（%[2]s） / Temporal is up at %[1]s (%[2]s)", s.FrontendAddress(), elapsed(begun)))
	return s, nil
}

// FrontendAddress is the host:port clients and workers dial.
func (s *Server) FrontendAddress() string { return address(s.ports.frontend) }

// Stop ends all services and waits for them. Stop workers and clients first:
// their open polls delay it. Further calls return the first result.
func (s *Server) Stop() error {
	s.stopOnce.Do(func() { s.stopErr = s.inner.Stop() })
	return s.stopErr
}

// run builds and starts the services. The library answers some faults, such as
// a port taken in the meantime, by logging fatally; the logger turns those
// into panics, and those on this goroutine become errors here.
func (s *Server) run(cfg Config, password string, logger log.Logger) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("启动 Temporal 失败，详见日志 %[1]s / Temporal did not start, see its log %[1]s: %[2]v", s.logFile, cause)
		}
	}()
	s.inner, err = server.NewServer(
		server.ForServices(server.DefaultServices),
		server.WithConfig(serverConfig(cfg.Cluster.Port(), password, s.ports)),
		server.WithStaticHosts(s.ports.hosts()),
		server.WithDynamicConfigClient(dynamicSettings()),
		server.WithAuthorizer(&guard{breakGlass: cfg.BreakGlass, logger: logger}),
		server.WithLogger(logger),
	)
	if err != nil {
		return fmt.Errorf("building the Temporal server: %w", err)
	}
	if err := s.inner.Start(); err != nil {
		return fmt.Errorf("starting the Temporal server: %w", errors.Join(err, s.Stop()))
	}
	return nil
}

func elapsed(since time.Time) string {
	return fmt.Sprintf("%.1f s", time.Since(since).Seconds())
}
