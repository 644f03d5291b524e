package workflows_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

// enter begins an effect and answers with the fault that is due, if any; it
// leaves the world locked.
func (w *admission) enter(effect string) error {
	w.mu.Lock()
	w.orders = append(w.orders, effect)
	if len(w.faults[effect]) == 0 {
		return nil
	}
	fault := w.faults[effect][0]
	w.faults[effect] = w.faults[effect][1:]
	return fault
}

// leave loses the answer of an effect that has happened, if one is to be lost.
func (w *admission) leave(effect string) error {
	defer w.mu.Unlock()
	if w.lost[effect] > 0 {
		w.lost[effect]--
		return errLost
	}
	return nil
}

// done reports whether an effect was begun.
func (w *admission) done(effect string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.orders, effect)
}

func (w *admission) Record(_ context.Context, r approval.Record) (approval.Recorded, error) {
	if err := w.enter("Record"); err != nil {
		w.mu.Unlock()
		return approval.Recorded{}, err
	}
	recorded, err := w.journal.write(r, w.calendar)
	return recorded, errors.Join(err, w.leave("Record "+r.Kind))
}

func (w *admission) OnboardingFacts(context.Context, onboarding.FactQuestion) (onboarding.RegisterFacts, error) {
	err := w.enter("OnboardingFacts")
	defer w.mu.Unlock()
	return w.register, err
}

func (w *admission) Evaluate(context.Context, approval.RulePin, string, funduse.Facts) (approval.Evidence, error) {
	return approval.Evidence{}, errors.New("another procedure's criteria")
}

func (w *admission) EvaluateOnboarding(_ context.Context, pin approval.RulePin, stage string, facts onboarding.Facts) (approval.Evidence, error) {
	err := w.enter("EvaluateOnboarding")
	defer w.mu.Unlock()
	w.facts = append(w.facts, facts)
	evidence := approval.Evidence{Outcome: approval.OutcomePass}
	if len(w.evidence) > 0 {
		evidence, w.evidence = w.evidence[0], w.evidence[1:]
	}
	evidence.Pin, evidence.Stage = pin, stage
	return evidence, err
}

func (w *admission) Scorers(context.Context, approval.Scope) ([]string, error) {
	err := w.enter("Scorers")
	defer w.mu.Unlock()
	return slices.Clone(w.scorers), err
}

func (w *admission) Acting(context.Context, string) ([]contract.Signatory, error) {
	err := w.enter("Acting")
	defer w.mu.Unlock()
	return slices.Clone(w.signing.People), err
}

func (w *admission) SigningFacts(context.Context, onboarding.SigningQuestion) (onboarding.SigningFacts, error) {
	err := w.enter("SigningFacts")
	defer w.mu.Unlock()
	return w.signing, err
}

func (w *admission) Inventory(_ context.Context, q onboarding.InventoryQuestion) (onboarding.Inventory, error) {
	err := w.enter("Inventory")
	defer w.mu.Unlock()
	return onboarding.Inventory{SpaceID: q.SpaceID, Name: "示范阵地", Rooms: []string{"大厅"}, OccupiedBy: w.occupied}, err
}

func (w *admission) HoldSpace(_ context.Context, o onboarding.HoldOrder) error {
	if err := w.enter("HoldSpace"); err != nil {
		w.mu.Unlock()
		return err
	}
	w.existing = o.Existing
	if _, again := w.holds[o.Key]; !again {
		if w.taken {
			w.mu.Unlock()
			return approval.Errorf(approval.SpaceTaken, "阵地在此期限内已由示例某店使用。", "Taken.")
		}
		for key, status := range w.holds {
			require.Equal(w.t, "free", status, "%s is held while %s is", o.Key, key)
		}
		w.holds[o.Key] = "held"
	}
	return w.leave("HoldSpace")
}

