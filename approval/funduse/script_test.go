package funduse_test

import (
	"fmt"
	"strconv"
	"strings"

	"linli/approval"
	"linli/approval/funduse"
)

// perform plays a script, one line per event:
//
//	m1 approve             an act on the task that is m1's to act on
//	k1 approve ref=R1 !so  an act with a form, refused with code "so"
//	& m2 recuse            before the workflow has acted on the line above
//	tick                   the clock goes on to the next alarm
//	roster m1 m2! +r1      what the next convening finds
//	rules screening blocked, bank 账号有误, short 1, routes subdistrict
//	@charity               the case must stand at this stage (or status) now
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
	case "roster":
		p.roster = rosterOf(strings.Join(rest, " "))
	case "rules":
		stage := approval.Stage(rest[0])
		p.rules[stage] = append(p.rules[stage], approval.Outcome(rest[1]))
	case "routes":
		p.routes = rest
	case "bank":
		p.bank = append(p.bank, rest...)
	case "short":
		p.short++
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

// act composes an act on the task that is the person's to act on.
func (p *play) act(who string, action approval.Action, options []string) approval.Act {
	p.Helper()
	person, ok := cast[who]
	if !ok {
		p.Fatalf("nobody is called %q", who)
	}
	p.acts++
	act := approval.Act{
		ID: fmt.Sprintf("%s/%d", who, p.acts), CaseID: p.s.Start.CaseID, Action: action, Person: person,
		Comment: "理由", ContentHash: p.s.ContentHash,
	}
	if tasks := p.open(person, action); len(tasks) > 0 {
		act.TaskID = tasks[len(tasks)-1].ID
	} else if len(p.s.Tasks) > 0 {
		act.TaskID = p.s.Tasks[len(p.s.Tasks)-1].ID
	}
	if action == approval.AskCorrection {
		act.Form.Items = []string{"合同", "比价单"}
	}
	p.fill(&act, options)
	return act
}

// fill reads the form of an act from key=value options.
func (p *play) fill(act *approval.Act, options []string) {
	p.Helper()
	details, filled := funduse.Details{}, false
	corrected := p.s.Proposal
	for _, option := range options {
		key, value, _ := strings.Cut(option, "=")
		number, _ := strconv.ParseInt(value, 10, 64)
		switch key {
		case "to":
			act.Form.To = strings.Split(value, ",")
		case "stage":
			act.Form.Stage = approval.Stage(value)
		case "task":
			act.TaskID = p.s.Start.CaseID + "." + value
		case "hash":
			act.ContentHash = value
		case "comment":
			act.Comment = value
		case "for":
			act.Person.For, act.Person.Grants = value, cast[value].Grants
		default:
			filled = true
			switch key {
			case "ref":
				details.BankReference = value
			case "amount":
				details.Amount = approval.Fen(number)
			case "unused":
				details.Unused = approval.Fen(number)
			case "papers":
				details.Attachments = []funduse.Attachment{{ID: value, Kind: "receipt", Name: "票据.pdf", SHA256: strings.Repeat("a", 64), Size: 1}}
			case "text":
				details.Text = value
			case "objection":
				details.ObjectionID = value
			case "title":
				corrected.Title = value
				details.Proposal = &corrected
			case "fund":
				corrected.FundID = value
				details.Proposal = &corrected
			case "price":
				corrected.Amount, corrected.Lines = approval.Fen(number), []funduse.Line{{Item: "单元门", Amount: approval.Fen(number)}}
				details.Proposal = &corrected
			default:
				p.Fatalf("no option %q", key)
			}
		}
	}
	if filled {
		act.Form.Details = encode(p, details)
	}
}
