package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/approval/space"
	"linli/store/sqlgen"
)

// HoldSpace holds a space for a case and a term, once per key. A space somebody
// else holds on any day of the term, or for which another call is out, is
// refused with approval.SpaceTaken; the exclusion constraint keeps that true
// whoever else writes. So is one whose letting would cost the community a
// required function: two lettings screened at once may each have relied on the
// other's space. A term after that of an operator that may still renew waits
// for it, see yielded. Existing contracts are not asked either, and what a call
// offers was asked when it went out.
func (s *Store) HoldSpace(ctx context.Context, order onboarding.HoldOrder) error {
	first, last, err := termOf(order.StartsOn, order.EndsOn)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		if err := q.LockSpace(ctx, order.SpaceID); err != nil {
			return err
		}
		held, err := q.Allocation(ctx, order.Key)
		if !errors.Is(err, pgx.ErrNoRows) {
			return sameHold(held, order, err)
		}
		if err := vacant(ctx, q, order.SpaceID, order.CaseID, order.CallID, order.Number, first, last); err != nil {
			return err
		}
		if !order.Existing && order.CallID == "" {
			if err := yielded(ctx, q, order.SpaceID, order.CaseID, order.OperatorID, first); err != nil {
				return err
			}
		}
		if !order.Existing {
			if err := retained(ctx, q, order.SpaceID, order.CaseID, order.Keeps, first, last); err != nil {
				return err
			}
		}
		rows, err := q.InsertAllocation(ctx, sqlgen.InsertAllocationParams{
			Key: order.Key, CaseID: order.CaseID, OperatorID: order.OperatorID, StartsOn: first, EndsOn: last, At: stored(order.At),
			Keeps: orNone(order.Keeps), SpaceID: order.SpaceID, SpaceNo: order.Number,
		})
		if err == nil && rows == 0 {
			return fmt.Errorf("holding space %s, number %d: there is none", order.SpaceID, order.Number)
		}
		return err
	})
}

// sameHold refuses a repetition under the same key that asks for something
// else. The last day of what was allotted may have moved since.
func sameHold(held sqlgen.AllocationRow, order onboarding.HoldOrder, err error) error {
	moved := held.Status == "held" && civil(&held.EndsOn) != order.EndsOn
	if err == nil && (held.CaseID != order.CaseID || held.SpaceID != order.SpaceID || civil(&held.StartsOn) != order.StartsOn || moved) {
		return approval.Errorf(approval.KeyReused, "同一幂等键已用于另一占用。", "This key was used to hold something else.")
	}
	return err
}

// vacant refuses a term in which somebody else has the space or is called for.
// The space is locked, or the answer is worth nothing.
func vacant(ctx context.Context, q *sqlgen.Queries, spaceID, caseID, callID string, number int32, first, last time.Time) error {
	holders, err := q.SpaceHolders(ctx, sqlgen.SpaceHoldersParams{SpaceID: spaceID, CaseID: caseID, StartsOn: first, EndsOn: last})
	if err != nil {
		return err
	}
	if len(holders) > 0 {
		held := holders[0]
		return onboarding.TakenBy(held.Operator, civil(&held.StartsOn), civil(&held.EndsOn))
	}
	_, err = q.CallOverSpace(ctx, sqlgen.CallOverSpaceParams{SpaceNo: number, CallID: callID, StartsOn: first, EndsOn: last})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return onboarding.UnderCall()
}

// retained refuses a letting after which the community lacks a required function
// on a day of the term. The lettings of a community wait for each other.
func retained(ctx context.Context, q *sqlgen.Queries, spaceID, caseID string, keeps []string, first, last time.Time) error {
	asked, err := spaceOf(ctx, q, spaceID)
	if err != nil {
		return err
	}
	if err := q.LockLettings(ctx, string(asked.Scope)); err != nil {
		return err
	}
	inventory, err := inventoryOf(ctx, q, asked.Scope)
	if err != nil {
		return err
	}
	lets, err := letsOf(ctx, q, asked.Scope, caseID, first, last)
	if err != nil {
		return err
	}
	return space.Retained(asked, space.Letting{Keeps: keeps}, space.Left(inventory, lets)...).Refusal()
}

