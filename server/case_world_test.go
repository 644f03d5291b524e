package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/internal/envelope"
	"linli/internal/rulebook"
	"linli/server"
	"linli/store"
	"linli/store/storetest"
)

const bankSecret = "a secret between Linli and the bank"

// caseWorld is a world in which fund-use cases run: a fund with 20,000 yuan,
// a payee, a committee of three, the sample rules of Zhangdian, and everybody
// a case needs, signed in.
type caseWorld struct {
	*moneyWorld
	engine *engine
	who    map[string]string // bearer tokens
	payee  string
	keys   int
}

var cast = []struct {
	name  string
	role  approval.Role
	scope approval.Scope
}{
	{"mem1", approval.CommitteeMember, storetest.Community1},
	{"mem2", approval.CommitteeMember, storetest.Community1},
	{"mem3", approval.CommitteeMember, storetest.Community1},
	{"checker", approval.PaymentChecker, storetest.Zhangdian},
	{"objections", approval.ObjectionHandler, storetest.Chezhan},
	{"supervisor", approval.Supervisor, storetest.Community1},
	{"keeper", approval.RuleKeeper, storetest.Zhangdian},
	{"linzi", approval.Handler, storetest.LinziOne},
	{"deputy", approval.Handler, storetest.Community2},
}

