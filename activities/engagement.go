package activities

import (
	"context"
	"fmt"
	"time"

	"linli/approval/engagement"
	"linli/internal/crashpoint"
)

// Engagements is what running engagements need of the database. Every method
// is idempotent by the key, or the step, in its argument.
type Engagements interface {
	// BookShare books an operator's share as a donation and names the income.
	BookShare(ctx context.Context, order engagement.ShareOrder) (incomeID string, err error)
	// ExtendSpace prolongs an allocation, or refuses where the space is taken.
	ExtendSpace(ctx context.Context, order engagement.ExtendOrder) error
	// KeepEngagement keeps the readable copy; an older one never replaces it.
	KeepEngagement(ctx context.Context, view engagement.View) error
	// Moments answers when civil dates begin.
	Moments(ctx context.Context, question engagement.DateQuestion) ([]time.Time, error)
}

// BookedShare names the income a share became.
type BookedShare struct {
	IncomeID string `json:"income_id"`
}

// BookShare books a period's share, exactly once.
func (a *Activities) BookShare(ctx context.Context, order engagement.ShareOrder) (BookedShare, error) {
	crashpoint.Here("share.before")
	income, err := a.Engagements.BookShare(ctx, order)
	crashpoint.Here("share.after")
	return BookedShare{IncomeID: income}, err
}

// ExtendSpace prolongs the space's allocation for a renewed term.
func (a *Activities) ExtendSpace(ctx context.Context, order engagement.ExtendOrder) error {
	return a.Engagements.ExtendSpace(ctx, order)
}

// KeepEngagement keeps what lists and the public bulletin show.
func (a *Activities) KeepEngagement(ctx context.Context, view engagement.View) (bool, error) {
	return true, a.Engagements.KeepEngagement(ctx, view)
}

// Moments answers when civil dates begin.
func (a *Activities) Moments(ctx context.Context, question engagement.DateQuestion) ([]time.Time, error) {
	return a.Engagements.Moments(ctx, question)
}

// Run is one run of a case that was continued as new; Number counts from 1.
type Run struct {
	CaseID string `json:"case_id"`
	RunID  string `json:"run_id"`
	Number int    `json:"number"`
}

// ArchiveID names a continued run in the archive, beside the case itself,
// under whose id the last run lies.
func (r Run) ArchiveID() string { return fmt.Sprintf("%s.%d", r.CaseID, r.Number) }

// SealRun seals the history of a run that was continued as new. The engine
// forgets ended runs long before the case ends.
func (a *Activities) SealRun(ctx context.Context, run Run) error {
	history, err := a.Histories.ExportRun(ctx, run.CaseID, run.RunID)
	if err != nil {
		return err
	}
	return a.Archive.Seal(ctx, run.ArchiveID(), history, time.Now().UTC())
}