// Lettings is what of a community is held or let on a day of a term.
func (s *Store) Lettings(ctx context.Context, community approval.Scope, startsOn, endsOn string) (lets []space.Taken, err error) {
	first, last, err := termOf(startsOn, endsOn)
	if err != nil {
		return nil, err
	}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		lets, err = letsOf(ctx, q, community, "", first, last)
		return err
	})
	return lets, err
}

func letsOf(ctx context.Context, q *sqlgen.Queries, community approval.Scope, caseID string, first, last time.Time) (lets []space.Taken, err error) {
	rows, err := q.LettingsOf(ctx, sqlgen.LettingsOfParams{Scope: string(community), CaseID: caseID, StartsOn: first, EndsOn: last})
	for _, row := range rows {
		lets = append(lets, space.Taken{SpaceID: row.SpaceID, Keeps: row.Keeps})
	}
	return lets, err
}

// AllotSpace makes what is held the operator's; again it changes nothing.
// Something that was released cannot be allotted.
func (s *Store) AllotSpace(ctx context.Context, order onboarding.AllotOrder) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		rows, err := q.AllotSpace(ctx, sqlgen.AllotSpaceParams{Key: order.Key, At: orNever(order.At)})
		if err != nil || rows == 1 {
			return err
		}
		held, err := q.Allocation(ctx, order.Key)
		if err == nil && held.Status != "allotted" {
			err = errors.New("it was released")
		}
		if err != nil {
			return fmt.Errorf("allotting what is held under %s: %w", order.Key, err)
		}
		return nil
	})
}

// FreeSpace releases what is held or allotted under a key; where nothing is,
// it changes nothing.
func (s *Store) FreeSpace(ctx context.Context, order onboarding.FreeOrder) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		_, err := q.ReleaseSpace(ctx, sqlgen.ReleaseSpaceParams{Key: order.Key, At: orNever(order.At), Reason: order.Reason})
		return err
	})
}

// ExtendSpace moves the last day of an allotted term; to the same day again it
// changes nothing. A term in which somebody else has the space is refused, and
// one in which the community would lack a required function.
func (s *Store) ExtendSpace(ctx context.Context, order engagement.ExtendOrder) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		held, err := q.Allocation(ctx, order.HoldKey)
		if err != nil {
			return fmt.Errorf("extending %s: %w", order.HoldKey, err)
		}
		_, last, err := termOf(civil(&held.StartsOn), order.EndsOn)
		if err != nil || civil(&held.EndsOn) == order.EndsOn {
			return err
		}
		if err := q.LockSpace(ctx, held.SpaceID); err != nil {
			return err
		}
		if err := vacant(ctx, q, held.SpaceID, held.CaseID, "", held.SpaceNo, held.EndsOn.AddDate(0, 0, 1), last); err != nil {
			return err
		}
		if err := retained(ctx, q, held.SpaceID, held.CaseID, held.Keeps, held.EndsOn.AddDate(0, 0, 1), last); err != nil {
			return err
		}
		rows, err := q.ExtendAllocation(ctx, sqlgen.ExtendAllocationParams{Key: order.HoldKey, EndsOn: last})
		if err == nil && rows == 0 {
			return fmt.Errorf("extending %s: it is not allotted", order.HoldKey)
		}
		return err
	})
}

// termOf reads the first and last civil day of a term.
func termOf(startsOn, endsOn string) (first, last time.Time, err error) {
	if first, err = time.Parse(time.DateOnly, startsOn); err != nil {
		return first, last, approval.Errorf(approval.Invalid, "起始日期有误。", "The first day is not a date.").At("starts_on")
	}
	if last, err = time.Parse(time.DateOnly, endsOn); err != nil || last.Before(first) {
		return first, last, approval.Errorf(approval.Invalid, "终止日期有误或早于起始日期。", "The last day is not a date or lies before the first.").At("ends_on")
	}
	return first, last, nil
}
