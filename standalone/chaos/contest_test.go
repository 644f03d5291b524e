package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// lot is one space and whoever competes for it, under a call or without one.
type lot struct {
	first  int // of its plays
	called bool
	term   term // that a call offers

	mu    sync.Mutex
	space string
	call  string // the call's case once it is out
}

// contest lets operators compete for one space in terms that overlap; the last
// of them asks for the time after the first one's term.
func (g *game) contest(lead *play, applicants int) (plays []*play) {
	l := &lot{first: lead.n}
	for i := range applicants {
		p := lead
		if i > 0 {
			p = g.play("bs")
		}
		p.town = g.towns["bs"]
		plays = append(plays, p.applies(l, i, i == applicants-1))
	}
	return plays
}

// paper lets a contract that was signed on paper compete with an application.
func (g *game) paper(lead *play) []*play {
	l := &lot{first: lead.n}
	lead.town = g.towns["bs"]
	lead.applies(l, -3, false)
	contract := lead.plot.(*applicant)
	contract.paper, contract.fate = true, goesThrough
	return []*play{lead, g.play("bs").applies(l, 1, false)}
}

// call puts a call out and lets operators answer it; one that nobody answers
// lapses or is taken back.
func (g *game) call(lead *play, applicants int) (plays []*play) {
	l := &lot{first: lead.n, called: true, term: termOf(0, false)}
	lead.town = g.towns["zd"]
	lead.plot = &calling{play: lead, lot: l, patience: 25 * time.Second, recalled: applicants > 0 && lead.dice.IntN(6) == 0}
	if applicants == 0 {
		lead.plot = &calling{play: lead, lot: l, patience: 6 * time.Second, recalled: lead.dice.IntN(3) == 0}
	}
	plays = append(plays, lead)
	for i := range applicants {
		plays = append(plays, g.play("zd").applies(l, i, false))
	}
	return plays
}

// applies makes the play that of the lot's i-th applicant.
func (p *play) applies(l *lot, i int, late bool) *play {
	p.plot = &applicant{play: p, lot: l, firm: p.operators[(l.first+i+len(p.operators))%len(p.operators)], term: termOf(i, late), fate: p.fate()}
	return p
}

// prepared registers the space, once.
func (l *lot) prepared(ctx context.Context, p *play) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.space != "" {
		return true
	}
	code := fmt.Sprintf("C-%d-%d", p.seed, l.first)
	got, err := p.people[p.town.key+"-handler"].insist(ctx, "POST", "/v1/spaces", "chaos-space-"+code, p.room(code, 3_000, []string{}))
	var added struct{ ID string }
	if err != nil || !got.accepted() || json.Unmarshal(got.body, &added) != nil {
		p.oracle.wrong(fmt.Sprintf("space %s was not registered: %s %v", code, got, err))
		return false
	}
	l.space = added.ID
	return true
}

func (l *lot) out() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.call
}

func (l *lot) publish(call string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.call = call
}

// term is the first and the last civil day of a year.
type term struct{ starts, ends string }

// termOf begins with the last day of the i-th month to come, so that the first
// monthly period is a day long; the late one begins when the first is over.
func termOf(i int, late bool) term {
	now := time.Now().In(approval.Shanghai)
	starts := time.Date(now.Year(), now.Month()+time.Month(2+i), 0, 0, 0, 0, 0, time.UTC)
	if late {
		starts = time.Date(now.Year()+1, now.Month()+2, 0, 0, 0, 0, 0, time.UTC)
	}
	return term{starts: starts.Format(time.DateOnly), ends: starts.AddDate(1, 0, -1).Format(time.DateOnly)}
}

// calling is how a community calls for operators of a space.
type calling struct {
	*play
	lot      *lot
	patience time.Duration // until the deadline
	recalled bool
}

func (c *calling) secretary() string { return c.town.key + "-secretary" }

func (c *calling) reader() *person { return c.people[c.secretary()] }

func (c *calling) begin(ctx context.Context) {
	if !c.lot.prepared(ctx, c.play) {
		return
	}
	body := map[string]any{
		"title": fmt.Sprintf("演练招引第%d号（示例）", c.n), "summary": "示例事项，用于演练。", "space_id": c.lot.space,
		"starts_on": c.lot.term.starts, "ends_on": c.lot.term.ends, "deadline_at": time.Now().Add(c.patience),
	}
	refused := c.file(ctx, c.reader(), "/v1/calls", body)
	switch {
	case refused.Field == "deadline_at": // it took too long to get through
		c.over = false
	case refused.Code != "":
		c.oracle.wrong(fmt.Sprintf("call %d could not be opened: %s at %s", c.n, refused.Code, refused.Field))
	default:
		c.lot.publish(c.caseID)
	}
}

func (c *calling) beside(ctx context.Context, tasks []approval.TaskView) bool {
	if c.recalled && c.dice.IntN(10) == 0 {
		c.recalled = false
		c.withdraw(ctx, c.secretary(), onboarding.SeatApplicant)
		return true
	}
	if c.dice.IntN(20) == 0 {
		c.act(ctx, "zc-handler", tasks[0].ID, say(approval.Withdraw), true)
	}
	return false
}

func (c *calling) choose(context.Context, approval.TaskView) (string, deedOf) { return "", nil }

func (c *calling) heard(approval.TaskView, *deed) {}

func (c *calling) ended(context.Context, approval.CaseStatus) bool { return true }
