package workflows

import (
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// OnboardingResult is how a case ended.
type OnboardingResult struct {
	Status approval.CaseStatus `json:"status"`
	Reason string              `json:"reason,omitempty"`
	Steps  int                 `json:"steps"` // recorded steps
}

// onboard runs one case.
type onboard struct {
	*course[*onboarding.State]
}

// OperatorOnboarding is the procedure by which an operator is admitted to a
// space (运营主体准入), from an accepted application to the handover. Nobody
// outside the procedure can cancel it: a case ends by an act on record.
func OperatorOnboarding(ctx workflow.Context, start onboarding.Start) (OnboardingResult, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	o := &onboard{course: newCourse(ctx, onboarding.New(known(ctx, start)))}
	o.followed = o.follow
	if err := o.answer(ctx); err != nil {
		return OnboardingResult{}, err
	}
	o.begin(ctx)
	o.listen(ctx)
	heed(ctx, o.course, true, func() bool { return true })
	o.run(ctx)
	o.leave(ctx)
	o.rest(ctx)
	return OnboardingResult{Status: o.state.Status, Reason: o.state.Reason, Steps: o.seq}, nil
}

// known leaves out what the rules of a case ask for and the code that began the
// case did not know: it goes on as it began.
func known(ctx workflow.Context, start onboarding.Start) onboarding.Start {
	if start.Parameters.Reconsideration.FilingDays > 0 && workflow.GetVersion(ctx, "reconsideration", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		start.Parameters.Reconsideration = onboarding.ReconsiderationParameters{}
	}
	return start
}

func (o *onboard) run(ctx workflow.Context) {
	for !o.ended() {
		switch o.stage() {
		case onboarding.Screening:
			o.screen(ctx)
		case onboarding.TakingOver:
			o.register(ctx)
		case onboarding.Correction:
			o.correct(ctx)
		case onboarding.DeskReview:
			o.review(ctx)
		case onboarding.Reconsideration:
			o.reconsider(ctx)
		case onboarding.Panel:
			o.convene(ctx)
		case onboarding.Scoring:
			o.score(ctx)
		case onboarding.Ranking:
			o.rank(ctx)
		case onboarding.Notice:
			o.notice(ctx)
		case onboarding.Signing:
			o.sign(ctx)
		case onboarding.Handover:
			o.handOver(ctx)
		}
	}
}

// follow carries out what an act means outside the case, while others go on.
func (o *onboard) follow(ctx workflow.Context, accepted approval.Accepted) {
	o.makePublic(ctx, o.state.Answers(accepted))
	if signature := o.state.Signed(accepted); signature != nil {
		for _, order := range o.state.Contract.Orders(o.caseID, *signature) {
			o.insist(ctx, func() error { return lastingDo(ctx, effects.SealSignature, order) })
		}
	}
}

// leave gives back what the case still holds or starts the engagement, and tells
// the call how the case ended.
func (o *onboard) leave(ctx workflow.Context) {
	o.free(ctx)
	if o.state.Status == approval.Completed {
		o.insist(ctx, func() error { return o.engage(ctx) })
	}
	o.report(ctx)
}

// engage starts the engagement, which outlives this case. One that runs already
// was started by an earlier attempt.
func (o *onboard) engage(ctx workflow.Context) error {
	start := engagement.Follow(o.state)
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: start.CaseID, TaskQueue: TaskQueue, ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
	})
	err := workflow.ExecuteChildWorkflow(child, NameEngagement, EngagementRun{Start: start}).GetChildWorkflowExecution().Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil
	}
	return err
}
