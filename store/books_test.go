package store_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/funduse"
	"linli/internal/pg/pgtest"
	"linli/store"
)

const (
	city      = approval.Scope("370300")
	district  = approval.Scope("370300/370303")
	community = approval.Scope("370300/370303/370303001/370303001901")
	neighbour = approval.Scope("370300/370303/370303001/370303001902")
)

// noon is when the tests begin to book: a Wednesday in Shanghai.
var noon = time.Date(2026, 3, 4, 4, 0, 0, 0, time.UTC)

// books is a migrated database with two communities, their people, a charity
// and one fund, reached through both app roles and in bare SQL.
type books struct {
	t           testing.TB
	api, worker *store.Store
	ownerDSN    string
	charity     funduse.RegisteredCharity
	fund        funduse.Fund
	payee       funduse.RegisteredPayee
}

func openBooks(t testing.TB) *books {
	t.Helper()
	ctx := context.Background()
	b := &books{t: t, ownerDSN: pgtest.Database(t)}
	if err := store.Migrate(ctx, b.ownerDSN, store.Passwords{API: "api-secret", Worker: "worker-secret"}); err != nil {
		t.Fatal(err)
	}
	b.populate(ctx)
	sealer, err := store.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	b.api, b.worker = b.open(store.APIRole, "api-secret", sealer), b.open(store.WorkerRole, "worker-secret", sealer)
	b.charity = must(b.api.RegisterCharity(b.as(approval.Administrator, city), funduse.NewCharity{
		Scope: city, Name: "淄博市慈善总会", CreditCode: "513703005045678901", PublicFundraising: true,
	}, "p_admin", noon))(t)
	b.fund = b.openFund(community)
	b.payee = must(b.api.RegisterPayee(b.as(approval.Handler, community), funduse.NewPayee{
		Scope: community, Name: "张店区惠民维修部", Bank: "中国银行淄博分行", Account: "6217001234567890",
	}, "p_handler", noon))(t)
	return b
}

// must stops the test on an error.
func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func (b *books) populate(ctx context.Context) {
	conn := b.conn(b.ownerDSN)
	for _, statement := range []string{
		`INSERT INTO scopes (path, parent, name_zh, created_at, created_by) VALUES
			('370300', NULL, '淄博市', now(), 'test'), ('370300/370303', '370300', '张店区', now(), 'test'),
			('370300/370303/370303001', '370300/370303', '马尚街道', now(), 'test'),
			('370300/370303/370303001/370303001901', '370300/370303/370303001', '齐悦社区', now(), 'test'),
			('370300/370303/370303001/370303001902', '370300/370303/370303001', '康平社区', now(), 'test')`,
		`INSERT INTO persons (id, name, scope, created_at, created_by)
			SELECT 'p_' || n, '委员' || n, '370300/370303/370303001/370303001901', now(), 'test' FROM generate_series(1, 9) AS n`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *books) open(role, password string, sealer *store.Sealer) *store.Store {
	b.t.Helper()
	opened := must(store.Open(context.Background(), b.dsn(role, password)+"&pool_max_conns=8"))(b.t)
	b.t.Cleanup(opened.Close)
	return opened.Sealing(sealer)
}

func (b *books) dsn(role, password string) string {
	address := must(url.Parse(b.ownerDSN))(b.t)
	address.User = url.UserPassword(role, password)
	query := address.Query()
	query.Set("sslmode", "disable")
	address.RawQuery = query.Encode()
	return address.String()
}

// conn is a bare connection, closed with the test.
func (b *books) conn(dsn string) *pgx.Conn {
	b.t.Helper()
	conn := must(pgx.Connect(context.Background(), dsn))(b.t)
	b.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func (b *books) asWorker() *pgx.Conn { return b.conn(b.dsn(store.WorkerRole, "worker-secret")) }

func (b *books) asOwner() *pgx.Conn { return b.conn(b.ownerDSN) }

// asAPI is a bare connection of the API's role that names its grants itself.
func (b *books) asAPI(grants string) *pgx.Conn {
	conn := b.conn(b.dsn(store.APIRole, "api-secret"))
	if _, err := conn.Exec(context.Background(), `SELECT set_config('linli.person', 'p_9', false), set_config('linli.grants', $1, false)`, grants); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// as is a context of a person with one role at one node.
func (b *books) as(role approval.Role, scope approval.Scope) context.Context {
	return store.WithPerson(context.Background(), approval.Person{ID: "p_9", Grants: []approval.Grant{{Role: role, Scope: scope}}})
}

func (b *books) openFund(scope approval.Scope) funduse.Fund {
	b.t.Helper()
	return must(b.api.OpenFund(b.as(approval.CharityOfficer, district), funduse.NewFund{
		Scope: scope, Name: "淄博市慈善总会社区慈善基金", CharityID: b.charity.ID, AgreementNo: "XY-2026-001", Households: 2400,
	}, "open:"+string(scope), "p_9", noon))(b.t)
}

// donate books a resident's donation and returns it.
func (b *books) donate(key string, amount approval.Fen, at time.Time) funduse.Income {
	b.t.Helper()
	return must(b.api.AddIncome(b.as(approval.CharityOfficer, district), funduse.IncomeOrder{
		FundID: b.fund.ID, Key: key, By: "p_9", At: at, Income: donation(amount),
	}))(b.t)
}

func donation(amount approval.Fen) funduse.NewIncome {
	return funduse.NewIncome{
		Kind: funduse.ResidentDonation, Amount: amount, Payer: "王秀英", ReceivedOn: "2026-03-04",
		Receipt: funduse.Receipt{Item: "社区基金捐款", IssuedOn: "2026-03-04", Absence: funduse.Waived, Reason: "捐赠人放弃票据"},
	}
}

// sound fails the test unless the books agree with themselves.
func (b *books) sound() {
	b.t.Helper()
	if differences := must(b.worker.Reconcile(context.Background()))(b.t); len(differences) > 0 {
		b.t.Errorf("the books differ: %+v", differences)
	}
}

// balance reads the fund as the officer sees it.
func (b *books) balance() funduse.Balance {
	b.t.Helper()
	return must(b.api.Fund(b.as(approval.CharityOfficer, district), b.fund.ID))(b.t).Balance
}

var wholePage = approval.Page{Limit: 100}

// pay takes a case through reserve, send and settle.
func pay(t testing.TB, b *books, caseID string, amount approval.Fen) {
	t.Helper()
	ctx := context.Background()
	for _, err := range []error{
		b.worker.Reserve(ctx, funduse.ReserveOrder{CaseID: caseID, Key: caseID + "/r", FundID: b.fund.ID, Amount: amount, At: noon}),
		b.worker.SendPayment(ctx, funduse.SendOrder{CaseID: caseID, Key: caseID + "/p", Amount: amount, PayeeID: b.payee.ID, At: noon}),
		b.worker.SettlePayment(ctx, funduse.SettleOrder{CaseID: caseID, Key: caseID + "/p", BankReference: "BR-" + caseID, Gateway: "manual", At: noon}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}
