package activities

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
	"linli/internal/crashpoint"
)

// Activities performs the effects. Every field must be set; the zero value is
// only a name for registration and for typed calls from workflows.
type Activities struct {
	Journal     Journal
	Members     Committee
	Ledger      Ledger
	FactSource  FactSource
	Rules       RuleSource
	Board       Notices
	Accounts    PayeeAccounts
	Bank        Gateway
	Archive     Archive
	Histories   Histories
	Envelopes   Verifier
	Engagements Engagements
	Press       Press
	Documents   Documents
	Contracts   Contracts
	Seals       Seals
	Register    Register
	Spaces      Spaces
	Calls       Calls
}

// Record writes one step of a case. An act's envelope is verified first, so
// that nothing enters the record on the word of the engine alone.
func (a *Activities) Record(ctx context.Context, record approval.Record) (approval.Recorded, error) {
	if record.Act != nil {
		if err := a.authentic(*record.Act, record.CaseID); err != nil {
			return approval.Recorded{}, err
		}
	}
	return a.Journal.Record(ctx, record)
}

func (a *Activities) authentic(act approval.Act, caseID string) error {
	if act.CaseID != caseID {
		return approval.Errorf(approval.BadEnvelope, "该操作不是针对本事项作出的。", "The act was made in another case.")
	}
	claims, err := a.Envelopes.Verify(act.Envelope)
	if err != nil {
		return err
	}
	return claims.Match(act)
}

// RosterQuestion asks who sits on a community's committee and has an interest
// in the payee.
type RosterQuestion struct {
	Community approval.Scope `json:"community"`
	PayeeID   string         `json:"payee_id"`
}

// Committee reads the roster as it is now.
func (a *Activities) Committee(ctx context.Context, q RosterQuestion) ([]approval.Member, error) {
	return a.Members.Committee(ctx, q.Community, q.PayeeID)
}

// Facts reads what criteria may look at about money, payee and community.
func (a *Activities) Facts(ctx context.Context, q funduse.FactQuestion) (funduse.MoneyFacts, error) {
	return a.FactSource.FundFacts(ctx, q)
}

// Evaluation is the input of a binding evaluation; with the pinned rule text
// it is all that is needed to repeat it.
type Evaluation struct {
	Pin   approval.RulePin `json:"pin"`
	Stage string           `json:"stage"`
	Facts funduse.Facts    `json:"facts"`
}

// Evaluate holds the facts against the pinned rule set. It is a regular
// activity: input, result and worker stay in the history.
func (a *Activities) Evaluate(ctx context.Context, e Evaluation) (approval.Evidence, error) {
	return a.Rules.Evaluate(ctx, e.Pin, e.Stage, e.Facts)
}

// PaymentRequest is the order for one attempt, without any account number:
// those are read here, just before they are sent.
type PaymentRequest struct {
	Key     string       `json:"key"`
	CaseID  string       `json:"case_id"`
	FundID  string       `json:"fund_id"`
	PayeeID string       `json:"payee_id"`
	Amount  approval.Fen `json:"amount"`
	Purpose string       `json:"purpose"`
}

// Pay sends the order. Repeating it with the same key is safe: the bank pays
// a key at most once. A fault means the outcome is not known and is asked for
// again; after a refusal (Unavailable) it is no better known, but repeating
// alone will not help and a person must look.
func (a *Activities) Pay(ctx context.Context, p PaymentRequest) (bank.Receipt, error) {
	payee, err := a.Accounts.PayeeAccount(ctx, p.PayeeID)
	if err != nil {
		return bank.Receipt{}, err
	}
	payer, err := a.Accounts.PayerAccount(ctx, p.FundID)
	if err != nil {
		return bank.Receipt{}, err
	}
	crashpoint.Here("pay.before")
	receipt, err := a.Bank.Pay(ctx, bank.Order{
		Key: p.Key, CaseID: p.CaseID, Amount: int64(p.Amount), PayerAccount: payer,
		PayeeName: payee.Name, PayeeAccount: payee.Account.Reveal(), PayeeBank: payee.Bank, Purpose: p.Purpose,
	})
	crashpoint.Here("pay.after")
	return believe(ctx, p, receipt, err)
}

// AskBank polls the outcome of an attempt. An order the bank has not seen is
// given again under the same key.
func (a *Activities) AskBank(ctx context.Context, p PaymentRequest) (bank.Receipt, error) {
	receipt, err := a.Bank.Query(ctx, p.Key)
	if err == nil && receipt.Status == bank.Unknown {
		return a.Pay(ctx, p)
	}
	return believe(ctx, p, receipt, err)
}

// believe sorts what came from the bank: a receipt for this very order, a
// fault worth repeating, or something a person must look at.
func believe(ctx context.Context, p PaymentRequest, receipt bank.Receipt, err error) (bank.Receipt, error) {
	if err == nil {
		mismatch := receipt.Matches(bank.Order{Key: p.Key, Amount: int64(p.Amount)})
		if mismatch == nil {
			return receipt, nil
		}
		err = &bank.Error{Kind: bank.BadReceipt, Doing: "reading the receipt of", Key: p.Key, Err: mismatch}
	}
	kind := bank.KindOf(err)
	activity.GetLogger(ctx).Warn("The bank did not confirm; the outcome is unknown.", "key", p.Key, "kind", kind, "error", err)
	if kind == "" || kind == bank.OutcomeUnknown {
		return bank.Receipt{}, fmt.Errorf("learning the outcome of %s: %w", p.Key, err)
	}
	return bank.Receipt{}, stop(approval.Errorf(approval.Unavailable,
		"银行接口异常（%[1]s），付款结果未知，须人工核查。", "The bank's interface does not work (%[1]s); the outcome of the payment is unknown and a person must look.", kind))
}

// stop keeps the engine from trying again what only a person can set right.
func stop(refusal *approval.Error) error {
	return temporal.NewNonRetryableApplicationError(refusal.Error(), string(refusal.Code), refusal, *refusal)
}
