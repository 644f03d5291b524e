package activities_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"linli/activities"
	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
)

// counter is a bank that gives scripted answers and keeps every order.
type counter struct {
	orders  []bank.Order
	pays    answer
	answers answer
}

type answer struct {
	receipt bank.Receipt
	err     error
}

func (c *counter) Pay(_ context.Context, o bank.Order) (bank.Receipt, error) {
	c.orders = append(c.orders, o)
	return c.pays.receipt, c.pays.err
}

func (c *counter) Query(context.Context, string) (bank.Receipt, error) {
	return c.answers.receipt, c.answers.err
}

// accounts opens two accounts, or fails.
type accounts struct{ err error }

func (a accounts) PayeeAccount(context.Context, string) (funduse.PayeeAccount, error) {
	account, err := funduse.ParseAccount("6222020000001234")
	return funduse.PayeeAccount{Name: "示范商行", Bank: "示范银行", Account: account}, errors.Join(err, a.err)
}

func (a accounts) PayerAccount(context.Context, string) (string, error) { return "37030000000001", nil }

var request = activities.PaymentRequest{Key: "c1/payment/1", CaseID: "c1", FundID: "f1", PayeeID: "p1", Amount: 420_000, Purpose: "示范活动"}

func receipt(status bank.Status, amount int64) bank.Receipt {
	return bank.Receipt{Key: request.Key, Status: status, Amount: amount, BankReference: "B1"}
}

type effect func(*activities.Activities, context.Context, activities.PaymentRequest) (bank.Receipt, error)

// run performs an effect as a worker would, without its retries.
func run(t *testing.T, c *counter, a accounts, do effect) (bank.Receipt, error) {
	t.Helper()
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	effects := &activities.Activities{Bank: c, Accounts: a}
	var got bank.Receipt
	var failure error
	perform := func(ctx context.Context) error {
		got, failure = do(effects, ctx, request)
		return nil
	}
	env.RegisterActivity(perform)
	_, err := env.ExecuteActivity(perform)
	require.NoError(t, err)
	return got, failure
}

func TestTheOrderCarriesTheAccountsOfTheBooks(t *testing.T) {
	c := &counter{pays: answer{receipt: receipt(bank.Succeeded, 420_000)}}
	got, err := run(t, c, accounts{}, (*activities.Activities).Pay)
	require.NoError(t, err)
	require.Equal(t, bank.Succeeded, got.Status)
	require.Equal(t, []bank.Order{{
		Key: "c1/payment/1", CaseID: "c1", Amount: 420_000, PayerAccount: "37030000000001",
		PayeeName: "示范商行", PayeeAccount: "6222020000001234", PayeeBank: "示范银行", Purpose: "示范活动",
	}}, c.orders)
}

// What is worth repeating is a fault and retried under the same key; what
// needs a person is a refusal. Neither is ever a receipt.
func TestWhatTheBankDoesNotConfirmIsNoReceipt(t *testing.T) {
	repeated, stopped := approval.Code(""), approval.Unavailable
	for name, story := range map[string]struct {
		says  answer
		wants approval.Code
	}{
		"timeout":        {answer{err: context.DeadlineExceeded}, repeated},
		"lost":           {answer{err: &bank.Error{Kind: bank.OutcomeUnknown}}, repeated},
		"signature":      {answer{err: &bank.Error{Kind: bank.BadSignature}}, stopped},
		"key reused":     {answer{err: &bank.Error{Kind: bank.KeyReused}}, stopped},
		"malformed":      {answer{err: &bank.Error{Kind: bank.InvalidOrder}}, stopped},
		"odd answer":     {answer{err: &bank.Error{Kind: bank.BadReceipt}}, stopped},
		"another amount": {answer{receipt: receipt(bank.Succeeded, 419_999)}, stopped},
		"another key":    {answer{receipt: bank.Receipt{Key: "c2/payment/1", Status: bank.Succeeded, Amount: 420_000}}, stopped},
	} {
		for effect, do := range map[string]effect{"pay": (*activities.Activities).Pay, "ask": (*activities.Activities).AskBank} {
			t.Run(effect+", "+name, func(t *testing.T) {
				got, err := run(t, &counter{pays: story.says, answers: story.says}, accounts{}, do)
				require.Error(t, err)
				require.Equal(t, story.wants, approval.CodeOf(err))
				var final *temporal.ApplicationError
				require.Equal(t, story.wants == stopped, errors.As(err, &final) && final.NonRetryable(), "repeated by the engine")
				require.Zero(t, got)
			})
		}
	}
}

func TestARefusalOfThePaymentIsAReceipt(t *testing.T) {
	for _, status := range []bank.Status{bank.Processing, bank.Succeeded, bank.Refused} {
		says := answer{receipt: receipt(status, 420_000)}
		for _, do := range []effect{(*activities.Activities).Pay, (*activities.Activities).AskBank} {
			got, err := run(t, &counter{pays: says, answers: says}, accounts{}, do)
			require.NoError(t, err)
			require.Equal(t, status, got.Status)
		}
	}
}

func TestAnOrderTheBankHasNotSeenIsGivenAgain(t *testing.T) {
	c := &counter{answers: answer{receipt: bank.Receipt{Key: request.Key, Status: bank.Unknown}}, pays: answer{receipt: receipt(bank.Processing, 420_000)}}
	got, err := run(t, c, accounts{}, (*activities.Activities).AskBank)
	require.NoError(t, err)
	require.Equal(t, bank.Processing, got.Status)
	require.Len(t, c.orders, 1)
	require.Equal(t, request.Key, c.orders[0].Key)
}

func TestNothingIsOrderedWithoutAnAccount(t *testing.T) {
	c := &counter{}
	_, err := run(t, c, accounts{err: approval.Errorf(approval.NotFound, "没有", "none")}, (*activities.Activities).Pay)
	require.Equal(t, approval.NotFound, approval.CodeOf(err))
	require.Empty(t, c.orders)
}
