package temporal

import (
	"regexp"
	"strings"
	"testing"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/api"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/log"
)

func decide(t *testing.T, name string, request any) authorization.Result {
	t.Helper()
	g := &guard{logger: log.NewNoopLogger()}
	result, err := g.Authorize(t.Context(), nil, &authorization.CallTarget{APIName: name, Namespace: "linli", Request: request})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// A later server may offer new ways to do the old harm; their names will tell.
func TestEveryCallNamedLikeADestructiveOneIsRefused(t *testing.T) {
	suspicious := regexp.MustCompile(`^(Reset|Terminate|Delete|Pause|Unpause)WorkflowExecution|Batch.*Start|StartBatch|^DeprecateNamespace`)
	refused := 0
	for _, method := range workflowservice.WorkflowService_ServiceDesc.Methods {
		denied := decide(t, api.WorkflowServicePrefix+method.MethodName, nil).Decision == authorization.DecisionDeny
		if suspicious.MatchString(method.MethodName) && !denied {
			t.Errorf("%s is let through", method.MethodName)
		}
		if denied {
			refused++
		}
	}
	if want := len(destructive) - 1; refused != want { // DeleteNamespace is in another service
		t.Errorf("%d calls of the service are refused, %d are listed: a listed name is misspelt or gone", refused, want)
	}
}

func TestWhatTheProgramAndItsWorkersCallIsAllowed(t *testing.T) {
	for _, call := range []string{"RegisterNamespace", "StartWorkflowExecution", "UpdateWorkflowExecution", "SignalWorkflowExecution",
		"QueryWorkflow", "RequestCancelWorkflowExecution", "PollWorkflowTaskQueue", "RespondWorkflowTaskCompleted", "ResetStickyTaskQueue",
		"GetWorkflowExecutionHistory", "ExecuteMultiOperation", "CreateSchedule", "DeleteSchedule", "SetWorkerDeploymentCurrentVersion"} {
		if got := decide(t, api.WorkflowServicePrefix+call, nil); got.Decision != authorization.DecisionAllow {
			t.Errorf("%s is refused: %s", call, got.Reason)
		}
	}
}

func TestAdminServiceMayOnlyRead(t *testing.T) {
	for call, want := range map[string]authorization.Decision{
		"DescribeMutableState":    authorization.DecisionAllow,
		"ListHistoryTasks":        authorization.DecisionAllow,
		"DeleteWorkflowExecution": authorization.DecisionDeny,
		"RebuildMutableState":     authorization.DecisionDeny,
		"ImportWorkflowExecution": authorization.DecisionDeny,
	} {
		if got := decide(t, api.AdminServicePrefix+call, nil); got.Decision != want {
			t.Errorf("%s: decision %v, want %v", call, got.Decision, want)
		}
	}
}

func TestRefusalIsBilingualAndNamesTheCall(t *testing.T) {
	reason := decide(t, api.OperatorServicePrefix+"DeleteNamespace", nil).Reason
	for _, part := range []string{"DeleteNamespace", "已被禁止", "erases all histories"} {
		if !strings.Contains(reason, part) {
			t.Errorf("reason %q lacks %q", reason, part)
		}
	}
}
