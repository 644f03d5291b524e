package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
)

// ErrStillOpen says a history cannot be exported yet: only a closed run's
// events are durable for ever.
var ErrStillOpen = errors.New("the workflow has not closed yet")

// Histories exports the complete history of a closed case in Temporal's own
// JSON, or ErrStillOpen.
type Histories interface {
	Export(ctx context.Context, caseID string) ([]byte, error)
}

// sweepBatch bounds one sweep; the next one takes the rest.
const sweepBatch = 100

// ArchiveClosed seals the history of every closed case that is not sealed
// yet and reports how many it sealed. It runs again and again, so a case
// missed by one sweep is taken by the next.
func (a *Activities) ArchiveClosed(ctx context.Context) (int, error) {
	cases, err := a.Archive.Unarchived(ctx, sweepBatch)
	if err != nil {
		return 0, err
	}
	sealed := 0
	for _, caseID := range cases {
		history, err := a.Histories.Export(ctx, caseID)
		if errors.Is(err, ErrStillOpen) {
			continue
		}
		if err != nil {
			return sealed, fmt.Errorf("exporting the history of %s: %w", caseID, err)
		}
		if err := a.Archive.Seal(ctx, caseID, history, time.Now().UTC()); err != nil {
			return sealed, err
		}
		sealed++
		activity.RecordHeartbeat(ctx, sealed)
	}
	return sealed, nil
}
