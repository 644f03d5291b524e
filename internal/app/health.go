package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"linli/server"
)

const (
	askTimeout  = 5 * time.Second
	toldTimeout = 5 * time.Second // to ask, and again to be told
)

// probe asks one part whether it answers.
type probe = func(context.Context) error

// announce tells a worker's health over HTTP, as the API tells its own:
// /healthz that the process runs, /readyz which part is missing. An empty
// address announces nothing.
func announce(address string, parts map[string]probe, log *slog.Logger) (io.Closer, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { answer(w, server.Missing(r.Context(), parts, log)) })
	announced := &http.Server{Handler: mux, ReadTimeout: toldTimeout, WriteTimeout: 2 * toldTimeout}
	if address == "" {
		return announced, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	go func() { _ = announced.Serve(listener) }() // always ends with ErrServerClosed
	return announced, nil
}

type readiness struct {
	Status  string   `json:"status"`
	Missing []string `json:"missing"`
}

func answer(w http.ResponseWriter, absent []string) {
	told, status := readiness{Status: "ok", Missing: []string{}}, http.StatusOK
	if len(absent) > 0 {
		told, status = readiness{Status: "missing", Missing: absent}, http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(told) // the asker hung up
}

// Ready asks the process that listens on an address whether it can work; the
// error names what is missing. An image without a shell or curl needs it.
func Ready(ctx context.Context, listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	if address := net.ParseIP(host); host == "" || address != nil && address.IsUnspecified() {
		host = "127.0.0.1"
	}
	return Healthy(ctx, "http://"+net.JoinHostPort(host, port)+"/readyz")
}

// Healthy asks an address of ours that answers 200 when all is well.
func Healthy(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	var told readiness
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&told); err != nil || len(told.Missing) == 0 {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	return fmt.Errorf("missing: %s", strings.Join(told.Missing, ", "))
}
