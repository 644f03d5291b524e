package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/store/storetest"
)

func TestLoginAndSession(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1, grant(approval.Handler, storetest.Community1))
	cookie := w.login("wang")
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Name != "linli" || len(cookie.Value) < 43 {
		t.Errorf("cookie %+v: want an opaque HttpOnly, SameSite=Lax one under the plain loopback name", cookie)
	}
	w.ask(asked{method: "GET", path: "/v1/me", cookie: cookie}).want(t, 200, "")

	t.Run("idle", func(t *testing.T) {
		w.pass(approval.SessionIdle)
		w.ask(asked{method: "GET", path: "/v1/me", cookie: cookie}).want(t, 401, approval.Unauthenticated)
	})
	t.Run("in use it lives on, but not for ever", func(t *testing.T) {
		cookie := w.login("wang")
		for began := w.now(); w.now().Sub(began) < approval.SessionAbsolute-20*time.Minute; w.pass(20 * time.Minute) {
			if answer := w.ask(asked{method: "GET", path: "/v1/me", cookie: cookie}); answer.status != 200 {
				t.Fatalf("ended after %v of use", w.now().Sub(began))
			}
		}
		w.pass(20 * time.Minute)
		w.ask(asked{method: "GET", path: "/v1/me", cookie: cookie}).want(t, 401, approval.Unauthenticated)
	})
	t.Run("logout", func(t *testing.T) {
		cookie := w.login("wang")
		w.ask(asked{method: "POST", path: "/v1/logout", cookie: cookie}).want(t, 200, "")
		w.ask(asked{method: "GET", path: "/v1/me", cookie: cookie}).want(t, 401, approval.Unauthenticated)
	})
	t.Run("made-up tokens", func(t *testing.T) {
		for _, value := range []string{"x", cookie.Value + "x", strings.Repeat("A", 43), strings.Repeat("A", 4000)} {
			w.ask(asked{method: "GET", path: "/v1/me", cookie: &http.Cookie{Name: "linli", Value: value}}).want(t, 401, approval.Unauthenticated)
			w.ask(asked{method: "GET", path: "/v1/me", bearer: value}).want(t, 401, approval.Unauthenticated)
		}
	})
}

func TestLockout(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1)
	w.person("liu", storetest.Community1)
	try := func(username, password string) answered {
		return w.ask(asked{method: "POST", path: "/v1/login", body: map[string]string{"username": username, "password": password}})
	}
	for _, username := range []string{"wang", "nobody"} { // the unknown name behaves alike
		for range approval.LoginFailures {
			try(username, "wrong").want(t, 401, approval.Unauthenticated)
		}
		try(username, goodPassword).want(t, 423, approval.LockedOut)
	}
	try("liu", goodPassword).want(t, 200, "")
	w.pass(approval.LoginLock - time.Second)
	try("wang", goodPassword).want(t, 423, approval.LockedOut)
	w.pass(time.Second)
	try("wang", goodPassword).want(t, 200, "")
	for range approval.LoginFailures - 1 {
		try("wang", "wrong").want(t, 401, approval.Unauthenticated)
	}
	try("wang", goodPassword).want(t, 200, "") // success starts the count again
	try("wang", "wrong").want(t, 401, approval.Unauthenticated)
}

func TestParallelGuessesCannotPassTheLock(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1)
	const guesses = 30
	codes := make(chan approval.Code, guesses)
	for range guesses {
		go func() {
			answer, err := w.send(asked{method: "POST", path: "/v1/login", body: map[string]string{"username": "wang", "password": "wrong"}})
			if err != nil {
				t.Error(err)
			}
			codes <- answer.Code
		}()
	}
	checked := 0
	for range guesses {
		if <-codes == approval.Unauthenticated {
			checked++
		}
	}
	if checked != approval.LoginFailures {
		t.Errorf("%d of %d parallel guesses were checked, want %d", checked, guesses, approval.LoginFailures)
	}
}

