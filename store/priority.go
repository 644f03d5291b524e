package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/store/sqlgen"
)

// yielded refuses a term that follows the one of an operator in the space that
// may still renew, to everybody but that operator. One whose engagement has no
// copy yet has just begun. The space is locked, or the answer is worth nothing.
func yielded(ctx context.Context, q *sqlgen.Queries, spaceID, caseID, operatorID string, first time.Time) error {
	before, err := q.SpaceIncumbent(ctx, sqlgen.SpaceIncumbentParams{SpaceID: spaceID, CaseID: caseID, StartsOn: first})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	case before.Status != "allotted" || before.OperatorID == operatorID:
		return nil
	}
	if len(before.Engagement) > 0 {
		var view engagement.View
		if err := json.Unmarshal(before.Engagement, &view); err != nil {
			return fmt.Errorf("reading the engagement of %s: %w", before.CaseID, err)
		}
		if !view.MayStillRenew() {
			return nil
		}
	}
	return onboarding.PriorityOf(before.Operator, civil(&before.EndsOn))
}
