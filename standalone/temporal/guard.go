package temporal

import (
	"context"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/api"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// guard is the server's authorizer. The library's own lets every writer reset,
// terminate and delete, and each of those rewrites or erases a decision. The
// guard does not know callers apart (on one machine all come from loopback);
// it knows calls apart, and refuses those no procedure needs.
type guard struct {
	breakGlass string
	logger     log.Logger
}

// destructive are the calls that erase, rewrite or steer a case from outside
// its procedure, with what each would do.
var destructive = map[string]string{
	"ResetWorkflowExecution":         "re-runs decided steps",
	"TerminateWorkflowExecution":     "ends a case outside its procedure",
	"DeleteWorkflowExecution":        "erases a history",
	"PauseWorkflowExecution":         "holds a case outside its procedure",
	"UnpauseWorkflowExecution":       "releases a held case",
	"UpdateWorkflowExecutionOptions": "moves a running case to other code",
	"StartBatchOperation":            "acts on many cases at once",
	"ResetActivity":                  "repeats an effect",
	"UpdateActivityOptions":          "changes how an effect is retried",
	"PauseActivity":                  "holds an effect",
	"UnpauseActivity":                "releases a held effect",
	"CreateWorkflowRule":             "holds effects by a rule",
	"TriggerWorkflowRule":            "holds effects by a rule",
	"DeprecateNamespace":             "closes the namespace of all cases",
	"DeleteNamespace":                "erases all histories",
}

// Authorize implements the library's Authorizer.
func (g *guard) Authorize(_ context.Context, _ *authorization.Claims, target *authorization.CallTarget) (authorization.Result, error) {
	effect := effectOf(target)
	if effect == "" {
		return authorization.Result{Decision: authorization.DecisionAllow}, nil
	}
	call := api.MethodName(target.APIName)
	if g.breakGlass != "" {
		g.logger.Warn("break-glass: refused call let through",
			tag.String("call", call), tag.String("namespace", target.Namespace), tag.String("opened-by", g.breakGlass))
		return authorization.Result{Decision: authorization.DecisionAllow}, nil
	}
	return authorization.Result{
		Decision: authorization.DecisionDeny,
		Reason: fmt.Sprintf("%[1]s 已被禁止：事项只能由其程序结束 / %[1]s is refused, it %[2]s; a case ends only by its own procedure (break-glass is not set)",
			call, effect),
	}, nil
}

// effectOf says what a call would do to cases, "" for a harmless one.
func effectOf(target *authorization.CallTarget) string {
	call := api.MethodName(target.APIName)
	if strings.HasPrefix(target.APIName, api.AdminServicePrefix) {
		if reads(call) {
			return ""
		}
		return "changes the server's records directly"
	}
	if effect, found := destructive[call]; found {
		return effect
	}
	if replaces(target.Request) {
		return "terminates the running case of the same id"
	}
	if update, ok := target.Request.(*workflowservice.UpdateNamespaceRequest); ok && update.GetConfig().GetWorkflowExecutionRetentionTtl() != nil {
		return "changes how long histories are kept"
	}
	return ""
}

func reads(call string) bool {
	for _, verb := range []string{"Describe", "Get", "List"} {
		if strings.HasPrefix(call, verb) {
			return true
		}
	}
	return false
}

// replaces reports whether a start would terminate a running case: the same
// deed as TerminateWorkflowExecution under another name.
func replaces(request any) bool {
	switch r := request.(type) {
	case *workflowservice.StartWorkflowExecutionRequest:
		return terminates(r.GetWorkflowIdReusePolicy(), r.GetWorkflowIdConflictPolicy())
	case *workflowservice.SignalWithStartWorkflowExecutionRequest:
		return terminates(r.GetWorkflowIdReusePolicy(), r.GetWorkflowIdConflictPolicy())
	case *workflowservice.ExecuteMultiOperationRequest:
		for _, operation := range r.GetOperations() {
			if replaces(operation.GetStartWorkflow()) {
				return true
			}
		}
	}
	return false
}

func terminates(reuse enumspb.WorkflowIdReusePolicy, conflict enumspb.WorkflowIdConflictPolicy) bool {
	//lint:ignore SA1019 deprecated for callers, but the server still obeys it
	return reuse == enumspb.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING ||
		conflict == enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING
}
