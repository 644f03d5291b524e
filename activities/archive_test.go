package activities_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"linli/activities"
)

// shelf is an archive and the engine it takes histories from.
type shelf struct {
	waiting []string
	exports map[string]error // what exporting a case fails with
	full    error
	sealed  []string
}

func (s *shelf) Unarchived(_ context.Context, limit int) ([]string, error) {
	return s.waiting[:min(limit, len(s.waiting))], nil
}

func (s *shelf) Export(_ context.Context, caseID string) ([]byte, error) {
	return []byte("history of " + caseID), s.exports[caseID]
}

func (s *shelf) Seal(_ context.Context, caseID string, history []byte, at time.Time) error {
	if string(history) != "history of "+caseID || at.IsZero() || at.Location() != time.UTC {
		return fmt.Errorf("sealing %q at %s", history, at)
	}
	if s.full == nil {
		s.sealed = append(s.sealed, caseID)
	}
	return s.full
}

func sweep(t *testing.T, s *shelf) (sealed int, err error) {
	t.Helper()
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	effects := &activities.Activities{Archive: s, Histories: s}
	env.RegisterActivity(effects)
	value, err := env.ExecuteActivity(effects.ArchiveClosed)
	if err == nil {
		require.NoError(t, value.Get(&sealed))
	}
	return sealed, err
}

func TestASweepSealsWhatIsClosed(t *testing.T) {
	s := &shelf{waiting: []string{"c1", "c2", "c3"}, exports: map[string]error{"c2": fmt.Errorf("c2: %w", activities.ErrStillOpen)}}
	sealed, err := sweep(t, s)
	require.NoError(t, err)
	require.Equal(t, 2, sealed)
	require.Equal(t, []string{"c1", "c3"}, s.sealed, "a run that has not closed yet waits for the next sweep")
}

func TestASweepIsBounded(t *testing.T) {
	s := &shelf{}
	for n := range 250 {
		s.waiting = append(s.waiting, fmt.Sprint("c", n))
	}
	sealed, err := sweep(t, s)
	require.NoError(t, err)
	require.Equal(t, 100, sealed)
}

// One history that cannot be had must not keep all later ones unsealed.
func TestAFaultHoldsUpNoOtherCase(t *testing.T) {
	s := &shelf{waiting: []string{"c1", "c2", "c3"}, exports: map[string]error{"c2": errors.New("the history is gone")}}
	_, err := sweep(t, s)
	require.ErrorContains(t, err, "c2")
	require.Equal(t, []string{"c1", "c3"}, s.sealed)
}

func TestAFullArchiveIsAFault(t *testing.T) {
	_, err := sweep(t, &shelf{waiting: []string{"c1"}, full: errors.New("the disk is full")})
	require.ErrorContains(t, err, "c1")
}

func (*shelf) ExportRun(context.Context, string, string) ([]byte, error) {
	return nil, activities.ErrStillOpen
}
