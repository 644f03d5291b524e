package observe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// scrapeTimeout bounds a scrape on a slow line.
const scrapeTimeout = 15 * time.Second

// Expose serves GET /metrics on an address of its own, so that it can be kept
// inside; an empty address serves nothing. Close it.
func (m *Metrics) Expose(address string) (io.Closer, error) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	exposed := &http.Server{Handler: mux, ReadHeaderTimeout: scrapeTimeout, ReadTimeout: scrapeTimeout, WriteTimeout: scrapeTimeout}
	if address == "" {
		return exposed, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening for metrics on %s: %w", address, err)
	}
	go func() { _ = exposed.Serve(listener) }() // always ends with ErrServerClosed
	return exposed, nil
}
