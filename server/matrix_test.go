package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"linli/approval"
	"linli/server"
)

// policy is a row of testdata/matrix.yaml; its head says how to read it.
type policy struct {
	Everybody string                   `yaml:"everybody"`
	Roles     any                      `yaml:"roles"` // a list, or "any"
	Holders   string                   `yaml:"holders"`
	Others    string                   `yaml:"others"`
	Except    map[approval.Role]string `yaml:"except"`
	People    string                   `yaml:"people"`
	Proof     string                   `yaml:"proof"`
	Items     string                   `yaml:"items"` // what a list may hold; see shown
}

const (
	allowed = 'A'
	hidden  = 'H'
	denied  = 'D'
	login   = 'L'
)

func (p policy) roles() []approval.Role {
	listed, _ := p.Roles.([]any)
	var roles []approval.Role
	for _, role := range listed {
		roles = append(roles, approval.Role(fmt.Sprint(role)))
	}
	return roles
}

// expects is the cell of a person.
func (p policy) expects(who someone) (rune, error) {
	if p.Everybody != "" {
		return rune(p.Everybody[0]), nil
	}
	cells, at := p.People, slices.Index(strangers, who.place)
	if at < 0 {
		at = slices.IndexFunc(places, func(place struct {
			name  string
			scope approval.Scope
		}) bool {
			return place.name == who.place
		})
		switch own, excepted := p.Except[who.role]; {
		case excepted:
			cells = own
		case p.Roles == "any" || slices.Contains(p.roles(), who.role):
			cells = p.Holders
		default:
			cells = p.Others
		}
	}
	cells = strings.ReplaceAll(cells, " ", "")
	if want := map[bool]int{true: len(strangers), false: len(places)}[slices.Contains(strangers, who.place)]; len(cells) != want {
		return 0, fmt.Errorf("%d cells for %s, want %d", len(cells), who.name, want)
	}
	return rune(cells[at]), nil
}

func readPolicies(t *testing.T) map[string]policy {
	t.Helper()
	raw, err := os.ReadFile("testdata/matrix.yaml")
	fatal(t, err)
	policies := map[string]policy{}
	fatal(t, yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&policies))
	return policies
}

// TestAuthorisation walks the matrix: every operation of the route table, as
// everybody, against what testdata/matrix.yaml says, and then the same people
// against every table of the database.
func TestAuthorisation(t *testing.T) {
	t.Parallel() // beside those that wait
	w := newMatrixWorld(t)
	policies := readPolicies(t)
	routes := w.coveredRoutes(policies)
	if t.Failed() {
		return
	}
	var operations []string
	for name := range policies {
		operations = append(operations, name)
	}
	slices.Sort(operations)
	cells := 0
	t.Run("routes", func(t *testing.T) {
		w.t = t
		for _, name := range operations {
			for _, route := range routes[name] {
				cells += w.row(t, name, route, policies[name])
			}
		}
	})
	t.Logf("%d cells: %d rows, %d people", cells, len(operations), len(w.people))
	if cells < 3000 {
		t.Errorf("only %d cells", cells)
	}
	t.Run("tables", w.walls)
}

// coveredRoutes pairs rows and routes and reports what stands alone.
func (w *matrixWorld) coveredRoutes(policies map[string]policy) map[string][]server.Route {
	w.t.Helper()
	byOperation := map[string][]server.Route{}
	for _, route := range w.server.Routes() {
		byOperation[route.Operation] = append(byOperation[route.Operation], route)
		if _, ok := policies[route.Operation]; !ok {
			w.t.Errorf("%s %s (%s) has no row in testdata/matrix.yaml: say who may call it", route.Method, route.Path, route.Operation)
		}
	}
	routes := map[string][]server.Route{}
	for name := range policies {
		operation, _, _ := strings.Cut(name, "/")
		if routes[name] = byOperation[operation]; routes[name] == nil {
			w.t.Errorf("the row %s has no route", name)
		}
		if requests[name] == nil && !strings.HasPrefix(name, "page") {
			w.t.Errorf("the row %s has no request in matrix_request_test.go", name)
		}
	}
	for name := range requests {
		if _, ok := policies[name]; !ok {
			w.t.Errorf("the request %s has no row", name)
		}
	}
	return routes
}

// row asserts one operation for everybody; readers go side by side.
func (w *matrixWorld) row(t *testing.T, name string, route server.Route, p policy) int {
	w.pass(3 * time.Second) // the limit on requests is not the point here
	var side sync.WaitGroup
	places := make(chan struct{}, 4)
	for _, who := range w.people {
		want, err := p.expects(who)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return 0
		}
		request := w.request(name, route, who, want)
		if want == allowed && route.Method != http.MethodGet {
			w.cell(t, name, request, who, want, p) // writes that take effect go one by one
			continue
		}
		places <- struct{}{}
		side.Go(func() {
			defer func() { <-places }()
			w.cell(t, name, request, who, want, p)
		})
	}
	side.Wait()
	return len(w.people)
}

func (w *matrixWorld) request(name string, route server.Route, who someone, want rune) asked {
	request := asked{path: route.Path}
	if build := requests[name]; build != nil {
		request = build(w, who, want == allowed)
	}
	request.method = route.Method
	if request.cookie == nil {
		request.cookie = who.cookie
	}
	if route.Method != http.MethodGet && request.key == "" {
		request.key = w.freshKey()
	}
	return request
}

func (w *matrixWorld) cell(t *testing.T, name string, request asked, who someone, want rune, p policy) {
	answer, err := w.plainly(request)
	if err != nil {
		t.Errorf("%s as %s: %v", name, who.name, err)
		return
	}
	if got := class(answer, p.Proof); got != want {
		t.Errorf("%s as %s: %c (%d %s), want %c: %.300s", name, who.name, got, answer.status, answer.Code, want, answer.raw)
		return
	}
	if want == allowed && p.Items != "" {
		for _, wrong := range shown[p.Items](w, name, who, p.roles(), answer) {
			t.Errorf("%s as %s %s", name, who.name, wrong)
		}
	}
}

// class reads the answer as a letter of the matrix; an answer that is none of
// them is '?'.
func class(answer answered, proof string) rune {
	switch {
	case answer.status < http.StatusBadRequest && proof == "":
		return allowed
	case proof != "" && strings.TrimSpace(fmt.Sprintf("%d %s", answer.status, answer.Code)) == proof:
		return allowed
	case answer.status == http.StatusNotFound:
		return hidden
	case answer.status == http.StatusForbidden:
		return denied
	case answer.status == http.StatusUnauthorized:
		return login
	}
	return '?'
}

// plainly is send without the check of every answer against the contract,
// which other tests do and which would take most of the time of this one.
func (w *matrixWorld) plainly(a asked) (answered, error) {
	request, err := http.NewRequest(a.method, w.http.URL+a.path, bodyOf(a.body))
	if err != nil {
		return answered{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	if a.media != "" {
		request.Header.Set("Content-Type", a.media)
	}
	request.Header.Set("Idempotency-Key", a.key)
	request.Header.Set("X-Linli-Page", "1")
	for name, value := range a.header {
		request.Header.Set(name, value)
	}
	if a.cookie != nil {
		request.AddCookie(a.cookie)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answered{}, err
	}
	defer response.Body.Close()
	answer := answered{status: response.StatusCode, header: response.Header}
	if answer.raw, err = io.ReadAll(response.Body); err != nil {
		return answer, err
	}
	var refused struct{ Code approval.Code }
	if answer.status >= http.StatusBadRequest && json.Unmarshal(answer.raw, &refused) == nil {
		answer.Code = refused.Code
	}
	return answer, nil
}
