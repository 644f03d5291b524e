package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
)

func TestHealthNamesTheMissingPart(t *testing.T) {
	address := unused(t)
	var temporal error
	parts := map[string]probe{
		"database": func(context.Context) error { return nil },
		"temporal": func(context.Context) error { return temporal },
	}
	health, err := announce(address, parts, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer health.Close()
	_, port, _ := net.SplitHostPort(address)
	for _, listen := range []string{address, ":" + port, "0.0.0.0:" + port} {
		if err := Ready(t.Context(), listen); err != nil {
			t.Errorf("%s: %v", listen, err)
		}
	}
	temporal = errors.New("unreachable")
	if err := Ready(t.Context(), address); err == nil || !strings.Contains(err.Error(), "temporal") || strings.Contains(err.Error(), "database") {
		t.Errorf("without Temporal: %v", err)
	}
	if err := health.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Ready(t.Context(), address); err == nil {
		t.Error("a process that is gone counts as ready")
	}
}

// TestHealthBlamesTheHangingPartOnly: the healthcheck hears of it before it
// gives up itself.
func TestHealthBlamesTheHangingPartOnly(t *testing.T) {
	address := unused(t)
	parts := map[string]probe{"temporal": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
	for _, healthy := range []string{"attachments", "database", "schema"} {
		parts[healthy] = func(ctx context.Context) error { return ctx.Err() }
	}
	health, err := announce(address, parts, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer health.Close()
	if err := Ready(t.Context(), address); err == nil || err.Error() != "missing: temporal" {
		t.Errorf("with a hanging Temporal: %v", err)
	}
}

func TestHealthOnATakenAddressIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := announce(taken.Addr().String(), nil, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("two processes tell their health on one address")
	}
}

func unused(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
