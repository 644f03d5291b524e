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
	// ExportRun is Export for one run of a case that was continued as new.
	ExportRun(ctx context.Context, caseID, runID string) ([]byte, error)
}

// sweepBatch bounds one sweep; the next one takes the rest.
const sweepBatch = 100

// ArchiveClosed seals the history of every closed case that is not sealed
// yet and reports how many it sealed. It runs again and again, so a case
// missed by one sweep is taken by the next. A case that fails holds up no
// other one; the sweep then ends with every fault it met.
func (a *Activities) ArchiveClosed(ctx context.Context) (int, error) {
	cases, err := a.Archive.Unarchived(ctx, sweepBatch)
	if err != nil {
		return 0, err
	}
	sealed := 0
	var faults []error
	for _, caseID := range cases {
		err := a.seal(ctx, caseID)
		switch {
		case err == nil:
			sealed++
		case !errors.Is(err, ErrStillOpen):
			faults = append(faults, fmt.Errorf("sealing the history of %s: %w", caseID, err))
		}
		activity.RecordHeartbeat(ctx, sealed)
	}
	return sealed, errors.Join(faults...)
}

func (a *Activities) seal(ctx context.Context, caseID string) error {
	history, err := a.Histories.Export(ctx, caseID)
	if err != nil {
		return err
	}
	return a.Archive.Seal(ctx, caseID, history, time.Now().UTC())
}
