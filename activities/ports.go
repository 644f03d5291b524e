package activities

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/bank"
)

// Journal writes the readable copy of a case; see approval.Record for its
// idempotence.
type Journal interface {
	Record(ctx context.Context, record approval.Record) (approval.Recorded, error)
}

// Committee knows who sits on a community's fund committee and who of them
// has an interest in a payee.
type Committee interface {
	Committee(ctx context.Context, community approval.Scope, payeeID string) ([]approval.Member, error)
}

// Ledger moves money. Every method is idempotent by the key in its order and
// refuses the same key with another body.
type Ledger interface {
	Reserve(ctx context.Context, order funduse.ReserveOrder) error
	Release(ctx context.Context, order funduse.ReleaseOrder) error
	SendPayment(ctx context.Context, order funduse.SendOrder) error
	SettlePayment(ctx context.Context, order funduse.SettleOrder) error
	ReturnPayment(ctx context.Context, order funduse.ReturnOrder) error
	RefundUnused(ctx context.Context, order funduse.RefundOrder) error
	Recover(ctx context.Context, order funduse.RefundOrder) error
}

// FactSource gathers what criteria look at.
type FactSource interface {
	FundFacts(ctx context.Context, question funduse.FactQuestion) (funduse.MoneyFacts, error)
}

// RuleSource evaluates one stage of a pinned rule set; a pin whose hash does
// not match the stored text is a refusal, never a guess.
type RuleSource interface {
	Evaluate(ctx context.Context, pin approval.RulePin, stage string, facts funduse.Facts) (approval.Evidence, error)
	EvaluateOnboarding(ctx context.Context, pin approval.RulePin, stage string, facts onboarding.Facts) (approval.Evidence, error)
}

// Notices publishes what the public reads. Publish is idempotent by the
// notice's id and answers with the moment of first publication; AddNote by
// the note's id.
type Notices interface {
	Publish(ctx context.Context, notice approval.Notice) (approval.Notice, error)
	AddNote(ctx context.Context, note approval.NoticeNote) error
	AnswerObjection(ctx context.Context, answer approval.Objection) error
}

// Calendars answers with the working-day calendar in force.
type Calendars interface {
	Calendar(ctx context.Context) (*approval.Calendar, error)
}

// PayeeAccounts opens the sealed account number of a payee, for paying only,
// and names the account the charity pays from for a fund.
type PayeeAccounts interface {
	PayeeAccount(ctx context.Context, payeeID string) (funduse.PayeeAccount, error)
	PayerAccount(ctx context.Context, fundID string) (string, error)
}

// Gateway is the bank. A refusal is a Receipt; an error means the outcome is
// unknown and the same order, with the same key, must be asked about again.
type Gateway interface {
	Pay(ctx context.Context, order bank.Order) (bank.Receipt, error)
	Query(ctx context.Context, key string) (bank.Receipt, error)
}

// Archive keeps exported histories in an append-only, hash-chained log.
type Archive interface {
	Unarchived(ctx context.Context, limit int) ([]string, error)
	Seal(ctx context.Context, caseID string, history []byte, at time.Time) error
}

// Verifier checks the signed envelope of an act and returns its claims.
type Verifier interface {
	Verify(envelope string) (approval.Claims, error)
}
