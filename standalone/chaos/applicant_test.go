package chaos_test

import (
	"context"
	"fmt"
	"strings"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
	"linli/internal/demo"
)

// fate is what an applicant, or those who decide on it, have in mind.
type fate int

const (
	goesThrough  fate = iota
	stepsBack         // withdraws while the space is held for it
	stepsOut          // withdraws before the agreements are signed by all
	isRejected        // at a desk
	isRefused         // one party refuses to sign
	isIncomplete      // something is missing; it is corrected
)

func (p *play) fate() fate {
	switch dice := p.dice.IntN(100); {
	case dice < 50:
		return goesThrough
	case dice < 70:
		return stepsBack
	case dice < 77:
		return stepsOut
	case dice < 82:
		return isRejected
	case dice < 90:
		return isRefused
	}
	return isIncomplete
}

// applicant is how an operator is admitted to a space, or how a community has the
// contract taken over it signed with an operator on paper.
type applicant struct {
	*play
	lot    *lot
	firm   firm
	term   term
	fate   fate
	paper  bool
	papers []map[string]string
	signed *deed
	listed handing
}

// filer is who files and withdraws the application.
func (a *applicant) filer() string {
	if a.paper {
		return a.town.key + "-handler"
	}
	return a.firm.agent
}

func (a *applicant) reader() *person { return a.people[a.filer()] }

func (a *applicant) begin(ctx context.Context) {
	kinds := map[string][]string{"zd": {"application", "plan"}, "bs": {"application", "plan", "insurance"}}[a.town.key]
	path := "/v1/applications"
	if a.paper {
		kinds, path = []string{"contract"}, "/v1/takeovers"
	}
	if a.lot.called && a.lot.out() == "" || !a.lot.prepared(ctx, a.play) || a.upload(ctx, a.reader(), &a.papers, kinds...) != nil {
		return // and again, as long as people play
	}
	refused := a.file(ctx, a.reader(), path, a.application(a.fate != isIncomplete))
	late := refused.Code == approval.Conflict || refused.Code == approval.SpaceTaken || refused.Field == "call_id" // the call is over, or somebody has the space
	if refused.Code != "" && !late {
		a.oracle.wrong(fmt.Sprintf("application %d could not be filed: %s at %s", a.n, refused.Code, refused.Field))
	}
}

func (a *applicant) application(whole bool) map[string]any {
	body := map[string]any{
		"title": fmt.Sprintf("演练准入第%d件（示例）", a.n), "operator_id": a.firm.id, "space_id": a.lot.space, "summary": "示例事项，用于演练。",
		"services": []map[string]any{{"name": "便民修补", "kind": "mending", "class": "low_charge", "price": 1000 + 10*a.n, "unit": "次", "over60": 10, "over80": 20}},
		"share":    map[string]any{"kind": "profit_percent", "percent": 30, "period": "monthly"}, "starts_on": a.term.starts, "ends_on": a.term.ends,
		"needs": []string{"elderly_canteen"}, "undertakings": []string{"use", "price", "safety", "no_let", "reports", "care"}, "attachments": a.papers,
	}
	if a.lot.called {
		body["call_id"], body["starts_on"], body["ends_on"] = a.lot.out(), a.lot.term.starts, a.lot.term.ends
	}
	if a.paper {
		body["takeover"] = map[string]any{"signed_on": a.term.starts, "signed_by": []map[string]any{
			{"seat": contract.SeatOperator, "name": "示例负责人"}, {"seat": contract.SeatCommunity, "name": "示例书记"},
		}}
	}
	if !whole {
		body["undertakings"] = []string{"use"}
	}
	return body
}

// beside is what the applicant does unasked, and what nobody may.
func (a *applicant) beside(ctx context.Context, tasks []approval.TaskView) bool {
	if a.dice.IntN(12) == 0 {
		a.intrude(ctx, tasks[a.dice.IntN(len(tasks))])
	}
	back := a.fate == stepsBack && tasks[0].Case.Stage == onboarding.Notice || a.fate == stepsOut && tasks[0].Case.Stage == onboarding.Signing
	if back && a.dice.IntN(4) == 0 || a.dice.IntN(150) == 0 {
		a.withdraw(ctx, a.filer(), onboarding.SeatApplicant)
		return true
	}
	return false
}

func (a *applicant) intrude(ctx context.Context, task approval.TaskView) {
	body := say(approval.Approve)
	body["content_hash"] = task.ContentHash
	switch a.dice.IntN(5) {
	case 0:
		a.act(ctx, a.firm.agent, task.ID, body, true) // no applicant approves anything
	case 1: // whoever does not prove who is signing signs nothing
		body["action"] = approval.Sign
		a.act(ctx, a.firm.agent, approval.TaskID(a.caseID, onboarding.Signing, 1, contract.SeatOperator), body, true)
	case 2: // nobody signs twice
		if a.signed != nil {
			body = signature(task.ContentHash)
			a.act(ctx, a.names[a.signed.person], a.signed.task, body, true)
		}
	default:
		a.stranger(ctx, a.operators[(a.n+1)%len(a.operators)].rival(a.firm), task)
	}
}

