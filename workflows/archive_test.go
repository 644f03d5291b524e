package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"linli/activities"
	"linli/worker"
	"linli/workflows"
)

// shelf fails a few times and then has one history to seal.
type shelf struct {
	faults int
	sealed []string
}

func (s *shelf) Unarchived(context.Context, int) ([]string, error) { return []string{"c1"}, nil }

func (s *shelf) Export(context.Context, string) ([]byte, error) {
	if s.faults--; s.faults >= 0 {
		return nil, errors.New("connection lost")
	}
	return []byte("{}"), nil
}

func (s *shelf) Seal(_ context.Context, caseID string, _ []byte, _ time.Time) error {
	s.sealed = append(s.sealed, caseID)
	return nil
}

func TestTheSweepIsRepeatedUntilItSucceeds(t *testing.T) {
	s := &shelf{faults: 5}
	env := new(testsuite.WorkflowTestSuite).NewTestWorkflowEnvironment()
	worker.Register(env, &activities.Activities{Archive: s, Histories: s})
	env.ExecuteWorkflow(workflows.NameArchive)
	require.NoError(t, env.GetWorkflowError())
	require.Equal(t, []string{"c1"}, s.sealed)
}

func (*shelf) ExportRun(context.Context, string, string) ([]byte, error) {
	return nil, activities.ErrStillOpen
}
