package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"linli/bank"
)

const mostBody = 64 << 10

// signed hands on only authentic, timely requests whose nonce is new, with
// their body read.
func (b *Bank) signed(next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, ok := readBody(w, r)
		if !ok {
			return
		}
		signature, err := b.incoming.Verify(r, body)
		if err != nil {
			b.log.Warn("refused a request to the bank", "method", r.Method, "path", r.URL.Path, "error", err)
			refuse(w, http.StatusUnauthorized, bank.CodeBadSignature, err.Error())
			return
		}
		if !b.nonces.fresh(signature.Nonce, b.now()) {
			refuse(w, http.StatusUnauthorized, bank.CodeReplayed, "this nonce was used before")
			return
		}
		next(w, r, body)
	}
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err == nil {
		return body, true
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, bank.CodeInvalidOrder, "the body is too large")
	}
	return nil, false
}

func (b *Bank) isAdmin(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(b.config.AdminToken))
	return ok && b.config.AdminToken != "" && subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

func (b *Bank) admin(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !b.isAdmin(r) {
			refuse(w, http.StatusUnauthorized, "admin_only", "this needs the admin token")
			return
		}
		next(w, r)
	}
}

// nonces remembers each nonce for at least twice the window, in two
// generations: a signature may come from one window ahead of this clock.
type nonces struct {
	mu           sync.Mutex
	young, old   map[string]struct{}
	generationAt time.Time
}

func (n *nonces) fresh(nonce string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Sub(n.generationAt) > 2*bank.Window {
		n.old, n.young, n.generationAt = n.young, map[string]struct{}{}, now
	}
	_, inYoung := n.young[nonce]
	_, inOld := n.old[nonce]
	n.young[nonce] = struct{}{}
	return !inYoung && !inOld
}

func refuse(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	write(w, status, bank.Problem{Code: code, Detail: detail})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	write(w, status, body)
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The caller may be gone; what was booked stays booked.
	_ = json.NewEncoder(w).Encode(body)
}