func newCaseWorld(t *testing.T) *caseWorld {
	t.Helper()
	c := &caseWorld{moneyWorld: newMoneyWorld(t), who: map[string]string{}}
	worker := openAs(t, c.address.Worker)
	private, err := envelope.Generate()
	fatal(t, err)
	signer, err := envelope.NewSigner(private)
	fatal(t, err)
	verifier, err := envelope.NewVerifier(signer.Public())
	fatal(t, err)
	fatal(t, publishSamples(t.Context(), worker, c.now().AddDate(0, -1, 0)))
	c.engine = &engine{worker: worker, book: rulebook.New(worker), verifier: verifier, now: c.now, cases: map[string]*running{}, admitted: map[string]*admitted{}}
	c.http.Close()
	c.server, err = server.New(server.Config{
		PublicURL: "http://127.0.0.1", TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Records: c.store, Scoped: store.WithPerson, Bucket: c.bucket, Engine: c.engine, Signer: signer,
		Rules: rulebook.New(c.store), Gateway: funduse.Manual, BankSecret: []byte(bankSecret), Font: font(t), Now: c.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	fatal(t, err)
	c.http = httptest.NewServer(c.server.Handler())
	t.Cleanup(c.http.Close)
	c.furnish()
	return c
}

func (c *caseWorld) furnish() {
	c.t.Helper()
	for _, somebody := range cast {
		c.enter(somebody.name, somebody.scope, grant(somebody.role, somebody.scope))
	}
	for name, token := range map[string]*string{"handler": &c.handler, "officer": &c.officer, "cashier": &c.cashier} {
		*token = c.token(approval.Person{ID: "p_" + name})
		c.who[name] = *token
	}
	for _, year := range approval.ShippedCalendars() {
		fatal(c.t, c.store.PutCalendar(store.WithPerson(c.t.Context(), storetest.Root), year, storetest.Root.ID, c.now()))
	}
	c.write(c.officer, "POST", c.incomes(), newIncome(2_000_000)).want(c.t, 200, "")
	c.payee = c.write(c.handler, "POST", "/v1/payees", newPayee(accountNumber)).ID
	var members []map[string]any
	for i, seat := range []string{"chair", "resident", "party"} {
		members = append(members, map[string]any{"person_id": fmt.Sprintf("p_mem%d", i+1), "seats": []string{seat}, "reserve": false})
	}
	c.write(c.secretary, "PUT", "/v1/committees/370303001901", map[string]any{"version": 0, "members": members}).want(c.t, 200, "")
}

// enter creates a person with a token that outlives the case.
func (c *caseWorld) enter(name string, home approval.Scope, grants ...approval.Grant) {
	c.t.Helper()
	c.who[name] = c.token(storetest.Person(c.t, c.store, name, home, grants...))
}

func (c *caseWorld) token(person approval.Person) string {
	c.t.Helper()
	token, err := c.store.CreateToken(store.WithPerson(c.t.Context(), person), person.ID, "test", c.now().AddDate(0, 6, 0), c.now())
	fatal(c.t, err)
	return token.Secret
}

func (c *caseWorld) paper(scope approval.Scope, kind string) map[string]string {
	c.t.Helper()
	ctx := store.WithPerson(c.t.Context(), approval.Person{ID: "p_handler", Grants: []approval.Grant{{Role: approval.Handler, Scope: scope}}})
	added, err := c.store.AddAttachment(ctx, approval.Attachment{
		ID: c.store.NewAttachmentID(), Name: kind + ".pdf", MediaType: "application/pdf", Size: 10, SHA256: strings.Repeat("ab", 32), Scope: scope, Uploader: "p_handler",
	}, c.now())
	fatal(c.t, err)
	return map[string]string{"id": added.ID, "kind": kind}
}

func openAs(t *testing.T, dsn string) *store.Store {
	t.Helper()
	opened, err := store.Open(t.Context(), dsn)
	fatal(t, err)
	t.Cleanup(opened.Close)
	return opened
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *caseWorld) key() string {
	c.keys++
	return fmt.Sprintf("case-key-%05d", c.keys)
}

// proposal is one the sample rules pass without a higher approval, with papers
// of its own.
func (c *caseWorld) proposal() map[string]any {
	return map[string]any{
		"title": "端午邻里活动", "category": "event", "purpose": "组织端午包粽子活动，惠及老年居民。", "amount": 420_000,
		"lines":   []map[string]any{{"item": "物料", "amount": 300_000}, {"item": "场地布置", "amount": 120_000}},
		"fund_id": c.fund, "payee_id": c.payee, "beneficiaries": 120, "starts_on": "2026-06-01", "ends_on": "2026-06-20",
		"needs": []string{"need-31"}, "attachments": []map[string]string{c.paper(storetest.Community1, "application"), c.paper(storetest.Community1, "budget")},
	}
}

// opened starts a case and returns its id.
func (c *caseWorld) opened() string {
	c.t.Helper()
	answer := c.ask(asked{method: "POST", path: "/v1/fund-uses", body: c.proposal(), bearer: c.handler, key: c.key()})
	answer.want(c.t, 201, "")
	var started struct {
		CaseID string `json:"case_id"`
	}
	decode(c.t, answer, &started)
	if answer.header.Get("Location") != "/v1/cases/"+started.CaseID || started.CaseID == "" {
		c.t.Fatalf("started %q at %q", started.CaseID, answer.header.Get("Location"))
	}
	return started.CaseID
}

type taskSeen struct {
	ID          string   `json:"id"`
	CaseID      string   `json:"case_id"`
	Stage       string   `json:"stage"`
	Seat        string   `json:"seat"`
	Status      string   `json:"status"`
	Actions     []string `json:"actions"`
	ContentHash string   `json:"content_hash"`
	Mine        bool     `json:"mine"`
}

// inbox is what somebody is asked to do.
func (c *caseWorld) inbox(name string) []taskSeen {
	c.t.Helper()
	var page struct{ Items []taskSeen }
	decode(c.t, c.read(c.who[name], "/v1/tasks"), &page)
	return page.Items
}

// do acts on the first task in somebody's inbox.
func (c *caseWorld) do(name, action string, more map[string]any) answered {
	c.t.Helper()
	tasks := c.inbox(name)
	if len(tasks) == 0 {
		c.t.Fatalf("%s has no task", name)
	}
	return c.actOn(tasks[0], name, action, more)
}

func (c *caseWorld) actOn(task taskSeen, name, action string, more map[string]any) answered {
	c.t.Helper()
	body := map[string]any{"action": action, "content_hash": task.ContentHash}
	for field, value := range more {
		body[field] = value
	}
	return c.ask(asked{method: "POST", path: "/v1/tasks/" + task.ID + "/acts", body: body, bearer: c.who[name], key: c.key()})
}

// published plays a case up to its notice and returns the notice's id.
func (c *caseWorld) published() (caseID, noticeID string) {
	c.t.Helper()
	caseID = c.opened()
	for _, member := range []string{"mem1", "mem2"} {
		c.do(member, "approve", nil).want(c.t, 200, "")
	}
	c.do("officer", "approve", nil).want(c.t, 200, "")
	c.do("cashier", "approve", map[string]any{"form": map[string]any{"details": map[string]any{"bank_reference": "20260304-1"}}}).want(c.t, 200, "")
	c.do("checker", "approve", nil).want(c.t, 200, "")
	return caseID, c.noticeOf()
}

func (c *caseWorld) noticeOf() string {
	c.t.Helper()
	var page struct {
		Items []struct{ ID string }
	}
	decode(c.t, c.ask(asked{method: "GET", path: "/v1/public/notices"}), &page)
	if len(page.Items) == 0 {
		c.t.Fatal("no notice was published")
	}
	return page.Items[0].ID
}

func (c *caseWorld) ring(after time.Duration) {
	c.t.Helper()
	c.pass(after)
	fatal(c.t, c.engine.ring(context.Background()))
}
