package activities

import (
	"context"

	"linli/approval/funduse"
	"linli/internal/crashpoint"
)

// Reserve puts money aside for a case; too little money is a refusal.
func (a *Activities) Reserve(ctx context.Context, order funduse.ReserveOrder) error {
	return a.Ledger.Reserve(ctx, order)
}

// Release gives back what a case holds, exactly once.
func (a *Activities) Release(ctx context.Context, order funduse.ReleaseOrder) error {
	return a.Ledger.Release(ctx, order)
}

// SendPayment books the reserve as on its way to the bank.
func (a *Activities) SendPayment(ctx context.Context, order funduse.SendOrder) error {
	return a.Ledger.SendPayment(ctx, order)
}

// SettlePayment books the money as paid; at most one payment per case (I2).
func (a *Activities) SettlePayment(ctx context.Context, order funduse.SettleOrder) error {
	crashpoint.Here("settle.before")
	err := a.Ledger.SettlePayment(ctx, order)
	crashpoint.Here("settle.after")
	return err
}

// ReturnPayment takes the money back into the reserve after a definite
// refusal by the bank.
func (a *Activities) ReturnPayment(ctx context.Context, order funduse.ReturnOrder) error {
	return a.Ledger.ReturnPayment(ctx, order)
}

// RefundUnused books unused money that came back.
func (a *Activities) RefundUnused(ctx context.Context, order funduse.RefundOrder) error {
	return a.Ledger.RefundUnused(ctx, order)
}

// Recover books money recovered after an upheld objection.
func (a *Activities) Recover(ctx context.Context, order funduse.RefundOrder) error {
	return a.Ledger.Recover(ctx, order)
}
