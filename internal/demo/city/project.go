package city

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// projectJobs take every micro-project from the proposal to the payment.
func (r *run) projectJobs() (jobs []job) {
	for i, project := range r.plan.Projects {
		jobs = append(jobs, filed(project.Title,
			func(ctx context.Context, try string) (string, error) { return r.propose(ctx, i, try) },
			func(ctx context.Context, caseID string) (time.Duration, error) {
				return r.advance(ctx, r.officeAt(project.Fund), caseID)
			}))
	}
	return jobs
}

// propose files the proposal with its papers. Its dates are the plan's: a
// repetition on another day is the same write.
func (r *run) propose(ctx context.Context, i int, try string) (string, error) {
	project, office := r.plan.Projects[i], r.officeAt(r.plan.Projects[i].Fund)
	key := fmt.Sprintf("project-%d%s", i, try)
	papers, err := r.papers(ctx, office, r.plan.Communities[r.plan.Funds[project.Fund].Community].Scope, key, "application", "budget", "photo")
	if err != nil {
		return "", err
	}
	var opened made
	err = r.write(ctx, office.Handler.Username, "POST", "/v1/fund-uses", key, map[string]any{
		"title": project.Title, "category": funduse.Micro, "purpose": "示例：社区微改造项目，内容虚构。", "amount": project.Amount,
		"lines":   []map[string]any{{"item": "材料与人工（示例）", "amount": project.Amount}},
		"fund_id": r.funds[project.Fund], "payee_id": r.payees[project.Fund], "needs": []string{"路面修补"}, "beneficiaries": 100,
		"starts_on": "2026-02-01", "ends_on": "2026-05-31", "attachments": papers,
	}, &opened)
	return opened.CaseID, err
}

// paper is an uploaded document, as cases name it; a paper serves one case.
type paper struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

func (r *run) papers(ctx context.Context, office Office, scope approval.Scope, of string, kinds ...string) (papers []paper, err error) {
	for _, kind := range kinds {
		id, err := r.upload(ctx, office.Handler.Username, scope, of+"-"+kind, "示例材料，仅供演示。\nSample paper for demonstration only.\n"+of+" "+kind+"\n")
		if err != nil {
			return nil, err
		}
		papers = append(papers, paper{id, kind})
	}
	return papers, nil
}

// paid are the stages after the bank's word.
var paid = []approval.Stage{funduse.NoticeAfter, funduse.Acceptance, funduse.Disclosure, funduse.Closed}

const (
	soon  = 200 * time.Millisecond // until the next task opens
	later = 3 * time.Second        // until a notice is over
)

// look reads a case and its tasks; a case the copy does not show yet has no id.
func (r *run) look(ctx context.Context, office Office, caseID string) (standing approval.CaseView, tasks []approval.TaskView, err error) {
	if err := r.read(ctx, office.Handler.Username, "/v1/cases/"+caseID, &standing); err != nil {
		if approval.CodeOf(err) == approval.NotFound {
			return approval.CaseView{}, nil, nil
		}
		return standing, nil, err
	}
	var list struct {
		Items []approval.TaskView `json:"items"`
	}
	err = r.read(ctx, office.Handler.Username, "/v1/cases/"+caseID+"/tasks", &list)
	return standing, list.Items, err
}

// advance takes the steps of a micro-project that are somebody's turn now.
func (r *run) advance(ctx context.Context, office Office, caseID string) (again time.Duration, err error) {
	standing, tasks, err := r.look(ctx, office, caseID)
	if err != nil || standing.CaseID == "" {
		return soon, err
	}
	switch {
	case standing.Status != approval.Running && standing.Status != approval.Completed:
		return 0, failed(standing)
	case slices.Contains(paid, standing.Stage):
		return 0, nil
	case standing.Stage == funduse.NoticeBefore:
		return later, nil
	case standing.Stage == funduse.Correction:
		return 0, fmt.Errorf("case %s came back for correction: %s", caseID, standing.Reason)
	}
	for _, task := range tasks {
		if who := r.turn(office, task); who != "" && task.Status == approval.TaskOpen {
			if err := r.act(ctx, who, task, map[string]any{"action": approval.Approve, "comment": "示例：同意"}); err != nil {
				return 0, err
			}
		}
	}
	return soon, nil
}

// turn is who takes a task of a micro-project, "" where nobody needs to.
func (r *run) turn(office Office, task approval.TaskView) string {
	switch task.Stage {
	case funduse.Committee:
		for _, member := range office.Committee {
			if r.id(member.Username) == task.Seat {
				return member.Username
			}
		}
	case funduse.Higher:
		return office.Street.Username
	case funduse.CharityReview:
		return approver
	case funduse.Payout:
		switch task.Seat {
		case funduse.SeatMaker:
			return cashier
		case funduse.SeatChecker:
			return checker
		}
	}
	return ""
}

// act takes a task. That it was settled meanwhile is no fault: a vote ends when
// the ballots still missing cannot change it.
func (r *run) act(ctx context.Context, who string, task approval.TaskView, act map[string]any) error {
	act["content_hash"] = task.ContentHash
	err := r.write(ctx, who, "POST", "/v1/tasks/"+task.ID+"/acts", "act-"+task.ID, act, nil)
	switch approval.CodeOf(err) {
	case approval.TaskClosed, approval.Conflict, approval.NotFound:
		return nil
	}
	return err
}
