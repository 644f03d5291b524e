package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"linli/server"
)

// TestRoutesAndContractAgree also guards the frame's promises: writes carry a
// key unless they are known not to, and every operation can refuse.
func TestRoutesAndContractAgree(t *testing.T) {
	w := newWorld(t)
	routed := map[string]server.Route{}
	for _, route := range w.server.Routes() {
		if !route.Outside {
			routed[route.Operation] = route
		}
	}
	unkeyed := map[string]bool{
		"login": true, "logout": true, "revokeToken": true, "bankCalled": true, // harmless to repeat
		"changePassword": true, "createToken": true, "enrolTOTP": true, "confirmTOTP": true, "disableTOTP": true, // nothing of them may be stored
		"previewFundUse": true, "previewApplication": true, "tryLetting": true, "checkRules": true, // change nothing
	}
	described := map[string]bool{}
	for path, item := range w.doc.Paths.Map() {
		for method, operation := range item.Operations() {
			described[operation.OperationID] = true
			route, ok := routed[operation.OperationID]
			if !ok || route.Method != method || route.Path != path {
				t.Errorf("%s %s (%s) is in the contract, routed as %s %s", method, path, operation.OperationID, route.Method, route.Path)
			}
			key := operation.Parameters.GetByInAndName("header", "Idempotency-Key")
			if method != http.MethodGet && !unkeyed[operation.OperationID] && (key == nil || !key.Required) {
				t.Errorf("%s changes something and asks for no key", operation.OperationID)
			}
			if !strings.HasPrefix(path, "/v1/") {
				continue
			}
			if operation.Responses.Default() == nil {
				t.Errorf("%s does not say how it refuses", operation.OperationID)
			}
			public := operation.Security != nil && len(*operation.Security) == 0
			if public != (route.Allow.String() == server.Public().String()) {
				t.Errorf("%s: public in the contract %v, in the table %q", operation.OperationID, public, route.Allow)
			}
		}
	}
	for operation := range routed {
		if !described[operation] {
			t.Errorf("route %s is not in the contract", operation)
		}
	}
}

func TestObjectsInTheContractAreClosed(t *testing.T) {
	w := newWorld(t)
	for name, schema := range w.doc.Components.Schemas {
		value := schema.Value
		if name == "BankReceipt" {
			continue // the bank's message, whose signature covers whatever it holds
		}
		if value.Type.Is("object") && len(value.Properties) > 0 && (value.AdditionalProperties.Has == nil || *value.AdditionalProperties.Has) {
			t.Errorf("schema %s takes unknown fields", name)
		}
	}
}

func TestDocsPageStandsAlone(t *testing.T) {
	w := newWorld(t)
	page := w.ask(asked{method: "GET", path: "/docs"})
	text := string(page.raw)
	for operation := range w.doc.Paths.Map() {
		if !strings.Contains(text, "<code>"+operation+"</code>") {
			t.Errorf("the page does not show %s", operation)
		}
	}
	for _, foreign := range []string{"<script", "src=", "http://", "https://", "@import"} {
		if strings.Contains(text, foreign) {
			t.Errorf("the page holds %q", foreign)
		}
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
}

func TestHealthNamesTheMissingPart(t *testing.T) {
	w := newWorld(t)
	w.ask(asked{method: "GET", path: "/readyz"}).want(t, 200, "")
	w.store.Close()
	w.ask(asked{method: "GET", path: "/healthz"}).want(t, 200, "")
	answer := w.ask(asked{method: "GET", path: "/readyz"})
	if answer.status != 503 || !strings.Contains(string(answer.raw), `"database"`) {
		t.Errorf("answered %d %s", answer.status, answer.raw)
	}
}

// TestAHangingPartIsTheOnlyOneMissing: it has its own time to answer in, and
// neither uses up that of the others nor holds the answer back, whether it
// minds its deadline or not.
func TestAHangingPartIsTheOnlyOneMissing(t *testing.T) {
	w := newWorld(t)
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	parts := map[string]func(context.Context) error{
		"attachments": func(context.Context) error { <-over; return nil },
		"temporal":    func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	}
	for i := range 8 {
		parts[fmt.Sprintf("healthy%d", i)] = func(ctx context.Context) error { return ctx.Err() }
	}
	w.reopened(server.Config{Records: w.store, Bucket: w.bucket, Ready: parts})
	answer := w.ask(asked{method: "GET", path: "/readyz"})
	if answer.status != 503 || !strings.Contains(string(answer.raw), `"missing":["attachments","temporal"]`) {
		t.Errorf("answered %d %s", answer.status, answer.raw)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/v1/scopes", "/v1/me", "/nothing", "/docs"} {
		header := w.ask(asked{method: "GET", path: path}).header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "frame-ancestors 'none'", "X-Request-Id": "r_", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if !strings.Contains(header.Get(name), want) {
				t.Errorf("%s: %s is %q, want %q", path, name, header.Get(name), want)
			}
		}
	}
}

// The page of the contract lists the routes; building them anew for every
// reader brought the server down when two read at once.
func TestManyReadTheDocsAtOnce(t *testing.T) {
	w := newWorld(t)
	answers := make(chan error, 32)
	for range cap(answers) {
		go func() {
			got, err := w.send(asked{method: "GET", path: "/docs"})
			if err == nil && got.status != 200 && got.status != 429 {
				err = fmt.Errorf("answered %d", got.status)
			}
			answers <- err
		}()
	}
	for range cap(answers) {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}
