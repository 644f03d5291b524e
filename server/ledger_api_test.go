package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/server"
	"linli/store"
	"linli/store/storetest"
)

// moneyWorld is a world with a charity, a fund in community 1 and the people
// around it, each with a token: hashing a password per person would take most
// of the test's time.
type moneyWorld struct {
	*world
	admin, officer, handler, secretary, member, stranger, cashier string // bearer tokens
	charity, fund                                                 string
}

func newMoneyWorld(t *testing.T) *moneyWorld {
	t.Helper()
	m := &moneyWorld{world: newWorld(t)}
	sealer, err := store.NewSealer([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	m.http.Close()
	m.store = m.store.Sealing(sealer)
	m.server, err = server.New(server.Config{
		PublicURL: "http://127.0.0.1", Records: m.store, Scoped: store.WithPerson, Bucket: m.bucket,
		Now: m.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	m.http = httptest.NewServer(m.server.Handler())
	t.Cleanup(m.http.Close)
	m.people()
	m.charity = m.write(m.admin, "POST", "/v1/charities", map[string]any{
		"scope": storetest.City, "name": "淄博市慈善总会", "credit_code": "513703005045678901", "public_fundraising": true,
	}).ID
	m.fund = m.write(m.officer, "POST", "/v1/funds", m.newFund(storetest.Community1)).ID
	if m.fund == "" {
		t.Fatal("no fund was opened")
	}
	return m
}

func (m *moneyWorld) people() {
	for _, somebody := range []struct {
		name  string
		role  approval.Role
		scope approval.Scope
		token *string
	}{
		{"admin", approval.Administrator, storetest.City, &m.admin},
		{"officer", approval.CharityOfficer, storetest.Zhangdian, &m.officer},
		{"handler", approval.Handler, storetest.Community1, &m.handler},
		{"secretary", approval.Secretary, storetest.Community1, &m.secretary},
		{"member", approval.CommitteeMember, storetest.Community1, &m.member},
		{"cashier", approval.Cashier, storetest.Zhangdian, &m.cashier},
		{"stranger", approval.CharityOfficer, storetest.Linzi, &m.stranger},
	} {
		person := storetest.Person(m.t, m.store, somebody.name, somebody.scope, grant(somebody.role, somebody.scope))
		token, err := m.store.CreateToken(store.WithPerson(context.Background(), person), person.ID, "test", m.now().Add(24*time.Hour), m.now())
		if err != nil {
			m.t.Fatal(err)
		}
		*somebody.token = token.Secret
	}
}

func (m *moneyWorld) newFund(scope approval.Scope) map[string]any {
	return map[string]any{"scope": scope, "name": "社区慈善基金", "charity_id": m.charity, "agreement_no": "XY-1", "households": 2400}
}

var nextKey int

// write sends a keyed write under a key of its own.
func (m *moneyWorld) write(who string, method, path string, body any) answered {
	m.t.Helper()
	nextKey++
	return m.ask(asked{method: method, path: path, body: body, bearer: who, key: fmt.Sprintf("money-key-%05d", nextKey)})
}

func (m *moneyWorld) read(who string, path string) answered {
	m.t.Helper()
	return m.ask(asked{method: "GET", path: path, bearer: who})
}

func newIncome(amount any) map[string]any {
	return map[string]any{
		"kind": "resident_donation", "amount": amount, "payer": "王秀英", "received_on": "2026-03-04",
		"receipt": map[string]any{"item": "社区基金捐款", "code": "37010124", "number": fmt.Sprintf("%v", time.Now().UnixNano()), "issued_on": "2026-03-04"},
	}
}

func (m *moneyWorld) incomes() string { return "/v1/funds/" + m.fund + "/incomes" }

func TestIncomeIsBookedShownAndReversed(t *testing.T) {
	m := newMoneyWorld(t)
	booked := m.write(m.officer, "POST", m.incomes(), newIncome(1_234_567))
	booked.want(t, 200, "")
	var income struct {
		ID, AmountYuan, AmountCapital string
		Yuan                          string `json:"amount_yuan"`
		Capital                       string `json:"amount_capital"`
	}
	decode(t, booked, &income)
	if income.Yuan != "12,345.67" || income.Capital != "壹万贰仟叁佰肆拾伍元陆角柒分" {
		t.Errorf("shown as %q, %q", income.Yuan, income.Capital)
	}
	m.wantTotal(1_234_567)
	m.write(m.officer, "POST", "/v1/incomes/"+income.ID+"/reversal", map[string]any{"reason": "  "}).want(t, 422, approval.CommentRequired)
	m.write(m.officer, "POST", "/v1/incomes/"+income.ID+"/reversal", map[string]any{"reason": "重复入账"}).want(t, 200, "")
	m.wantTotal(0)
	m.write(m.officer, "POST", "/v1/incomes/"+income.ID+"/reversal", map[string]any{"reason": "再次冲正"}).want(t, 409, approval.Conflict)
	var entries struct {
		Items []struct {
			Number int64
			Kind   string
		}
	}
	decode(t, m.read(m.member, "/v1/funds/"+m.fund+"/entries"), &entries)
	if len(entries.Items) != 2 || entries.Items[0].Kind != "reversal" || entries.Items[1].Number != 1 {
		t.Errorf("entries: %+v", entries)
	}
}

func (m *moneyWorld) wantTotal(amount int64) {
	m.t.Helper()
	var balance struct{ Total struct{ Amount int64 } }
	decode(m.t, m.read(m.member, "/v1/funds/"+m.fund+"/balance"), &balance)
	if balance.Total.Amount != amount {
		m.t.Errorf("the fund holds %d fen, want %d", balance.Total.Amount, amount)
	}
}

func TestAmountsThatAreNone(t *testing.T) {
	m := newMoneyWorld(t)
	for name, amount := range map[string]string{
		"negative": `-1`, "zero": `0`, "over the limit": `10000000000001`, "over int64": `9223372036854775808`, "huge": `1e400`,
		"float": `12.5`, "whole float": `12.0`, "exponent": `1e3`, "string": `"100"`, "null": `null`, "list": `[1]`, "bool": `true`,
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"kind":"resident_donation","amount":` + amount + `,"payer":"王秀英","received_on":"2026-03-04","receipt":{"item":"捐款","issued_on":"2026-03-04","absence":"waived","reason":"放弃"}}`
			m.write(m.officer, "POST", m.incomes(), body).want(t, 422, approval.Invalid)
		})
	}
	m.wantTotal(0)
}

func TestIncomesThatDoNotFit(t *testing.T) {
	m := newMoneyWorld(t)
	for name, c := range map[string]struct {
		change map[string]any
		field  string
	}{
		"unknown kind":                  {map[string]any{"kind": "lottery"}, "kind"},
		"tomorrow":                      {map[string]any{"received_on": "2026-03-05"}, "received_on"},
		"no such day":                   {map[string]any{"received_on": "2026-02-30"}, "received_on"},
		"no payer":                      {map[string]any{"payer": ""}, "payer"},
		"anonymous with a name":         {map[string]any{"anonymous": true}, "payer"},
		"anonymous operator":            {map[string]any{"anonymous": true, "payer": "", "kind": "operator_share"}, "anonymous"},
		"anonymous with a receipt":      {map[string]any{"anonymous": true, "payer": ""}, "receipt/absence"},
		"directed without purpose":      {map[string]any{"kind": "directed_donation"}, "earmark"},
		"purpose without direction":     {map[string]any{"earmark": map[string]any{"purpose": "敬老", "categories": []string{}}}, "earmark"},
		"category twice":                {map[string]any{"kind": "directed_donation", "earmark": map[string]any{"purpose": "敬老", "categories": []string{"visit", "visit"}}}, "earmark/categories"},
		"receipt without number":        {map[string]any{"receipt": map[string]any{"item": "捐款", "issued_on": "2026-03-04"}}, "receipt/code"},
		"no receipt and no reason":      {map[string]any{"receipt": map[string]any{"item": "捐款", "issued_on": "2026-03-04", "absence": "waived"}}, "receipt/reason"},
		"waived but numbered":           {map[string]any{"receipt": map[string]any{"item": "捐款", "issued_on": "2026-03-04", "absence": "waived", "reason": "放弃", "code": "1", "number": "2"}}, "receipt/code"},
		"credit code of the wrong kind": {map[string]any{"payer_credit_code": "123"}, "payer_credit_code"},
	} {
		t.Run(name, func(t *testing.T) {
			body := newIncome(100)
			for field, value := range c.change {
				body[field] = value
			}
			answer := m.write(m.officer, "POST", m.incomes(), body)
			answer.want(t, 422, approval.Invalid)
			if answer.Field != c.field {
				t.Errorf("blames %q, want %q", answer.Field, c.field)
			}
		})
	}
	m.wantTotal(0)
}

func TestAReceiptNumberIsUsedOnce(t *testing.T) {
	m := newMoneyWorld(t)
	body := newIncome(100)
	m.write(m.officer, "POST", m.incomes(), body).want(t, 200, "")
	m.write(m.officer, "POST", m.incomes(), body).want(t, 409, approval.Conflict)
	m.wantTotal(100)
}

// A fund outside one's scope is absent, not forbidden: nobody learns that it
// exists. Inside one's scope, the role decides.
func TestAHiddenFundIsAbsent(t *testing.T) {
	m := newMoneyWorld(t)
	income := m.write(m.officer, "POST", m.incomes(), newIncome(100))
	income.want(t, 200, "")
	for _, path := range []string{"", "/balance", "/entries", "/incomes"} {
		m.read(m.stranger, "/v1/funds/"+m.fund+path).want(t, 404, approval.NotFound)
		m.read(m.stranger, "/v1/funds/f_none"+path).want(t, 404, approval.NotFound)
	}
	m.write(m.stranger, "POST", m.incomes(), newIncome(100)).want(t, 404, approval.NotFound)
	m.write(m.stranger, "POST", "/v1/incomes/"+income.ID+"/reversal", map[string]any{"reason": "误记"}).want(t, 404, approval.NotFound)
	if found := m.read(m.stranger, "/v1/funds"); len(found.Items) != 0 {
		t.Errorf("the stranger lists %s", found.raw)
	}
	m.write(m.handler, "POST", m.incomes(), newIncome(100)).want(t, 403, approval.Forbidden)
	m.read(m.handler, m.incomes()).want(t, 403, approval.Forbidden)
	m.read(m.secretary, m.incomes()).want(t, 200, "")
	m.ask(asked{method: "GET", path: "/v1/funds"}).want(t, 401, approval.Unauthenticated)
	m.wantTotal(100)
}

func TestOpeningAFund(t *testing.T) {
	m := newMoneyWorld(t)
	m.write(m.officer, "POST", "/v1/funds", m.newFund(storetest.Community1)).want(t, 409, approval.Conflict)
	m.write(m.officer, "POST", "/v1/funds", m.newFund(storetest.LinziOne)).want(t, 403, approval.Forbidden)
	m.write(m.officer, "POST", "/v1/funds", m.newFund(storetest.Zhangdian)).want(t, 422, approval.Invalid)
	m.write(m.handler, "POST", "/v1/funds", m.newFund(storetest.Community1)).want(t, 403, approval.Forbidden)
	unqualified := m.write(m.admin, "POST", "/v1/charities", map[string]any{
		"scope": storetest.City, "name": "某商会", "credit_code": "513703005045678902", "public_fundraising": false,
	})
	body := m.newFund(storetest.Community2)
	body["charity_id"] = unqualified.ID
	answer := m.write(m.officer, "POST", "/v1/funds", body)
	answer.want(t, 422, approval.Invalid)
	if answer.Field != "charity_id" {
		t.Errorf("blames %q", answer.Field)
	}
	body = m.newFund(storetest.Community2)
	body["opening_amount"] = 8_800_000
	opened := m.write(m.officer, "POST", "/v1/funds", body)
	opened.want(t, 200, "")
	m.fund = opened.ID
	var fund struct {
		Balance struct{ Available struct{ Amount int64 } }
	}
	decode(t, opened, &fund)
	if fund.Balance.Available.Amount != 8_800_000 {
		t.Errorf("opened with %+v", fund)
	}
}

func TestBalanceOfThePast(t *testing.T) {
	m := newMoneyWorld(t)
	m.write(m.officer, "POST", m.incomes(), newIncome(100)).want(t, 200, "")
	between := m.now().Add(time.Minute)
	m.pass(10 * time.Minute)
	m.write(m.officer, "POST", m.incomes(), newIncome(50)).want(t, 200, "")
	path := "/v1/funds/" + m.fund + "/balance?at="
	var balance struct{ Total struct{ Amount int64 } }
	decode(t, m.read(m.member, path+between.UTC().Format(time.RFC3339)), &balance)
	if balance.Total.Amount != 100 {
		t.Errorf("a minute after the first income: %+v", balance)
	}
	m.wantTotal(150)
	m.read(m.member, path+m.now().Add(time.Hour).UTC().Format(time.RFC3339)).want(t, 422, approval.Invalid)
	m.read(m.member, path+"yesterday").want(t, 422, approval.Invalid)
}

func TestEntriesAreReadPageByPage(t *testing.T) {
	m := newMoneyWorld(t)
	for i := range 5 {
		m.write(m.officer, "POST", m.incomes(), newIncome(i+1)).want(t, 200, "")
	}
	var numbers []int64
	path := "/v1/funds/" + m.fund + "/entries?limit=2"
	for next := path; ; {
		answer := m.read(m.member, next)
		answer.want(t, 200, "")
		var page struct{ Items []struct{ Number int64 } }
		decode(t, answer, &page)
		for _, item := range page.Items {
			numbers = append(numbers, item.Number)
		}
		if answer.Next == "" {
			break
		}
		next = path + "&cursor=" + answer.Next
	}
	if fmt.Sprint(numbers) != "[5 4 3 2 1]" {
		t.Errorf("entries came as %v", numbers)
	}
	m.read(m.member, path+"&cursor=nonsense").want(t, 422, approval.Invalid)
}

func newPayee(account string) map[string]any {
	return map[string]any{"scope": storetest.Community1, "name": "惠民维修部", "bank": "中国银行淄博分行", "account": account}
}

const accountNumber = "6217001234567890"

func TestAnAccountNumberGoesInAndNeverOut(t *testing.T) {
	m := newMoneyWorld(t)
	registered := m.write(m.handler, "POST", "/v1/payees", newPayee(accountNumber))
	registered.want(t, 200, "")
	for _, answer := range []answered{registered, m.read(m.cashier, "/v1/payees"), m.read(m.officer, "/v1/payees/"+registered.ID)} {
		if !strings.Contains(string(answer.raw), "**** 7890") || strings.Contains(string(answer.raw), accountNumber[:12]) {
			t.Errorf("answered %s", answer.raw)
		}
	}
	m.write(m.handler, "POST", "/v1/payees", newPayee(accountNumber)).want(t, 409, approval.Conflict)
	m.write(m.handler, "POST", "/v1/payees", newPayee("62170012345678x0")).want(t, 422, approval.Invalid)
	m.write(m.officer, "POST", "/v1/payees", newPayee("6217001234567891")).want(t, 403, approval.Forbidden)
	m.read(m.stranger, "/v1/payees/"+registered.ID).want(t, 404, approval.NotFound)
	if _, err := m.store.PayeeAccount(store.WithPerson(context.Background(), storetest.Root), registered.ID); approval.CodeOf(err) != approval.Forbidden {
		t.Errorf("the API's role opened an account number: %v", err)
	}
}

// The key of a registration is bound to the whole account number, though only
// its last digits are ever shown.
func TestTheKeyOfAPayeeIsBoundToItsAccount(t *testing.T) {
	m := newMoneyWorld(t)
	request := asked{method: "POST", path: "/v1/payees", bearer: m.handler, key: "payee-key-1", body: newPayee(accountNumber)}
	m.ask(request).want(t, 200, "")
	if again := m.ask(request); again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the repetition was not recognised: %s", again.raw)
	}
	request.body = newPayee("6217009994567890")
	m.ask(request).want(t, 422, approval.KeyReused)
}

func TestDeclaringAnInterest(t *testing.T) {
	m := newMoneyWorld(t)
	path := "/v1/payees/" + m.write(m.handler, "POST", "/v1/payees", newPayee(accountNumber)).ID + "/interests"
	m.write(m.member, "POST", path, map[string]any{"relation": "spouse"}).want(t, 200, "")
	m.write(m.member, "POST", path, map[string]any{"relation": "spouse"}).want(t, 409, approval.Conflict)
	m.write(m.member, "POST", path, map[string]any{"relation": "other"}).want(t, 422, approval.Invalid)
	m.write(m.member, "POST", path, map[string]any{"person_id": "p_secretary", "relation": "self"}).want(t, 403, approval.Forbidden)
	m.write(m.handler, "POST", path, map[string]any{"person_id": "p_secretary", "relation": "relative"}).want(t, 200, "")
	m.write(m.handler, "POST", path, map[string]any{"person_id": "p_nobody", "relation": "relative"}).want(t, 422, approval.Invalid)
	m.write(m.stranger, "POST", path, map[string]any{"relation": "self"}).want(t, 404, approval.NotFound)
}

func TestTheCommitteeIsReplacedWhole(t *testing.T) {
	m := newMoneyWorld(t)
	const path = "/v1/committees/370303001901"
	members := func(reserve bool, ids ...string) []map[string]any {
		var list []map[string]any
		for i, id := range ids {
			list = append(list, map[string]any{"person_id": "p_" + id, "seats": []string{"resident"}, "reserve": reserve && i == len(ids)-1})
		}
		return list
	}
	three := members(false, "member", "secretary", "handler")
	m.write(m.secretary, "PUT", path, map[string]any{"version": 0, "members": three[:2]}).want(t, 409, approval.TooFewEligible)
	m.write(m.secretary, "PUT", path, map[string]any{"version": 0, "members": members(true, "member", "secretary", "handler")}).want(t, 409, approval.TooFewEligible)
	m.write(m.secretary, "PUT", path, map[string]any{"version": 0, "members": members(false, "member", "member", "handler")}).want(t, 422, approval.Invalid)
	m.write(m.secretary, "PUT", path, map[string]any{"version": 0, "members": members(false, "member", "nobody", "handler")}).want(t, 422, approval.Invalid)
	m.write(m.secretary, "PUT", path, map[string]any{"version": 0, "members": three}).want(t, 200, "")
	m.write(m.secretary, "PUT", path, map[string]any{"version": 0, "members": three}).want(t, 409, approval.StaleContent)
	m.write(m.handler, "PUT", path, map[string]any{"version": 1, "members": three}).want(t, 403, approval.Forbidden)
	m.write(m.secretary, "PUT", "/v1/committees/370303001902", map[string]any{"version": 0, "members": three}).want(t, 404, approval.NotFound)
	m.read(m.stranger, path).want(t, 404, approval.NotFound)
	m.read(m.member, "/v1/committees/370303001").want(t, 404, approval.NotFound)
	var standing struct {
		Version int
		Members []struct{ Name string }
	}
	decode(t, m.read(m.member, path), &standing)
	if standing.Version != 1 || len(standing.Members) != 3 || standing.Members[0].Name != "member" {
		t.Errorf("the committee reads %+v", standing)
	}
}
