package server_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/store/storetest"
)

// everyRole signs in somebody no permission stops.
func (w *caseWorld) everyRole(name string) string {
	w.t.Helper()
	var grants []approval.Grant
	for _, role := range approval.Roles {
		if role.Role != approval.Resident { // nobody is granted that
			grants = append(grants, grant(role.Role, storetest.City))
		}
	}
	w.enter(name, storetest.City, grants...)
	return w.who[name]
}

// TestNoBodyIsTooLarge goes over the limit of every route that takes a body,
// told beforehand and not.
func TestNoBodyIsTooLarge(t *testing.T) {
	w := newCaseWorld(t)
	bearer := w.everyRole("omnipotent")
	_, notice := w.published()
	for _, route := range w.server.Routes() {
		if route.Method == http.MethodGet {
			continue
		}
		limit := max(route.Limit, 1<<20*int64(boolean(route.Limit == 0)))
		media := "application/json"
		switch {
		case route.Outside:
			media = "application/x-www-form-urlencoded"
		case route.Limit > 1<<20:
			media = "multipart/form-data; boundary=x"
		}
		body := bytes.Repeat([]byte(" "), int(limit)+1)
		for told, reader := range map[string]io.Reader{"told": bytes.NewReader(body), "untold": io.MultiReader(bytes.NewReader(body))} {
			request, err := http.NewRequest(route.Method, w.http.URL+parameterInPath.ReplaceAllString(route.Path, notice), reader)
			fatal(t, err)
			request.Header.Set("Content-Type", media)
			request.Header.Set("Authorization", "Bearer "+bearer)
			request.Header.Set("Idempotency-Key", "too-large-"+told)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Errorf("%s, %s: %v", route.Operation, told, err)
				continue
			}
			response.Body.Close()
			form := strings.HasPrefix(media, "multipart") || route.Outside // whose shape is looked at as it comes in
			if response.StatusCode != http.StatusRequestEntityTooLarge && !(form && told == "untold" && response.StatusCode == http.StatusUnprocessableEntity) {
				t.Errorf("%s, %d bytes, %s: answered %d", route.Operation, len(body), told, response.StatusCode)
			}
		}
	}
}

