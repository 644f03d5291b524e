package demo

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"linli/approval"
)

const (
	atOnce      = 4               // cases played side by side
	taskTimeout = 2 * time.Minute // a small machine that still builds or starts something else is slow
)

func (l *loader) loadCases(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	play := func(key string, run func() error) {
		group.Go(func() error {
			if err := run(); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			return nil
		})
	}
	for _, each := range l.data.Applications {
		play(each.Key, func() error { return l.apply(ctx, each) })
	}
	for _, each := range l.data.Cases {
		play(each.Key, func() error { return l.play(ctx, each) })
	}
	return group.Wait()
}

// play proposes a case and takes its steps.
func (l *loader) play(ctx context.Context, c Case) error {
	proposer, err := l.as(ctx, c.As)
	if err != nil {
		return err
	}
	papers, err := l.papers(ctx, proposer, l.scopeOf(c.Fund), c.Key, c.Title, c.Papers)
	if err != nil {
		return err
	}
	proposal := map[string]any{
		"title": c.Title, "category": c.Category, "purpose": c.Purpose, "amount": c.Amount(), "lines": c.Lines,
		"fund_id": l.funds[c.Fund], "payee_id": l.payees[c.Payee], "needs": c.Needs, "beneficiaries": c.Beneficiaries,
		"starts_on": day(c.StartsIn), "ends_on": day(c.EndsIn), "attachments": papers,
	}
	if c.Earmark != "" {
		proposal["earmark_id"] = l.earmarks[c.Earmark]
	}
	caseID, fresh, err := l.open(ctx, proposer, opening{Title: c.Title, Key: c.Key, Place: "/v1/fund-uses", Leaves: c.Leaves, Steps: c.Steps}, proposal)
	if err != nil || !fresh {
		return err
	}
	for i, step := range c.Steps {
		if err := l.take(ctx, caseID, step, fmt.Sprintf("demo-%s-%d", c.Key, i)); err != nil {
			return fmt.Errorf("step %d (%s %s): %w", i+1, step.As, step.Do, err)
		}
	}
	return l.reach(ctx, proposer, caseID, c.Leaves)
}

func (l *loader) papers(ctx context.Context, c *Client, scope approval.Scope, key, title string, kinds []string) (papers []map[string]string, err error) {
	for _, kind := range kinds {
		id, err := c.Upload(ctx, scope, "demo-paper-"+key+"-"+kind, "示例材料，仅供演示。\nSample paper for demonstration only.\n"+title+"\n"+kind+"\n")
		if err != nil {
			return nil, fmt.Errorf("uploading %s: %w", kind, err)
		}
		papers = append(papers, map[string]string{"id": id, "kind": kind})
	}
	return papers, nil
}

// opening is what is common to opening a case of any procedure.
type opening struct {
	Title, Key, Place string
	Leaves            approval.Stage
	Steps             []Step
}

// open opens the case. A case that was played to its end by an earlier
// load, perhaps on another day, is found by its key and left alone.
func (l *loader) open(ctx context.Context, proposer *Client, c opening, content map[string]any) (caseID string, fresh bool, err error) {
	var known struct {
		Items []struct {
			CaseID string         `json:"case_id"`
			Stage  approval.Stage `json:"stage"`
		} `json:"items"`
	}
	if err := proposer.Read(ctx, "/v1/cases?search="+url.QueryEscape(c.Title), &known); err != nil {
		return "", false, err
	}
	if len(known.Items) > 0 {
		return known.Items[0].CaseID, known.Items[0].Stage != c.Leaves && len(c.Steps) > 0, nil
	}
	var opened struct {
		CaseID string `json:"case_id"`
	}
	err = proposer.Write(ctx, "POST", c.Place, "demo-case-"+c.Key, content, &opened)
	return opened.CaseID, true, err
}

func (l *loader) scopeOf(fund string) approval.Scope {
	for _, each := range l.data.Funds {
		if each.Key == fund {
			return each.Scope
		}
	}
	return ""
}

