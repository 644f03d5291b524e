package onboarding_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/onboarding"
)

func drawStart(t *rapid.T) onboarding.Start {
	begin := start()
	begin.Applicant = rapid.SampledFrom([]string{"h1", "p1", "x"}).Draw(t, "applicant")
	switch rapid.IntRange(0, 3).Draw(t, "way in") {
	case 0, 1:
		underCall(&begin)
	case 2:
		onPaper(&begin)
		if rapid.Bool().Draw(t, "handed over on paper") {
			handedOver(&begin)
		}
	}
	if rapid.Bool().Draw(t, "may object") {
		mayObject(&begin)
	}
	begin.Parameters.Panel.Use = rapid.SampledFrom([]onboarding.PanelUse{onboarding.PanelNever, onboarding.PanelCalls, onboarding.PanelAlways}).Draw(t, "panel")
	begin.Parameters.Review.Levels = rapid.SampledFrom([][]string{
		{"community", "subdistrict"}, {"subdistrict"}, {"subdistrict"}, {"community", "subdistrict", "district"}, nil,
	}).Draw(t, "levels")
	return begin
}

// drawScene changes how the world will answer.
func (p *play) drawScene(t *rapid.T) {
	outcomes := rapid.SampledFrom([]approval.Outcome{
		approval.OutcomePass, approval.OutcomePass, approval.OutcomePass, approval.OutcomeReview, approval.OutcomeMissing, approval.OutcomeBlocked,
	})
	p.rules = rapid.SliceOfN(outcomes, 0, 1).Draw(t, "screening")
	p.looks = rapid.SliceOfN(outcomes, 0, 1).Draw(t, "before signing")
	p.routes = rapid.SampledFrom([][]string{nil, nil, {"district"}, {"elsewhere"}}).Draw(t, "routes")
	p.interested = rapid.SampledFrom([][]string{nil, nil, {"sec"}, {"e1", "o1"}}).Draw(t, "interested")
	p.panel = rapid.SampledFrom([][]string{{"e1", "e2", "e3", "e4", "e5"}, {"e1", "e2", "e3", "e4"}, {"e2", "e4", "e5", "x"}, {"e1"}}).Draw(t, "scorers")
	p.taken = rapid.IntRange(0, 7).Draw(t, "taken") == 0
	p.occupied = rapid.SampledFrom([]string{"", "", "", "", "", "某店"}).Draw(t, "occupied")
}

// drawAct composes what somebody would sensibly do next.
func (p *play) drawAct(t *rapid.T) approval.Act {
	var open []approval.Task
	for _, task := range p.s.Tasks {
		if task.Status == approval.TaskOpen && (task.Kind != approval.Standing || task.Seat == approval.SeatPublic) {
			open = append(open, task)
		}
	}
	if len(open) == 0 {
		return p.drawNoise(t)
	}
	task := rapid.SampledFrom(open).Draw(t, "task")
	action := task.Actions[0]
	if rapid.IntRange(0, 15).Draw(t, "other action") == 0 {
		action = rapid.SampledFrom(task.Actions).Draw(t, "action")
	}
	able := slices.DeleteFunc(slices.Clone(everybody), func(id string) bool { return task.Eligible(cast[id], action) != nil })
	if len(able) == 0 {
		return p.drawNoise(t)
	}
	return p.act(rapid.SampledFrom(able).Draw(t, "who"), action, p.drawForm(t, task, action))
}

