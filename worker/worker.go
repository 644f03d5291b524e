// Package worker puts workflows and activities on a task queue: registration,
// the interceptor that carries refusals across the activity boundary, and the
// options that were measured rather than guessed.
//
// A panic in workflow code blocks the case until fixed code is deployed; it
// never fails the case, because a failed case could not release its reserve.
package worker

import (
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"linli/activities"
	"linli/workflows"
)

// workflowPollers: the default of 2 made the slowest acts of a burst wait for
// seconds, 16 do not.
const workflowPollers = 16

// stopTimeout lets running effects end before the process does.
const stopTimeout = 20 * time.Second

// Registry is what Register needs of a worker, a replayer or a test
// environment.
type Registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
}

// New makes a worker for Linli's queue; the caller runs and stops it.
func New(c client.Client, effects *activities.Activities) worker.Worker {
	w := worker.New(c, workflows.TaskQueue, Options())
	Register(w, effects)
	return w
}

// Options are those of every worker of Linli.
func Options() worker.Options {
	return worker.Options{
		MaxConcurrentWorkflowTaskPollers: workflowPollers,
		WorkerStopTimeout:                stopTimeout,
		WorkflowPanicPolicy:              worker.BlockWorkflow,
		Interceptors:                     Interceptors(),
	}
}

// Register names every workflow and activity once.
func Register(r Registry, effects *activities.Activities) {
	RegisterWorkflows(r)
	r.RegisterActivityWithOptions(effects, activity.RegisterOptions{})
}

// WorkflowRegistry is the part of a Registry a replayer has.
type WorkflowRegistry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// RegisterWorkflows names every workflow.
func RegisterWorkflows(r WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(workflows.FundUse, workflow.RegisterOptions{Name: workflows.NameFundUse})
	r.RegisterWorkflowWithOptions(workflows.Engagement, workflow.RegisterOptions{Name: workflows.NameEngagement})
	r.RegisterWorkflowWithOptions(workflows.OperatorOnboarding, workflow.RegisterOptions{Name: workflows.NameOnboarding})
	r.RegisterWorkflowWithOptions(workflows.OperatorCall, workflow.RegisterOptions{Name: workflows.NameCall})
	r.RegisterWorkflowWithOptions(workflows.ArchiveClosed, workflow.RegisterOptions{Name: workflows.NameArchive})
}

// Interceptors are those every worker of Linli runs with.
func Interceptors() []interceptor.WorkerInterceptor {
	return []interceptor.WorkerInterceptor{&refusals{}}
}
