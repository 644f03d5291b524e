package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store"
	"linli/store/storetest"
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
	address     storetest.Address
	charity     funduse.RegisteredCharity
	fund        funduse.Fund
	payee       funduse.RegisteredPayee
}

func openBooks(t testing.TB) *books {
	t.Helper()
	ctx := context.Background()
	b := &books{t: t, address: storetest.Database(t)}
	b.populate(ctx)
	sealer, err := store.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	b.api, b.worker = b.open(b.address.API, sealer), b.open(b.address.Worker, sealer)
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
	if _, err := b.asOwner().Exec(ctx, `INSERT INTO persons (id, name, scope, created_at, created_by)
		SELECT 'p_' || n, '委员' || n, $1, now(), 'test' FROM generate_series(1, 9) AS n`, string(community)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) open(dsn string, sealer *store.Sealer) *store.Store {
	b.t.Helper()
	opened := must(store.Open(context.Background(), dsn+"&pool_max_conns=8"))(b.t)
	b.t.Cleanup(opened.Close)
	return opened.Sealing(sealer)
}

// conn is a bare connection, closed with the test.
func (b *books) conn(dsn string) *pgx.Conn {
	b.t.Helper()
	conn := must(pgx.Connect(context.Background(), dsn))(b.t)
	b.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func (b *books) asWorker() *pgx.Conn { return b.conn(b.address.Worker) }

func (b *books) asOwner() *pgx.Conn { return b.conn(b.address.Owner) }

// asAPI is a bare connection of the API's role that names its grants itself.
func (b *books) asAPI(grants string) *pgx.Conn {
	conn := b.conn(b.address.API)
	if _, err := conn.Exec(context.Background(), `SELECT set_config('linli.person', 'p_9', false), set_config('linli.grants', $1, false)`, grants); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// as is a context of a person with one role at one node.
func (b *books) as(role approval.Role, scope approval.Scope) context.Context {
	return store.WithPerson(context.Background(), approval.Person{ID: "p_9", Grants: []approval.Grant{{Role: role, Scope: scope}}})
}

func (b *books) openFund(scope approval.Scope) funduse.Fund { return b.openFundAt(scope, noon) }

func (b *books) openFundAt(scope approval.Scope, at time.Time) funduse.Fund {
	b.t.Helper()
	return must(b.api.OpenFund(b.as(approval.CharityOfficer, district), funduse.NewFund{
		Scope: scope, Name: "淄博市慈善总会社区慈善基金", CharityID: b.charity.ID, AgreementNo: "XY-2026-001", Households: 2400,
	}, "open:"+string(scope), "p_9", at))(b.t)
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