func (w *admission) AllotSpace(_ context.Context, o onboarding.AllotOrder) error {
	if err := w.enter("AllotSpace"); err != nil {
		w.mu.Unlock()
		return err
	}
	require.Contains(w.t, []string{"held", "allotted"}, w.holds[o.Key])
	w.holds[o.Key] = "allotted"
	return w.leave("AllotSpace")
}

func (w *admission) FreeSpace(_ context.Context, o onboarding.FreeOrder) error {
	if err := w.enter("FreeSpace"); err != nil {
		w.mu.Unlock()
		return err
	}
	if _, held := w.holds[o.Key]; held {
		w.holds[o.Key] = "free"
	}
	return w.leave("FreeSpace")
}

func (w *admission) CloseCall(context.Context, string, time.Time) ([]string, error) {
	err := w.enter("CloseCall")
	defer w.mu.Unlock()
	return w.applicants, err
}

func (w *admission) EndCall(_ context.Context, _ string, outcome *approval.CallOutcome, _ time.Time) error {
	w.outcome = outcome
	err := w.enter("EndCall")
	defer w.mu.Unlock()
	return err
}

// Draw prints a paper as its canonical JSON.
func (w *admission) Draw(_ context.Context, paper approval.Paper) ([]byte, error) {
	err := w.enter("Draw")
	defer w.mu.Unlock()
	return approval.CanonicalJSON(paper), err
}

func (w *admission) KeepDocument(_ context.Context, sha256 string, content []byte) error {
	err := w.enter("KeepDocument")
	defer w.mu.Unlock()
	w.kept[sha256] = content
	return err
}

func (w *admission) Document(_ context.Context, sha256 string) ([]byte, error) {
	err := w.enter("Document")
	defer w.mu.Unlock()
	return w.kept[sha256], err
}

// cabinet keeps what was drawn and sealed, and seals with a key of its own.
type cabinet struct{ w *admission }

func (c cabinet) KeepDrawn(context.Context, contract.Drawn) error { return nil }

func (c cabinet) SealOf(_ context.Context, _, sha256, seat string) (*contract.Sealed, error) {
	err := c.w.enter("Seal")
	defer c.w.mu.Unlock()
	if sealed, known := c.w.sealed[sha256+" "+seat]; known {
		return &sealed, err
	}
	return nil, err
}

func (c cabinet) KeepSeal(_ context.Context, sealed contract.Sealed, _ contract.PublicKey) error {
	if err := c.w.enter("KeepSeal"); err != nil {
		c.w.mu.Unlock()
		return err
	}
	c.w.sealed[sealed.SHA256+" "+sealed.Seat] = sealed
	return c.w.leave("KeepSeal")
}

func (c cabinet) Signatory(context.Context, string, string) (name, absent string, err error) {
	return "示例签署人", "", nil
}

type seals struct{}

func (seals) Seal([]byte) (contract.Seal, error) {
	return contract.Seal{Algorithm: "test", Value: "AA=="}, nil
}
func (seals) Public() contract.PublicKey { return contract.PublicKey{} }

func (w *admission) Publish(_ context.Context, n approval.Notice) (approval.Notice, error) {
	if err := w.enter("Publish"); err != nil {
		w.mu.Unlock()
		return n, err
	}
	if i := slices.IndexFunc(w.notices, func(known approval.Notice) bool { return known.ID == n.ID }); i >= 0 {
		n = w.notices[i]
	} else {
		ends, err := w.calendar.Deadline(n.PublishedAt, n.Days, n.DayKind)
		require.NoError(w.t, err)
		n.EndsAt = ends
		w.notices = append(w.notices, n)
	}
	return n, w.leave("Publish")
}

func (w *admission) AddNote(context.Context, approval.NoticeNote) error { return nil }

func (w *admission) AnswerObjection(_ context.Context, o approval.Objection) error {
	err := w.enter("AnswerObjection")
	defer w.mu.Unlock()
	if err == nil {
		w.answers = append(w.answers, o)
	}
	return err
}
