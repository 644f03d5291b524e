package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"linli/approval"
	"linli/approval/funduse"
	"linli/standalone/e2e/stack"
)

// attempt is a request that must be refused, precisely and without effect.
type attempt struct {
	name   string
	as     string // "" is nobody
	method string
	path   string
	body   any
	key    string // "" takes a new one, "-" sends none
	status int
	code   approval.Code
	field  string
}

// TestBadInputs sends what malicious and careless people send. Each attempt is
// answered with one code, the field to blame and a sentence in both languages,
// changes nothing, and stays on record.
func TestBadInputs(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{})
	running := w.propose("zd", w.draft("zd", 20_000, "application", "budget"))
	w.act(running, deed{as: "zd-m1", stage: funduse.Committee, seat: "@zd-m1", do: approval.Approve})
	foreign := w.propose("lz", w.draft("lz", 20_000, "application", "budget"))
	w.task("lz-m1", foreign, funduse.Committee, "@lz-m1")

	var attempts []attempt
	for _, some := range [][]attempt{
		w.badProposals(), w.badScopes(), w.badRequests(), w.badActs(running, foreign), w.closedActs(), w.badMoney(), w.badRules(),
	} {
		attempts = append(attempts, some...)
	}
	refused := map[string]attempt{}
	for _, each := range attempts {
		t.Run(each.name, func(t *testing.T) {
			w := w.in(t)
			before := [2]glance{w.glance("zd", running), w.glance("lz", foreign)}
			refused[w.refuse(each)] = each
			if after := [2]glance{w.glance("zd", running), w.glance("lz", foreign)}; after != before {
				t.Errorf("something changed from %+v to %+v", before, after)
			}
		})
	}
	w.checkRefusals(refused)
}

// refuse makes the attempt, checks how it is refused and returns the request's
// id.
func (w *world) refuse(a attempt) string {
	w.t.Helper()
	if a.key == "" {
		a.key = w.key()
	}
	if a.key == "-" {
		a.key = ""
	}
	who := nobody(w.URL)
	if a.as != "" {
		who = w.as(a.as)
	}
	got, err := who.send(w.t.Context(), a.method, a.path, a.key, a.body)
	if err != nil {
		w.t.Fatal(err)
	}
	p := got.problem(w.t)
	if got.status != a.status || p.Status != a.status || p.Code != a.code || p.Field != a.field {
		w.t.Errorf("refused with %d %s at %q (%s), want %d %s at %q", got.status, p.Code, p.Field, p.DetailEN, a.status, a.code, a.field)
	}
	if !bilingual(p.DetailZH, p.DetailEN) {
		w.t.Errorf("said %q and %q, want a Chinese and an English sentence", p.DetailZH, p.DetailEN)
	}
	return p.RequestID
}

// bilingual: an English sentence may quote what is Chinese, but not begin so.
func bilingual(zh, en string) bool {
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	return strings.ContainsFunc(zh, han) && en != "" && en[0] >= 'A' && en[0] <= 'Z'
}

// checkRefusals: whoever was signed in is on record with what he tried.
func (w *world) checkRefusals(refused map[string]attempt) {
	w.t.Helper()
	type row struct {
		Actor     string        `json:"actor"`
		Code      approval.Code `json:"code"`
		Field     string        `json:"field"`
		Operation string        `json:"operation"`
		RequestID string        `json:"request_id"`
	}
	known := map[string]row{}
	for _, each := range all[row](w, "zb-auditor", "/v1/refusals?") {
		known[each.RequestID] = each
	}
	for id, a := range refused {
		found, kept := known[id]
		if a.as == "" {
			continue // nobody's scope: shown to nobody
		}
		if !kept || found.Code != a.code || found.Actor != w.id(a.as) || found.Field != a.field {
			w.t.Errorf("%s: on record is %+v", a.name, found)
		}
	}
}

// raw is a proposal with one member replaced by other JSON.
func raw(t testing.TB, p proposal, member, value string) []byte {
	t.Helper()
	whole, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(whole, &members); err != nil {
		t.Fatal(err)
	}
	text := []byte("{")
	for name, kept := range members {
		if name != member {
			text = fmt.Appendf(text, "%q:%s,", name, kept)
		}
	}
	return fmt.Appendf(text, "%q:%s}", member, value)
}