func boolean(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// TestNoPageIsTooLong goes over the limit of every list.
func TestNoPageIsTooLong(t *testing.T) {
	w := newCaseWorld(t)
	bearer, lists := w.everyRole("omnipotent"), 0
	for path, item := range w.doc.Paths.Map() {
		if item.Get == nil || item.Get.Parameters.GetByInAndName("query", "limit") == nil {
			continue
		}
		lists++
		for _, limit := range []string{"101", "0", "-1", "99999999999999999999", "1e2"} {
			answer := w.ask(asked{method: "GET", path: parameterInPath.ReplaceAllString(path, w.fund) + "?limit=" + limit, bearer: bearer})
			answer.want(t, 422, approval.Invalid)
		}
		answer := w.ask(asked{method: "GET", path: parameterInPath.ReplaceAllString(path, w.fund) + "?limit=100&cursor=" + strings.Repeat("A", 5000), bearer: bearer})
		answer.want(t, 422, approval.Invalid)
	}
	if lists < 10 {
		t.Errorf("only %d lists", lists)
	}
}

func TestNothingNestsTooDeep(t *testing.T) {
	w := newCaseWorld(t)
	bearer := w.everyRole("omnipotent")
	for depth, zh := range map[int]string{33: "嵌套", 500_000: "嵌套", 31: "类型"} {
		body := `{"title":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
		answer := w.ask(asked{method: "POST", path: "/v1/fund-uses/preview", body: body, bearer: bearer})
		answer.want(t, 422, approval.Invalid)
		if !strings.Contains(answer.Detail, zh) {
			t.Errorf("depth %d: %s", depth, answer.Detail)
		}
	}
	brackets := w.ask(asked{method: "POST", path: "/v1/tokens", body: map[string]any{"name": strings.Repeat("[", 60), "days": 1}, bearer: bearer})
	brackets.want(t, 403, approval.Forbidden) // of a token that would make tokens: brackets in a text are text
}

func TestRatesOfOneDoNotStopAnother(t *testing.T) {
	w := newCaseWorld(t)
	one, other := w.everyRole("one"), w.everyRole("other")
	w.pass(time.Minute)
	over := func(bearer string, most int) answered {
		t.Helper()
		for range most {
			if answer := w.ask(asked{method: "GET", path: "/v1/scopes", bearer: bearer, header: map[string]string{}}); answer.status != 200 {
				return answer
			}
		}
		t.Fatalf("%d requests at once and no end", most)
		return answered{}
	}
	limited := over("", 600)
	limited.want(t, 429, approval.RateLimited)
	if limited.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", limited.header.Get("Retry-After"))
	}
	w.ask(asked{method: "GET", path: "/healthz"}).want(t, 200, "")
	w.ask(asked{method: "GET", path: "/readyz"}).want(t, 200, "")
	w.ask(asked{method: "GET", path: "/v1/me", bearer: "made up"}).want(t, 429, approval.RateLimited) // guessing counts
	for sent := 0; ; sent++ {
		answer := w.ask(asked{method: "GET", path: "/v1/me", bearer: one})
		if answer.status == 429 {
			break
		}
		if answer.want(t, 200, ""); sent > 1100 {
			t.Fatal("1100 requests at once and no end")
		}
	}
	w.ask(asked{method: "GET", path: "/v1/me", bearer: other}).want(t, 200, "")
	w.pass(time.Second)
	w.ask(asked{method: "GET", path: "/v1/me", bearer: one}).want(t, 200, "")
	w.ask(asked{method: "GET", path: "/v1/scopes"}).want(t, 200, "")
	rows := 0
	fatal(t, connect(t, w.address.Owner).QueryRow(t.Context(), `SELECT count(*) FROM refusals WHERE code = 'rate_limited'`).Scan(&rows))
	if rows == 0 || rows > 100 {
		t.Errorf("%d refusals kept of a flood: want some and not all", rows)
	}
}

// TestRulesThatCostTooMuch: an expression beyond the cost limit is refused
// when it is compiled, with the place; a text that is long or has endless
// tests does not keep the server.
func TestRulesThatCostTooMuch(t *testing.T) {
	w := newCaseWorld(t)
	source, tests := sample(t, "370303-zhangdian/funduse.yaml"), sample(t, "370303-zhangdian/funduse.tests.yaml")
	check := func(source, tests string) (answer answered, report struct {
		OK       bool
		Problems []struct {
			Line    int
			Message approval.Text
		}
	}) {
		t.Helper()
		answer = w.ask(asked{method: "POST", path: "/v1/rules/check", bearer: w.who["keeper"], body: map[string]string{"source": source, "tests": tests}})
		if answer.status == 200 {
			decode(t, answer, &report)
		}
		return answer, report
	}
	loop := "proposal.lines.all(a, proposal.lines.all(b, (a.item + b.item + a.item + b.item).matches('.*' + a.item + '.*x.*y.*z')))"
	costly := strings.Replace(source, "variables.paid_after <= 10000000", loop, 1)
	if costly == source {
		t.Fatal("the sample has changed")
	}
	_, report := check(costly, tests)
	found := false
	for _, problem := range report.Problems {
		found = found || strings.Contains(problem.Message.EN, "cost") && problem.Line > 0
	}
	if report.OK || !found {
		t.Errorf("an expression without bounds is reported as %+v", report)
	}
	long, _ := check(source+"\n"+strings.Repeat("# long\n", 100_000), tests)
	long.want(t, 413, approval.TooLarge)
	tooMany, _ := check(source, strings.Repeat("# long\n", 20_000))
	tooMany.want(t, 422, approval.Invalid)
	// As many tests as fit: they take a while, in which everybody else goes on.
	head, _, _ := strings.Cut(tests, "tests:\n")
	scenario := "  - {name: a, stage: screening, expect: {outcome: pass}}\n"
	most := head + "tests:\n" + strings.Repeat(scenario, (131_000-len(head))/len(scenario))
	began := time.Now()
	answer, _ := check(source, most)
	answer.want(t, 200, "")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("%d tests took %v", strings.Count(most, scenario), took)
	}
}

// Whoever waits for rows that somebody holds is told so soon; everybody else is
// served meanwhile, and nothing is held afterwards.
func TestARequestThatWaitsForALockIsAnswered(t *testing.T) {
	c := newCaseWorld(t)
	blocker, err := connect(t, c.address.Owner).Begin(t.Context())
	fatal(t, err)
	_, err = blocker.Exec(t.Context(), "LOCK TABLE calls IN ACCESS EXCLUSIVE MODE")
	fatal(t, err)
	began, hanging := time.Now(), make(chan answered)
	for range 3 {
		go func() { hanging <- c.ask(asked{method: "GET", path: "/v1/calls"}) }()
	}
	c.ask(asked{method: "GET", path: "/v1/public/notices"}).want(t, 200, "")
	if waited := time.Since(began); waited > 20*time.Second {
		t.Errorf("somebody else waited for %s", waited)
	}
	for range 3 {
		(<-hanging).want(t, 503, approval.Unavailable)
	}
	if waited := time.Since(began); waited > 29*time.Second {
		t.Errorf("it was answered after %s", waited)
	}
	fatal(t, blocker.Rollback(t.Context()))
	c.ask(asked{method: "GET", path: "/v1/calls"}).want(t, 200, "")
}