// rival is the firm's agent, or a stranger where the firm is the applicant's.
func (f firm) rival(of firm) string {
	if f == of {
		return "zc-handler"
	}
	return f.agent
}

func (a *applicant) choose(_ context.Context, task approval.TaskView) (name string, body deedOf) {
	switch task.Stage {
	case onboarding.Correction:
		return a.correct()
	case onboarding.DeskReview:
		return a.review(task)
	case onboarding.Panel:
		return a.town.key + "-street", say(approval.Submit)
	case onboarding.Scoring:
		return a.score(task)
	case onboarding.Notice:
		if strings.HasPrefix(task.Seat, "objection-") {
			return a.town.key + "-objections", say(a.draw(approval.Overrule, 70, approval.Uphold, 30))
		}
	case onboarding.Reconsideration:
		return a.reconsider(task)
	case onboarding.Signing:
		return a.sign(task)
	case onboarding.Handover:
		return a.handOver(task)
	}
	return "", nil
}

// correct brings what was missing; whoever finds the space taken asks for the
// time after.
func (a *applicant) correct() (string, deedOf) {
	if a.fate != isIncomplete && !a.lot.called && !a.paper && a.dice.IntN(2) == 0 {
		a.term = termOf(0, true)
	}
	return a.filer(), say(approval.Correct).with(a.application(true))
}

func (a *applicant) review(task approval.TaskView) (string, deedOf) {
	office := map[string]string{"community": "secretary", "subdistrict": "street", "district": "district"}[task.Seat]
	action := a.draw(approval.Approve, 98, approval.Reject, 2)
	if a.fate == isRejected && task.Seat == "subdistrict" {
		action = approval.Reject
	}
	return a.town.key + "-" + office, say(action)
}

// reconsider objects to a rejection, or does without.
func (a *applicant) reconsider(task approval.TaskView) (string, deedOf) {
	if task.Seat == onboarding.SeatApplicant {
		return a.filer(), say(a.draw(approval.Object, 40, approval.Abstain, 60))
	}
	return a.town.key + "-objections", say(a.draw(approval.Uphold, 40, approval.Overrule, 60))
}

func (a *applicant) score(task approval.TaskView) (string, deedOf) {
	scores := []map[string]any{}
	for _, item := range []string{"service", "price", "ability", "share"} {
		scores = append(scores, map[string]any{"item": item, "points": 70 + a.dice.IntN(31)})
	}
	return a.names[task.Seat], say(approval.Submit).with(map[string]any{"scores": scores})
}

func (a *applicant) sign(task approval.TaskView) (string, deedOf) {
	who := map[string]string{
		contract.SeatOperator: a.firm.agent, contract.SeatCommunity: a.town.key + "-secretary", contract.SeatSubdistrict: a.town.key + "-street",
	}[task.Seat]
	switch {
	case a.fate == isRefused && task.Seat == contract.SeatSubdistrict:
		return who, say(approval.Reject)
	case a.fate == stepsOut && task.Seat == contract.SeatOperator:
		return "", nil
	}
	return who, signature(task.ContentHash)
}

// signature signs what has this hash, with a fresh proof of who is signing.
func signature(hash string) deedOf {
	return deedOf{"action": approval.Sign, "content_hash": hash, "reauthentication": map[string]any{"password": demo.Password}}
}

func (a *applicant) handOver(task approval.TaskView) (string, deedOf) {
	handler := a.town.key + "-handler"
	switch {
	case task.Seat == onboarding.SeatLister:
		return handler, say(approval.Submit).with(map[string]any{"handover": map[string]any{"items": a.listed.items()}})
	case task.Seat == string(onboarding.Receiving):
		return a.firm.agent, a.listed.confirm(a.dice, task.Seat)
	case task.Seat == string(onboarding.Giving):
		return handler, a.listed.confirm(a.dice, task.Seat)
	case strings.HasPrefix(task.Seat, "repair-"):
		return handler, a.listed.repaired()
	}
	return "", nil
}

func (a *applicant) heard(task approval.TaskView, d *deed) {
	switch {
	case d.action == approval.Confirm:
		a.tried[task.ID] = false // item by item
		a.listed.heard(task.Seat, d)
	case d.action == approval.Sign && d.receipt != nil:
		a.signed = d
	}
}

// ended goes on with the engagement of an operator that was admitted.
func (a *applicant) ended(ctx context.Context, status approval.CaseStatus) bool {
	if status != approval.Completed {
		return true
	}
	var found struct {
		Items []struct {
			CaseID     string `json:"case_id"`
			Onboarding string `json:"onboarding"`
		}
	}
	if ok, err := a.people[a.firm.agent].read(ctx, "/v1/engagements?limit=100&operator_id="+a.firm.id, &found); err != nil || !ok {
		return false
	}
	for _, engaged := range found.Items {
		if engaged.Onboarding == a.caseID {
			a.caseID, a.tried = engaged.CaseID, map[string]bool{}
			a.oracle.opened(a.caseID)
			a.plot = &tenant{play: a.play, firm: a.firm}
		}
	}
	return false
}