func TestOneAddressCannotTryEverybody(t *testing.T) {
	w := newWorld(t)
	checked := 0
	for i := range approval.LoginChecksPerIP + 10 {
		name := "user" + strings.Repeat("x", i%30) + string(rune('a'+i/30))
		answer := w.ask(asked{method: "POST", path: "/v1/login", body: map[string]string{"username": name, "password": "wrong"}})
		if answer.Code == approval.Unauthenticated {
			checked++
		}
	}
	if checked != approval.LoginChecksPerIP {
		t.Errorf("%d checks in a minute, want %d", checked, approval.LoginChecksPerIP)
	}
	w.pass(approval.LoginChecksInterval)
	w.person("wang", storetest.Community1)
	w.login("wang")
}

func TestWritesFromOtherSites(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1)
	cookie := w.login("wang")
	for name, header := range map[string]map[string]string{
		"cross-site":              {"Sec-Fetch-Site": "cross-site"},
		"same-site is not enough": {"Sec-Fetch-Site": "same-site"},
		"foreign origin":          {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
		"opaque origin":           {"Sec-Fetch-Site": "", "Origin": "null"},
		"no page header":          {"X-Linli-Page": ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, route := range w.server.Routes() {
				if route.Method == "GET" || route.Outside || strings.Contains(route.Path, "login") || !strings.HasPrefix(route.Path, "/v1/") {
					continue
				}
				if name == "no page header" && route.Allow.String() == "公开 public" {
					continue // no cookie is read there
				}
				path := parameterInPath.ReplaceAllString(route.Path, "1")
				answer := w.ask(asked{method: route.Method, path: path, cookie: cookie, key: "12345678", header: header, body: map[string]string{}})
				if answer.status != 403 || answer.Code != approval.Forbidden {
					t.Errorf("%s: %d %s", route.Operation, answer.status, answer.raw)
				}
			}
		})
	}
	w.ask(asked{method: "GET", path: "/v1/me", cookie: cookie}).want(t, 200, "")
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1)
	w.person("liu", storetest.Community1)
	cookie := w.login("wang")
	var token approval.Token
	created := w.ask(asked{method: "POST", path: "/v1/tokens", cookie: cookie, body: map[string]any{"name": "report", "days": 2}})
	created.want(t, 200, "")
	decode(t, created, &token)
	w.ask(asked{method: "GET", path: "/v1/me", bearer: token.Secret}).want(t, 200, "")
	w.ask(asked{method: "POST", path: "/v1/tokens", bearer: token.Secret, body: map[string]any{"name": "child", "days": 2}}).want(t, 403, approval.Forbidden)
	listed := w.ask(asked{method: "GET", path: "/v1/tokens", cookie: cookie})
	if strings.Contains(string(listed.raw), token.Secret) || len(listed.Items) != 1 {
		t.Errorf("listed %s: want one token without its secret", listed.raw)
	}
	w.ask(asked{method: "DELETE", path: "/v1/tokens/" + token.ID, cookie: w.login("liu")}).want(t, 404, approval.NotFound)
	w.ask(asked{method: "DELETE", path: "/v1/tokens/" + token.ID, cookie: cookie}).want(t, 200, "")
	w.ask(asked{method: "GET", path: "/v1/me", bearer: token.Secret}).want(t, 401, approval.Unauthenticated)

	decode(t, w.ask(asked{method: "POST", path: "/v1/tokens", cookie: cookie, body: map[string]any{"name": "short", "days": 1}}), &token)
	w.pass(24 * time.Hour)
	w.ask(asked{method: "GET", path: "/v1/me", bearer: token.Secret}).want(t, 401, approval.Unauthenticated)
}

func TestChangePassword(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1)
	other, cookie := w.login("wang"), w.login("wang")
	change := func(current, wanted string) answered {
		return w.ask(asked{method: "PUT", path: "/v1/me/password", cookie: cookie, body: map[string]string{"current": current, "new": wanted}})
	}
	change("wrong", "Boshan-2026-glass").want(t, 401, approval.Unauthenticated)
	for _, weak := range []string{"short-1A", "alllowercaseletters", "my-name-is-Wang-1"} {
		change(goodPassword, weak).want(t, 422, approval.Invalid)
	}
	changed := change(goodPassword, "Boshan-2026-glass")
	changed.want(t, 200, "")
	w.ask(asked{method: "GET", path: "/v1/me", cookie: other}).want(t, 401, approval.Unauthenticated)
	w.ask(asked{method: "GET", path: "/v1/me", cookie: changed.cookie}).want(t, 200, "")
}