// drawForm fills in what the action on this task asks for.
func (p *play) drawForm(t *rapid.T, task approval.Task, action approval.Action) []string {
	form := []string{"task=" + strings.TrimPrefix(task.ID, p.s.Start.CaseID+".")}
	switch action {
	case approval.Submit:
		switch {
		case task.Stage == onboarding.Panel:
			p.panel = []string{"e1", "e2", "e3", "e4", "e5"}
		case task.Stage == onboarding.Scoring:
			form = append(form, fmt.Sprintf("scores=%d,%d", rapid.IntRange(55, 101).Draw(t, "service"), rapid.IntRange(55, 100).Draw(t, "price")))
		case task.Seat == onboarding.SeatLister:
			form = append(form, "list")
		case task.Stage == onboarding.Handover:
			form = append(form, "repaired")
		}
	case approval.Confirm:
		form = append(form, rapid.SampledFrom([]string{"sound", "sound", "worn"}).Draw(t, "reading"))
	case approval.Correct:
		form = append(form, rapid.SampledFrom([]string{"title=甲", "title=乙", "space=sp-2", "expired"}).Draw(t, "correction"))
	case approval.Return, approval.Uphold:
		form = append(form, "stage="+rapid.SampledFrom([]string{"correction", "desk_review", "desk_review", "notice", "screening", ""}).Draw(t, "back to"))
	case approval.Reassign, approval.Delegate, approval.AddReviewer, approval.Copy:
		form = append(form, "to="+rapid.SampledFrom(everybody).Draw(t, "to"))
	case approval.Object:
		form = append(form, "objection="+rapid.SampledFrom([]string{"o-1", "o-2"}).Draw(t, "objection"))
	case approval.Sign:
		form = append(form, "proof="+rapid.SampledFrom([]string{"password", "totp", "token"}).Draw(t, "proof"))
	}
	return form
}

// drawNoise composes anything by anybody, sensible or not.
func (p *play) drawNoise(t *rapid.T) approval.Act {
	task := rapid.SampledFrom(p.s.Tasks).Draw(t, "any task")
	action := rapid.SampledFrom(approval.ActionNames).Draw(t, "any action").Action
	form := p.drawForm(t, task, action)
	if rapid.IntRange(0, 3).Draw(t, "stand in") == 0 {
		form = append(form, "for="+rapid.SampledFrom(everybody).Draw(t, "for"))
	}
	if rapid.IntRange(0, 3).Draw(t, "stale") == 0 {
		form = append(form, "hash="+strings.Repeat("0", 64))
	}
	return p.act(rapid.SampledFrom(everybody).Draw(t, "anybody"), action, form)
}

// drawStop now and then withdraws or terminates, wherever the case stands.
func (p *play) drawStop(t *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(t, "stop") {
	case 0:
		_ = p.take(p.act(p.s.Applicant, approval.Withdraw, nil))
	case 1:
		_ = p.take(p.act("a1", approval.Terminate, nil))
	}
}

// playOn brings most cases to an end by sensible acts, the clock and the call.
func (p *play) playOn(t *rapid.T) {
	p.occupied, p.taken = "", false
	p.run()
	for range 60 {
		switch p.s.Stage {
		case onboarding.Closed:
			return
		case onboarding.Ranking:
			p.hear("turn")
		case onboarding.Notice:
			p.tick()
		}
		_ = p.take(p.drawAct(t))
		p.run()
	}
}

// observe holds every single change against the invariants.
func (p *play) observe(prev, next *onboarding.State) {
	p.Helper()
	if holds := p.held - p.freed; next.Held != (holds == 1) || holds < 0 {
		p.Fatalf("held %v after %d holds and %d releases", next.Held, p.held, p.freed)
	}
	if prev.Stage == onboarding.DeskReview && next.Stage != prev.Stage && !next.Ended() && next.Stage != onboarding.Correction && next.Stage != onboarding.Reconsideration {
		p.observeReviews(next)
	}
	if next.Stage == onboarding.Notice && next.Panel() && next.Result.Counted < 3 {
		p.Fatalf("noticed with a result of %d scorers", next.Result.Counted)
	}
	if len(next.Contract.Signatures) > 0 && !next.Fit() {
		p.Fatalf("signed by an operator that is not fit")
	}
	if next.TakesOver() {
		p.observeTakeover(prev, next)
	} else if next.Stage == onboarding.Handover && (!next.Contract.Complete() || !next.Held) {
		p.Fatalf("at the handover with %d signatures, held %v", len(next.Contract.Signatures), next.Held)
	}
	if next.Status == approval.Completed && !next.TakesOver() && (!next.Checklist.Complete() || !next.Contract.Complete() || len(p.notices) == 0 || !next.Held) {
		p.Fatalf("completed with list %v, contract %v, %d notices", next.Checklist.Complete(), next.Contract.Complete(), len(p.notices))
	}
	if prev.Ended() && (next.Status != prev.Status || len(next.Acts) != len(prev.Acts) || len(next.Tasks) != len(prev.Tasks)) {
		p.Fatalf("an ended case went on")
	}
	if next.Round(onboarding.Reconsideration) > 1 {
		p.Fatalf("reconsidered twice")
	}
	p.observeTasks(next)
	if copied := next.Clone(); !reflect.DeepEqual(copied, next) {
		p.Fatalf("the state does not survive JSON")
	}
}

