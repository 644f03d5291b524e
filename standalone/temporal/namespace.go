package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retention is how long a closed history stays readable in Temporal itself. The
// sealed export is the permanent record; ten years is the shortest archive
// period of accounting files, so that an audit finds both.
const retention = 10 * 366 * 24 * time.Hour

// patience bounds waiting for services that have just started.
const patience = time.Minute

// EnsureNamespace registers the namespace and waits until every service knows
// it; they learn of it one after the other. An existing one is left as it is.
func (s *Server) EnsureNamespace(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	namespaces, err := client.NewNamespaceClient(client.Options{HostPort: s.FrontendAddress(), Logger: silent})
	if err != nil {
		return fmt.Errorf("dialling Temporal: %w", err)
	}
	defer namespaces.Close()
	err = until(ctx, func() error {
		err := namespaces.Register(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace:                        name,
			Description:                      "Linli 邻里",
			WorkflowExecutionRetentionPeriod: durationpb.New(retention),
		})
		var exists *serviceerror.NamespaceAlreadyExists
		if errors.As(err, &exists) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("registering namespace %s: %w", name, err)
	}
	return s.visible(ctx, name)
}

// visible asks each service through the frontend about something that does not
// exist; "no such workflow" already proves that the namespace is known.
func (s *Server) visible(ctx context.Context, name string) error {
	probe, err := client.NewLazyClient(client.Options{HostPort: s.FrontendAddress(), Namespace: name, Logger: silent})
	if err != nil {
		return err
	}
	defer probe.Close()
	history := func() error {
		_, err := probe.DescribeWorkflowExecution(ctx, "namespace-probe", "")
		var absent *serviceerror.NotFound
		if errors.As(err, &absent) {
			return nil
		}
		return err
	}
	matching := func() error {
		_, err := probe.DescribeTaskQueue(ctx, "namespace-probe", enumspb.TASK_QUEUE_TYPE_WORKFLOW)
		return err
	}
	for _, ask := range []func() error{history, matching} {
		if err := until(ctx, ask); err != nil {
			return fmt.Errorf("waiting for namespace %s: %w", name, err)
		}
	}
	return nil
}

// until repeats ask until it succeeds or ctx ends, and then says both why.
func until(ctx context.Context, ask func() error) error {
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// silent drops the SDK's remarks on a server that is not up yet.
var silent = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
