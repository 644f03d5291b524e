package onboarding_test

import (
	"fmt"
	"strconv"
	"strings"

	"linli/approval"
	"linli/approval/onboarding"
)

// perform plays a script, one line per event:
//
//	sec approve              an act on the task that is sec's to act on
//	e1 submit scores=80,70   an act with a form; !code: it must be refused so
//	& e2 recuse              before the workflow has acted on the line above
//	tick                     the clock goes on to the next alarm
//	call 2/3, call turn, call over   what the call says
//	rules blocked, looks blocked, routes district, interested sec, panel e1 e2 e3, taken, free, fund, occupied 某店
//	@notice                  the case must stand at this stage (or status) now
func (p *play) perform(script string) {
	p.Helper()
	for n, line := range strings.Split(strings.TrimSpace(script), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		together := words[0] == "&"
		if together {
			words = words[1:]
		}
		if p.begun && !together {
			p.run()
		}
		if p.setScene(words) {
			continue
		}
		if !p.begun {
			p.begun = true
			p.run()
		}
		if problem := p.event(words); problem != "" {
			p.Fatalf("line %d, %q: %s", n+1, strings.TrimSpace(line), problem)
		}
	}
	p.run()
}

// setScene takes a line that tells how the world will answer.
func (p *play) setScene(words []string) bool {
	rest := words[1:]
	switch words[0] {
	case "rules":
		p.rules = append(p.rules, approval.Outcome(rest[0]))
	case "looks":
		p.looks = append(p.looks, approval.Outcome(rest[0]))
	case "routes":
		p.routes = rest
	case "interested":
		p.interested = rest
	case "panel":
		p.panel = rest
	case "taken":
		p.taken = true
	case "free":
		p.taken, p.occupied = false, ""
	case "fund":
		p.fund = strings.Join(rest, "")
	case "occupied":
		p.occupied = rest[0]
	default:
		return false
	}
	return true
}

// event plays one line and says what is wrong with how it went.
func (p *play) event(words []string) string {
	p.Helper()
	switch {
	case words[0] == "tick":
		if !p.tick() {
			return "the clock has nothing to wait for"
		}
		return ""
	case words[0] == "call":
		p.hear(words[1])
		return ""
	case words[0][0] == '@':
		if stage := string(p.s.Stage); stage != words[0][1:] && string(p.s.Status) != words[0][1:] {
			return "the case is at " + stage + ", " + string(p.s.Status) + ": " + p.s.Reason
		}
		return ""
	}
	want := ""
	if last := words[len(words)-1]; last[0] == '!' {
		want, words = last[1:], words[:len(words)-1]
	}
	err := p.take(p.act(words[0], approval.Action(words[1]), words[2:]))
	if got := string(approval.CodeOf(err)); got != want {
		return fmt.Sprintf("got %q (%v)", got, err)
	}
	return ""
}

// hear takes a word of the call: "2/3" a rank, "turn", "over".
func (p *play) hear(text string) {
	word := onboarding.Word{Place: p.s.Place}
	switch rank, of, ranked := strings.Cut(text, "/"); {
	case ranked:
		word.Place.Rank, _ = strconv.Atoi(rank)
		word.Place.Of, _ = strconv.Atoi(of)
	case text == "turn":
		word.Place.Turn = true
	default:
		word.Over, word.Reason = true, "招引结束"
	}
	if p.s.Heard(word) {
		p.advance(func(next *onboarding.State) { next.Hear(word, p.now) })
	}
}

// act composes an act on the task that is the person's to act on.
func (p *play) act(who string, action approval.Action, options []string) approval.Act {
	p.Helper()
	person, ok := cast[who]
	if !ok {
		p.Fatalf("nobody is called %q", who)
	}
	p.acts++
	act := approval.Act{
		ID: fmt.Sprintf("%s/%d", who, p.acts), CaseID: p.s.Start.CaseID, Action: action, Person: person, Comment: "理由",
	}
	if tasks := p.open(person, action); len(tasks) > 0 {
		act.TaskID = tasks[len(tasks)-1].ID
	} else if len(p.s.Tasks) > 0 {
		act.TaskID = p.s.Tasks[len(p.s.Tasks)-1].ID
	}
	if task := p.s.Task(act.TaskID); task != nil {
		act.ContentHash = task.ContentHash
	}
	switch action {
	case approval.AskCorrection:
		act.Form.Items = []string{"托育备案回执", "消防承诺书"}
	case approval.Sign:
		act.Reauthenticated = approval.ByPassword
	}
	p.fill(&act, options)
	return act
}

// fill reads the form of an act from key=value options.
func (p *play) fill(act *approval.Act, options []string) {
	p.Helper()
	details, filled := onboarding.Details{}, true
	corrected := p.s.Application
	for _, option := range options {
		key, value, _ := strings.Cut(option, "=")
		switch key {
		case "to":
			act.Form.To = strings.Split(value, ",")
		case "stage":
			act.Form.Stage = approval.Stage(value)
		case "task":
			act.TaskID = p.s.Start.CaseID + "." + value
			if task := p.s.Task(act.TaskID); task != nil {
				act.ContentHash = task.ContentHash
			}
		case "hash":
			act.ContentHash = value
		case "comment":
			act.Comment = value
		case "proof":
			act.Reauthenticated = approval.Reauthentication(value)
		case "for":
			act.Person.For, act.Person.Grants = value, cast[value].Grants
		case "scores":
			service, price, _ := strings.Cut(value, ",")
			details.Scores = points("service:" + service + ",price:" + price)
		case "points":
			details.Scores = points(value)
		case "objection":
			details.ObjectionID = value
		case "title":
			corrected.Title = value
			details.Application = &corrected
		case "admission":
			corrected.Takeover = nil
			details.Application = &corrected
		case "space":
			corrected.Space.ID = value
			details.Application = &corrected
		case "expired":
			corrected.Licences = []onboarding.Licence{{ID: "l1", Kind: "small_catering", Number: "XCY-0001", ValidUntil: "2025-12-31"}}
			details.Application = &corrected
		case "list", "sound", "worn", "repaired":
			details.Handover = p.handoverForm(key)
		default:
			p.Fatalf("no option %q", key)
		}
	}
	if filled = len(encode(p, details)) > 2; filled {
		act.Form.Details = encode(p, details)
	}
}

// handoverForm is the list, what a side reads of every item that is not agreed
// yet, or a repair's report. "worn" finds the last item defective.
func (p *play) handoverForm(what string) *onboarding.HandoverForm {
	switch what {
	case "list":
		return &onboarding.HandoverForm{Items: listed()}
	case "repaired":
		return &onboarding.HandoverForm{Repaired: &onboarding.RepairReport{Report: "已更换"}}
	}
	form := &onboarding.HandoverForm{}
	for i, reading := range sound(p.s.Checklist) {
		if !p.s.Checklist.Items[i].Agreed() {
			form.Readings = append(form.Readings, reading)
		}
	}
	if n := len(form.Readings); what == "worn" && n > 0 {
		form.Readings[n-1].State, form.Readings[n-1].Note = onboarding.Defective, "有损坏"
	}
	return form
}