// observeTakeover: an existing contract comes to the handover by the word of two
// people, is noticed and signed nowhere, and is handed over for the space held.
func (p *play) observeTakeover(prev, next *onboarding.State) {
	p.Helper()
	if next.Contract.Hash != "" || len(p.notices) > 0 || len(next.Evidence) > 0 {
		p.Fatalf("a takeover was screened, noticed or signed")
	}
	if prev.Stage != next.Stage && next.Stage == onboarding.Handover && len(next.Confirmed()) < 2 {
		p.Fatalf("confirmed by %v only", next.Confirmed())
	}
	if next.Status == approval.Completed && (!next.Held || !next.Checklist.Complete() || len(next.Confirmed()) < 2) {
		p.Fatalf("completed with list %v, held %v, confirmed by %v", next.Checklist.Complete(), next.Held, next.Confirmed())
	}
}

// observeReviews: whoever is asked agreed on exactly this content, each another
// person, none of them an applicant or related to the operator.
func (p *play) observeReviews(s *onboarding.State) {
	p.Helper()
	decided, approvals := map[string]bool{}, 0
	for _, act := range s.Acts {
		if act.Stage != onboarding.DeskReview || act.Round != s.Round(onboarding.DeskReview) || act.Kind != approval.Decision || act.Action != approval.Approve {
			continue
		}
		approvals++
		for _, person := range []string{act.Person, act.For} {
			if person != "" && (decided[person] || person == s.Applicant || slices.Contains(s.People, person) || slices.Contains(s.Interested, person)) {
				p.Fatalf("%s agreed twice or has an interest", person)
			}
			decided[person] = true
		}
		if act.ContentHash != s.Application.Hash() {
			p.Fatalf("%s agreed with other content", act.Person)
		}
	}
	if approvals == 0 {
		p.Fatalf("went on to %s without anybody's word", s.Stage)
	}
	for _, scorer := range s.Scorers {
		if decided[scorer] {
			p.Fatalf("%s reviewed and scores", scorer)
		}
	}
}

// observeTasks: no two tasks of one name, no open task at a stage the case has
// left, nobody scored twice or for somebody else, nobody signed for two.
func (p *play) observeTasks(s *onboarding.State) {
	p.Helper()
	ids := map[string]bool{}
	for _, task := range s.Tasks {
		if ids[task.ID] {
			p.Fatalf("two tasks are called %s", task.ID)
		}
		ids[task.ID] = true
		if task.Status == approval.TaskOpen && task.Stage != s.Stage && task.Stage != approval.CaseDesk {
			p.Fatalf("%s is open at %s", task.ID, s.Stage)
		}
	}
	sheets := map[string]bool{}
	for _, act := range s.Acts {
		if act.Stage != onboarding.Scoring || act.Action != approval.Submit {
			continue
		}
		sheet := fmt.Sprint(act.Round, act.Person)
		if sheets[sheet] || act.For != "" || act.Person != act.Seat {
			p.Fatalf("%s scored twice or for somebody else in round %d", act.Person, act.Round)
		}
		sheets[sheet] = true
	}
	signed := map[string]bool{}
	for _, signature := range s.Contract.Signatures {
		if signed[signature.Person] || signature.Hash != s.Contract.Hash || signature.Reauthenticated == "" {
			p.Fatalf("the signature %+v does not count", signature)
		}
		signed[signature.Person] = true
	}
	if s.Ended() && len(s.Waiting().For) > 0 {
		p.Fatalf("an ended case waits for %+v", s.Waiting().For)
	}
}

