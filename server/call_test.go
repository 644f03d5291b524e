package server_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"linli/approval"
	"linli/store/storetest"
)

var parameterInPath = regexp.MustCompile(`\{[^}]+\}`)

func decode(t *testing.T, answer answered, into any) {
	t.Helper()
	if err := json.Unmarshal(answer.raw, into); err != nil {
		t.Fatalf("%v: %s", err, answer.raw)
	}
}

func newAccount(username string) map[string]any {
	return map[string]any{"username": username, "name": "新人", "scope": storetest.Community1, "password": goodPassword}
}

func TestMalformedRequests(t *testing.T) {
	w := newWorld(t)
	w.person("root", storetest.City, grant(approval.Administrator, storetest.City))
	cookie := w.login("root")
	with := func(field string, value any) map[string]any {
		body := newAccount("someone")
		body[field] = value
		return body
	}
	without := newAccount("someone")
	delete(without, "scope")
	for name, test := range map[string]struct {
		body   any
		status int
		code   approval.Code
		field  string
	}{
		"unknown field":   {with("admin", true), 422, approval.Invalid, "admin"},
		"wrong type":      {with("name", 7), 422, approval.Invalid, "name"},
		"null":            {with("name", nil), 422, approval.Invalid, "name"},
		"missing field":   {without, 422, approval.Invalid, "scope"},
		"too long":        {with("name", strings.Repeat("长", 61)), 422, approval.Invalid, "name"},
		"bad pattern":     {with("username", "UPPER"), 422, approval.Invalid, "username"},
		"bad role":        {with("grants", []any{map[string]any{"role": "king", "scope": "370300"}}), 422, approval.Invalid, "grants/0/role"},
		"no body":         {nil, 422, approval.Invalid, ""},
		"not JSON":        {"{", 422, approval.Invalid, ""},
		"two values":      {`{"username":"someone","name":"a","scope":"370300","password":"x"} {}`, 422, approval.Invalid, ""},
		"a list":          {"[]", 422, approval.Invalid, ""},
		"huge":            {`{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, approval.TooLarge, ""},
		"NUL in the text": {with("name", "a\x00b"), 422, approval.Invalid, "name"},
		"unknown scope":   {with("scope", "370300/999999"), 422, approval.Invalid, "scope"},
		"weak password":   {with("password", "password"), 422, approval.Invalid, "password"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := w.ask(asked{method: "POST", path: "/v1/accounts", cookie: cookie, key: "malformed-" + name[:2], body: test.body})
			answer.want(t, test.status, test.code)
			if answer.Field != test.field {
				t.Errorf("blamed %q, want %q: %s", answer.Field, test.field, answer.raw)
			}
		})
	}
	t.Run("other media type", func(t *testing.T) {
		w.ask(asked{method: "POST", path: "/v1/accounts", cookie: cookie, key: "media-type", body: "a=b", media: "application/x-www-form-urlencoded"}).
			want(t, 415, approval.UnsupportedMedia)
	})
	t.Run("query", func(t *testing.T) {
		for query, field := range map[string]string{"limt=5": "limt", "limit=0": "limit", "limit=101": "limit", "limit=x": "limit", "role=king": "role"} {
			answer := w.ask(asked{method: "GET", path: "/v1/accounts?" + query, cookie: cookie})
			answer.want(t, 422, approval.Invalid)
			if answer.Field != field {
				t.Errorf("%s blamed %q", query, answer.Field)
			}
		}
	})
	t.Run("no such address, no such method", func(t *testing.T) {
		w.ask(asked{method: "GET", path: "/v1/nothing", cookie: cookie}).want(t, 404, approval.NotFound)
		w.ask(asked{method: "PATCH", path: "/v1/accounts", cookie: cookie}).want(t, 405, "method_not_allowed")
	})
	t.Run("language", func(t *testing.T) {
		zh := w.ask(asked{method: "GET", path: "/v1/me"})
		en := w.ask(asked{method: "GET", path: "/v1/me", header: map[string]string{"Accept-Language": "en-GB,en;q=0.9"}})
		if zh.Detail != "请先登录。" || en.Detail != "Sign in first." {
			t.Errorf("details %q and %q", zh.Detail, en.Detail)
		}
	})
}

func TestKeys(t *testing.T) {
	w := newWorld(t)
	w.person("root", storetest.City, grant(approval.Administrator, storetest.City))
	w.person("other", storetest.City, grant(approval.Administrator, storetest.City))
	cookie := w.login("root")
	create := func(key, username string) answered {
		return w.ask(asked{method: "POST", path: "/v1/accounts", cookie: cookie, key: key, body: newAccount(username)})
	}
	create("", "first").want(t, 400, approval.KeyMissing)
	create("short", "first").want(t, 422, approval.Invalid)

	first := create("key-number-1", "first")
	first.want(t, 200, "")
	again := create("key-number-1", "first")
	again.want(t, 200, "")
	if again.ID != first.ID || again.header.Get("Idempotency-Replayed") != "true" || string(again.raw) != string(first.raw) {
		t.Errorf("repeated: %s, replayed %q; want %s", again.raw, again.header.Get("Idempotency-Replayed"), first.raw)
	}
	create("key-number-1", "second").want(t, 422, approval.KeyReused)
	w.ask(asked{method: "POST", path: "/v1/accounts/" + first.ID + "/disable", cookie: cookie, key: "key-number-1", body: map[string]string{"reason": "x"}}).
		want(t, 422, approval.KeyReused)

	t.Run("a refusal is the one answer too", func(t *testing.T) {
		taken := create("key-number-2", "first")
		taken.want(t, 409, approval.Conflict)
		again := create("key-number-2", "first")
		again.want(t, 409, approval.Conflict)
		if string(again.raw) != string(taken.raw) {
			t.Errorf("repeated: %s, want %s", again.raw, taken.raw)
		}
	})
	t.Run("keys belong to their actor", func(t *testing.T) {
		answer := w.ask(asked{method: "POST", path: "/v1/accounts", cookie: w.login("other"), key: "key-number-1", body: newAccount("third")})
		answer.want(t, 200, "")
	})
	t.Run("no trace of the password", func(t *testing.T) {
		body := newAccount("first")
		body["password"] = "Another-2026-word"
		answer := w.ask(asked{method: "POST", path: "/v1/accounts", cookie: cookie, key: "key-number-1", body: body})
		answer.want(t, 200, "") // the key does not bind the password, so no hash of it is stored
		if answer.ID != first.ID {
			t.Errorf("made a second account: %s", answer.raw)
		}
	})
}

func TestFiftyAtOnceMakeOneAccount(t *testing.T) {
	w := newWorld(t)
	w.person("root", storetest.City, grant(approval.Administrator, storetest.City))
	cookie := w.login("root")
	var waiting sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for range 50 {
		waiting.Go(func() {
			answer, err := w.send(asked{method: "POST", path: "/v1/accounts", cookie: cookie, key: "fifty-at-once", body: newAccount("only")})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case answer.status == 200:
				seen[answer.ID]++
			case answer.status == 409 && answer.Field == "Idempotency-Key" && answer.header.Get("Retry-After") != "":
			default:
				t.Errorf("answered %d %s", answer.status, answer.raw)
			}
		})
	}
	waiting.Wait()
	if len(seen) != 1 {
		t.Errorf("accounts made: %v, want one", seen)
	}
	listed := w.ask(asked{method: "GET", path: "/v1/accounts?search=only", cookie: cookie})
	if len(listed.Items) != 1 {
		t.Errorf("listed %s", listed.raw)
	}
}

func TestPaging(t *testing.T) {
	w := newWorld(t)
	w.person("root", storetest.City, grant(approval.Administrator, storetest.City))
	for i := range 7 {
		w.person(fmt.Sprintf("member%d", i), storetest.Community1)
	}
	cookie := w.login("root")
	seen, next := map[string]int{}, ""
	for page := 0; page == 0 || next != ""; page++ {
		answer := w.ask(asked{method: "GET", path: "/v1/accounts?limit=3&search=member&cursor=" + next, cookie: cookie})
		answer.want(t, 200, "")
		for _, item := range answer.Items {
			seen[item.Username]++
		}
		next = answer.Next
		if page > 3 {
			t.Fatal("paging does not end")
		}
	}
	if len(seen) != 7 {
		t.Errorf("paged over %v, want all seven once", seen)
	}
	for _, cursor := range []string{"x", "%00", "W10", "WyJhIiwiYiJd", "bnVsbA", "WyJcdTAwMDAiXQ", strings.Repeat("A", 600)} {
		answer := w.ask(asked{method: "GET", path: "/v1/accounts?cursor=" + cursor, cookie: cookie})
		answer.want(t, 422, approval.Invalid)
		if answer.Field != "cursor" {
			t.Errorf("cursor %q blamed %q", cursor, answer.Field)
		}
	}
}

func TestRefusedAttemptsAreKept(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1, grant(approval.Handler, storetest.Community1))
	w.person("auditor.zd", storetest.Zhangdian, grant(approval.Auditor, storetest.Zhangdian))
	w.person("auditor.lz", storetest.Linzi, grant(approval.Auditor, storetest.Linzi))
	wang := w.login("wang")
	w.ask(asked{method: "POST", path: "/v1/accounts", cookie: wang, key: "not-allowed", body: newAccount("x-man")}).want(t, 403, approval.Forbidden)
	kept := w.ask(asked{method: "GET", path: "/v1/refusals?actor=p_wang", cookie: w.login("auditor.zd")})
	if len(kept.Items) != 1 || kept.Items[0].Code != "forbidden" || kept.Items[0].Actor != "p_wang" {
		t.Errorf("kept %s, want wang's one attempt", kept.raw)
	}
	other := w.ask(asked{method: "GET", path: "/v1/refusals", cookie: w.login("auditor.lz")})
	if len(other.Items) != 0 {
		t.Errorf("another district's auditor reads %s", other.raw)
	}
	w.ask(asked{method: "GET", path: "/v1/refusals", cookie: wang}).want(t, 403, approval.Forbidden)
}