func (w *world) badProposals() []attempt {
	good := w.draft("zd", 20_000, "application", "budget")
	with := func(member, value string) []byte { return raw(w.t, good, member, value) }
	tries := []attempt{
		{name: "unknown field", body: with("bonus", "1"), field: "bonus"},
		{name: "amount as text", body: with("amount", `"20000"`), field: "amount"},
		{name: "amount null", body: with("amount", "null"), field: "amount"},
		{name: "amount with a fraction", body: with("amount", "20000.5"), field: "amount"},
		{name: "amount negative", body: with("amount", "-20000"), field: "amount"},
		{name: "amount zero", body: with("amount", "0"), field: "amount"},
		{name: "amount above the limit", body: with("amount", "9223372036854775807"), field: "amount"},
		{name: "amount beyond 64 bits", body: with("amount", "9223372036854775808"), field: "amount"},
		{name: "amount beyond every number", body: with("amount", "1e999"), field: "amount"},
		{name: "budget line negative", body: with("lines", `[{"item":"甲","amount":40000},{"item":"乙","amount":-20000}]`), field: "lines/1/amount"},
		{name: "budget lines overflow", body: with("lines", `[{"item":"甲","amount":9223372036854775807},{"item":"乙","amount":9223372036854775807}]`), field: "lines/0/amount"},
		{name: "budget does not add up", body: with("lines", `[{"item":"甲","amount":19999}]`), field: "lines"},
		{name: "budget line with an unknown field", body: with("lines", `[{"item":"甲","amount":20000,"vat":1}]`), field: "lines/0/vat"},
		{name: "no budget lines", body: with("lines", "[]"), field: "lines"},
		{name: "unknown category", body: with("category", `"party"`), field: "category"},
		{name: "no such day", body: with("starts_on", `"2026-02-30"`), field: "starts_on"},
		{name: "ends before it starts", body: with("ends_on", `"2020-01-01"`), field: "ends_on"},
		{name: "blank title", body: with("title", `"  "`), field: "title"},
		{name: "beneficiaries as a list", body: with("beneficiaries", "[1]"), field: "beneficiaries"},
	}
	for i := range tries {
		tries[i].as, tries[i].method, tries[i].path = "zd-handler", "POST", "/v1/fund-uses"
		tries[i].status, tries[i].code = http.StatusUnprocessableEntity, approval.Invalid
	}
	return tries
}

// badScopes name what belongs to another district, or to another office.
func (w *world) badScopes() []attempt {
	good := w.draft("zd", 20_000, "application", "budget")
	foreignFund, foreignPayee, foreignPaper, twice := good, good, good, good
	foreignFund.FundID = w.places["lz"].fund
	foreignPayee.PayeeID = w.places["lz"].payees["lz-shop"]
	foreignPaper.Attachments = w.papers("lz", "budget")
	twice.Attachments = []paper{good.Attachments[0], good.Attachments[0]}
	tries := []attempt{
		{name: "fund of another district", body: foreignFund, status: http.StatusNotFound, code: approval.NotFound, field: "fund_id"},
		{name: "payee of another district", body: foreignPayee, status: http.StatusNotFound, code: approval.NotFound, field: "payee_id"},
		{name: "paper of another district", body: foreignPaper, status: http.StatusNotFound, code: approval.NotFound, field: "attachments/0/id"},
		{name: "paper named twice", body: twice, status: http.StatusUnprocessableEntity, code: approval.Invalid, field: "attachments/1/id"},
		{name: "a member proposes", as: "zd-m1", body: good, status: http.StatusForbidden, code: approval.Forbidden},
	}
	for i := range tries {
		if tries[i].as == "" {
			tries[i].as = "zd-handler"
		}
		tries[i].method, tries[i].path = "POST", "/v1/fund-uses"
	}
	return tries
}

// badRequests are wrong before anybody looks at what they ask for.
func (w *world) badRequests() []attempt {
	good := w.draft("zd", 20_000, "application", "budget")
	whole, err := json.Marshal(good)
	if err != nil {
		w.t.Fatal(err)
	}
	const path = "/v1/fund-uses"
	first := attempt{method: "POST", path: path, as: "zd-handler", key: w.key()}
	w.settled(first.as, w.write(first.as, first.method, first.path, first.key, good)).into(w.t, new(struct{}))
	other := good
	other.Title = "另一事项（示例）"
	huge := bytes.Repeat([]byte("甲"), 700_000)
	return []attempt{
		{name: "two megabytes", as: "zd-handler", method: "POST", path: path, body: huge, status: http.StatusRequestEntityTooLarge, code: approval.TooLarge},
		{name: "broken off", as: "zd-handler", method: "POST", path: path, body: whole[:len(whole)-9], status: http.StatusUnprocessableEntity, code: approval.Invalid},
		{name: "something behind it", as: "zd-handler", method: "POST", path: path, body: append(whole[:len(whole):len(whole)], "{}"...), status: http.StatusUnprocessableEntity, code: approval.Invalid},
		{name: "no key", as: "zd-handler", method: "POST", path: path, body: good, key: "-", status: http.StatusBadRequest, code: approval.KeyMissing, field: "Idempotency-Key"},
		{name: "key too short", as: "zd-handler", method: "POST", path: path, body: good, key: "abc", status: http.StatusUnprocessableEntity, code: approval.Invalid, field: "Idempotency-Key"},
		{name: "same key, other body", as: "zd-handler", method: "POST", path: path, body: other, key: first.key, status: http.StatusUnprocessableEntity, code: approval.KeyReused},
		{name: "nobody", method: "POST", path: path, body: good, status: http.StatusUnauthorized, code: approval.Unauthenticated},
		{name: "fund of another district read", as: "zd-handler", method: "GET", path: "/v1/funds/" + w.places["lz"].fund, status: http.StatusNotFound, code: approval.NotFound},
		{name: "endless list", as: "zd-handler", method: "GET", path: "/v1/cases?limit=100000", status: http.StatusUnprocessableEntity, code: approval.Invalid, field: "limit"},
		{name: "made-up cursor", as: "zd-handler", method: "GET", path: "/v1/cases?cursor=" + url.QueryEscape("';--"), status: http.StatusUnprocessableEntity, code: approval.Invalid, field: "cursor"},
	}
}