func day(in int) string {
	return time.Now().In(approval.Shanghai).AddDate(0, 0, in).Format(time.DateOnly)
}

// take waits for the step's task and acts on it.
func (l *loader) take(ctx context.Context, caseID string, step Step, key string) error {
	if step.Object != "" {
		return l.object(ctx, caseID, step, key)
	}
	actor, err := l.as(ctx, step.As)
	if err != nil {
		return err
	}
	seat := step.Seat
	if name, found := strings.CutPrefix(seat, "@"); found {
		seat = l.people[name]
	}
	task, err := Await(ctx, actor, caseID, step.Stage, seat)
	if err != nil {
		return err
	}
	act := map[string]any{"action": step.Do, "comment": step.Comment, "content_hash": task.ContentHash}
	if form := step.form(); len(form) > 0 {
		act["form"] = form
	}
	return actor.Write(ctx, "POST", "/v1/tasks/"+task.ID+"/acts", key, act, nil)
}

// form is what the act carries beside the word itself.
func (s Step) form() map[string]any {
	form := map[string]any{}
	if s.ToStage != "" {
		form["stage"] = s.ToStage
	}
	if len(s.Scores) > 0 {
		scores := []map[string]any{}
		for _, item := range slices.Sorted(maps.Keys(s.Scores)) {
			scores = append(scores, map[string]any{"item": item, "points": s.Scores[item]})
		}
		form["details"] = map[string]any{"scores": scores}
	}
	if s.Details != nil {
		form["details"] = s.Details
	}
	return form
}

// Await polls a case until its task at a stage and seat is open; a seat that
// ends in * is any that begins so.
func Await(ctx context.Context, c *Client, caseID string, stage approval.Stage, seat string) (approval.TaskView, error) {
	deadline := time.Now().Add(taskTimeout)
	var tasks struct {
		Items []approval.TaskView `json:"items"`
	}
	for {
		err := c.Read(ctx, "/v1/cases/"+caseID+"/tasks", &tasks)
		if err != nil && approval.CodeOf(err) != approval.NotFound {
			return approval.TaskView{}, err
		}
		for _, task := range tasks.Items {
			begins, any := strings.CutSuffix(seat, "*")
			if task.Stage == stage && task.Status == approval.TaskOpen && (task.Seat == seat || any && strings.HasPrefix(task.Seat, begins)) {
				return task, nil
			}
		}
		if time.Now().After(deadline) {
			return approval.TaskView{}, fmt.Errorf("%w: %s at %s of case %s", errNoTask, seat, stage, caseID)
		}
		if err := pause(ctx); err != nil {
			return approval.TaskView{}, err
		}
	}
}

// object files a resident's objection against the case's notice.
func (l *loader) object(ctx context.Context, caseID string, step Step, key string) error {
	resident := Anonymous(l.URL)
	deadline := time.Now().Add(taskTimeout)
	for {
		var notices struct {
			Items []approval.NoticeView `json:"items"`
		}
		if err := resident.Read(ctx, "/v1/public/notices?limit=100", &notices); err != nil {
			return err
		}
		for _, notice := range notices.Items {
			if notice.CaseID == caseID {
				return resident.Write(ctx, "POST", "/v1/public/notices/"+notice.ID+"/objections", key,
					map[string]string{"text": step.Object, "contact": step.Contact}, nil)
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w: no notice of case %s", errNoTask, caseID)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// reach waits until the case stands at a stage.
func (l *loader) reach(ctx context.Context, c *Client, caseID string, stage approval.Stage) error {
	deadline := time.Now().Add(taskTimeout)
	var view approval.CaseView
	for {
		if err := c.Read(ctx, "/v1/cases/"+caseID, &view); err != nil && approval.CodeOf(err) != approval.NotFound {
			return err
		}
		if view.Stage == stage {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the case stands at %q, not at %q", view.Stage, stage)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}