// TestWhateverAnybodyDoes plays random cases: sensible acts, nonsense, the
// clock, calls, and a world that changes its answers. It holds the invariants
// against every single change.
func TestWhateverAnybodyDoes(t *testing.T) {
	reached := map[string]int{}
	places := []string{"completed", "rejected", "lapsed", "correction", "panel", "scoring", "ranking", "notice", "signing", "handover", "takeover", "reconsideration"}
	unseen := func(place string) bool { return reached[place] == 0 }
	for again := 0; again < 10 && slices.ContainsFunc(places, unseen); again++ { // some places are rare
		rapid.Check(t, whatever(reached))
	}
	t.Logf("reached %v", reached)
	for _, place := range places {
		if unseen(place) {
			t.Errorf("no case ever reached %q, so nothing was shown about it", place)
		}
	}
}

// whatever plays one case and counts where it comes.
func whatever(reached map[string]int) func(*rapid.T) {
	return func(t *rapid.T) {
		p := newPlay(t, drawStart(t))
		p.watch = p.observe
		p.drawScene(t)
		afterwards := 5 // events an ended case is still bothered with
		for range rapid.IntRange(30, 120).Draw(t, "events") {
			if p.s.Ended() {
				afterwards--
			}
			if afterwards == 0 {
				break
			}
			switch rapid.IntRange(0, 29).Draw(t, "event") {
			case 9, 10, 11:
				if p.s.Stage == onboarding.Notice || p.s.Stage == onboarding.Panel {
					p.tick()
				}
			case 0:
				p.drawScene(t)
			case 1, 2:
				p.tick()
			case 3, 4:
				_ = p.take(p.drawNoise(t))
			case 5:
				p.drawStop(t)
			case 6, 7, 8:
				p.hear(rapid.SampledFrom([]string{"1/2", "2/2", "turn", "turn", "turn", "over"}).Draw(t, "call"))
			default:
				_ = p.take(p.drawAct(t))
			}
			if rapid.IntRange(0, 9).Draw(t, "at once") > 0 {
				p.run()
			}
			reached[string(p.s.Stage)]++
		}
		if p.s.TakesOver() {
			reached[string(onboarding.TakingOver)]++
		}
		p.playOn(t)
		if p.s.Ended() && p.s.Held != (p.s.Status == approval.Completed) {
			t.Fatalf("%s and held %v", p.s.Status, p.s.Held)
		}
		reached[string(p.s.Status)]++
	}
}

// TestAnyOrderOfSheetsGivesOneResult scores in two orders; dropping extremes
// changes nothing about that.
func TestAnyOrderOfSheetsGivesOneResult(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panel := parameters().Panel
		panel.DropExtremes = rapid.Bool().Draw(t, "drop")
		sheets := drawSheets(t)
		shuffled := rapid.Permutation(sheets).Draw(t, "other order")
		a, b := onboarding.TallyScores(sheets, panel), onboarding.TallyScores(shuffled, panel)
		if !reflect.DeepEqual(a, b) || onboarding.CompareResults(a, b) != 0 {
			t.Fatalf("%+v and %+v", a, b)
		}
		if a.Counted < 3 || a.Sum < 0 || a.Sum > 10_000*int64(a.Counted) || a.Sum > a.Total {
			t.Fatalf("%+v", a)
		}
		better := slices.Clone(sheets)
		better[0].Scores = points("service:100,price:100")
		if onboarding.CompareResults(onboarding.TallyScores(better, panel), a) > 0 {
			t.Fatalf("a better sheet made the result worse")
		}
	})
}

func drawSheets(t *rapid.T) []onboarding.Sheet {
	var sheets []onboarding.Sheet
	for n := range rapid.IntRange(5, 9).Draw(t, "scorers") {
		sheets = append(sheets, onboarding.Sheet{Scorer: fmt.Sprint("e", n), Scores: points(fmt.Sprintf(
			"service:%d,price:%d", rapid.IntRange(0, 100).Draw(t, "service"), rapid.IntRange(0, 100).Draw(t, "price")))})
	}
	return sheets
}
