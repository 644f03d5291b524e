package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/poster"
)

// minutes reads the last round of the committee's vote, once it is over. The
// tasks of the round are the roster as it was frozen; who was out of it, and
// why, comes from the record and from the list as it stands.
func (s *Server) minutes(ctx context.Context, c call) (poster.Minutes, error) {
	row, err := s.readCase(ctx, c)
	if err != nil {
		return poster.Minutes{}, err
	}
	if row.Sealed || row.Stage == funduse.Committee {
		return poster.Minutes{}, noMinutes()
	}
	round, err := s.round(ctx, c, row)
	if err != nil {
		return poster.Minutes{}, err
	}
	rules, err := s.config.Rules.Pinned(ctx, row.Pin)
	if err != nil {
		return poster.Minutes{}, err
	}
	committee := rules.Parameters.Committee
	verdict, err := approval.Tally(committee.BallotRules(), round.roster(), round.ballots(), round.over())
	if err != nil {
		return poster.Minutes{}, fmt.Errorf("counting the ballots of %s for its minutes: %w", row.CaseID, err)
	}
	if verdict.Outcome == approval.VoteOpen { // the case was stopped in the middle of the vote
		return poster.Minutes{}, noMinutes()
	}
	opened, closed := round.period()
	if round.passed && verdict.Outcome != approval.VotePassed {
		return poster.Minutes{}, approval.Errorf(approval.Conflict, "管委会名单此后有变更，无法由现有记录还原会议纪要，请查阅归档历史。",
			"The committee has changed since, so that the minutes cannot be made from the record any more; see the archived history.")
	}
	return poster.Minutes{
		CaseID: row.CaseID, Title: round.proposal.Title, Community: round.place, Amount: round.proposal.Amount,
		Round: round.votes[0].Round, OpenedAt: opened, ClosedAt: closed,
		Members: round.attendance(), Named: committee.Publish == funduse.PublishNames, Verdict: verdict,
		ContentHash: round.votes[0].ContentHash, Pin: row.Pin,
	}, nil
}

func noMinutes() error {
	return approval.Errorf(approval.Conflict, "本事项尚无结束的管委会表决，不能生成会议纪要。",
		"No vote of the committee on this case has come to its end; there are no minutes yet.")
}

// round is everything known about one round of a vote.
type round struct {
	votes     []approval.TaskView // ballots, recusals, and those never cast
	steps     []approval.StepView
	proposal  funduse.Proposal
	proposer  string
	place     string
	standing  funduse.StandingCommittee
	interests []funduse.Interest // in the payee
	passed    bool               // the case went on to whoever decides next
}

func (s *Server) round(ctx context.Context, c call, row approval.CaseView) (found round, err error) {
	tasks, err := s.records.CaseTasks(ctx, row.CaseID, c.Now)
	if err != nil {
		return found, err
	}
	if found.votes = lastRound(tasks, funduse.Committee); len(found.votes) == 0 {
		return found, noMinutes()
	}
	_, closed := found.period()
	found.proposer = row.Proposer
	found.passed = slices.ContainsFunc(tasks, func(task approval.TaskView) bool {
		return (task.Stage == funduse.Higher || task.Stage == funduse.CharityReview) && !task.OpenedAt.Before(closed)
	})
	if found.steps, err = s.records.CaseSteps(ctx, row.CaseID); err != nil {
		return found, err
	}
	if found.proposal, err = s.records.Proposal(ctx, row.CaseID, found.votes[0].ContentHash); err != nil {
		return found, err
	}
	if found.place, err = s.placeName(ctx, row.Scope); err != nil {
		return found, err
	}
	if found.standing, err = s.records.StandingCommittee(ctx, row.Scope); unseen(err) != nil {
		return found, err
	}
	payee, err := s.records.Payee(ctx, found.proposal.Payee.ID)
	found.interests = payee.Interests
	return found, unseen(err)
}

// unseen forgives what somebody who was merely sent the case does not see:
// the minutes then say less.
func unseen(err error) error {
	if approval.CodeOf(err) == approval.NotFound {
		return nil
	}
	return err
}

// lastRound are the tasks of the latest round of a stage.
func lastRound(tasks []approval.TaskView, stage approval.Stage) []approval.TaskView {
	var last []approval.TaskView
	for _, task := range tasks {
		if task.Stage != stage || task.Kind == approval.Standing {
			continue
		}
		if len(last) > 0 && task.Round > last[0].Round {
			last = nil
		}
		if len(last) == 0 || task.Round == last[0].Round {
			last = append(last, task)
		}
	}
	return last
}

func (s *Server) placeName(ctx context.Context, scope approval.Scope) (string, error) {
	divisions, err := s.records.Divisions(ctx)
	if err != nil {
		return "", err
	}
	path, _ := places(divisions, scope)
	names := make([]string, len(path))
	for i, place := range path {
		names[i] = place.Name
	}
	return strings.Join(names, " "), nil
}

func (r round) period() (opened, closed time.Time) {
	opened = r.votes[0].OpenedAt
	for _, vote := range r.votes {
		if vote.OpenedAt.Before(opened) {
			opened = vote.OpenedAt
		}
		if vote.ClosedAt.After(closed) {
			closed = vote.ClosedAt
		}
	}
	return opened, closed
}

// over reports whether the voting period had run out; else only arithmetic
// can have settled the vote.
func (r round) over() bool {
	return !slices.ContainsFunc(r.votes, func(vote approval.TaskView) bool {
		return vote.Status != approval.TaskDone && !vote.Escalated
	})
}

var ballotChoices = map[approval.Action]approval.Choice{
	approval.Approve: approval.For, approval.Reject: approval.Against, approval.Abstain: approval.Abstained,
}

func (r round) ballots() []approval.Ballot {
	var ballots []approval.Ballot
	for _, vote := range r.votes {
		if choice := ballotChoices[vote.ClosedAs]; choice != "" {
			ballots = append(ballots, approval.Ballot{Member: vote.Seat, Choice: choice, CastAt: vote.ClosedAt})
		}
	}
	return ballots
}

// roster is the frozen roster again: who had a ballot task could vote, and a
// reserve who had one took the place of somebody who was out.
func (r round) roster() []approval.Member {
	var members []approval.Member
	for _, vote := range r.votes {
		listed := r.listed(vote.Seat)
		members = append(members, approval.Member{
			ID: vote.Seat, Seats: listed.Seats, Reserve: listed.Reserve, Recused: vote.ClosedAs == approval.Recuse, Reason: r.recusal(vote.Seat),
		})
	}
	members = append(members, r.outside()...)
	voters := members[:len(r.votes)]
	for i := range voters {
		if !voters[i].Reserve {
			continue
		}
		replaced := slices.IndexFunc(members, func(m approval.Member) bool {
			return (m.Recused || m.Interested) && (!m.Reserve || m.CalledFor != "") &&
				!slices.ContainsFunc(members, func(called approval.Member) bool { return called.CalledFor == m.ID })
		})
		if replaced < 0 { // the list has changed since: a voter was a member then
			voters[i].Reserve = false
			continue
		}
		voters[i].CalledFor = members[replaced].ID
	}
	return members
}

// outside are the members without a ballot: out before the vote was opened.
func (r round) outside() []approval.Member {
	opened, _ := r.period()
	var out []approval.Member
	for _, listed := range r.standing.Members {
		voted := slices.ContainsFunc(r.votes, func(vote approval.TaskView) bool { return vote.Seat == listed.PersonID })
		if voted || listed.Reserve {
			continue
		}
		reason := r.whyOut(listed.PersonID, opened)
		if reason == "" && r.standing.SetAt.After(opened) {
			continue // joined later
		}
		out = append(out, approval.Member{ID: listed.PersonID, Seats: listed.Seats, Interested: true, Reason: reason})
	}
	return out
}

func (r round) whyOut(person string, opened time.Time) string {
	if person == r.proposer {
		return "本事项申请人"
	}
	if reason := r.recusal(person); reason != "" {
		return reason
	}
	for _, interest := range r.interests {
		if interest.PersonID == person && !interest.DeclaredAt.After(opened) {
			return "与收款方有利害关系：" + interest.Relation.Name().ZH
		}
	}
	return ""
}

// recusal is the reason a person gave for stepping aside in this case.
func (r round) recusal(person string) string {
	for _, step := range r.steps {
		if step.Action == approval.Recuse && step.Seat == person && !step.Superseded {
			return step.Comment
		}
	}
	return ""
}

func (r round) listed(person string) funduse.CommitteeMember {
	for _, member := range r.standing.Members {
		if member.PersonID == person {
			return member
		}
	}
	return funduse.CommitteeMember{PersonID: person}
}

func (r round) attendance() []poster.Attendance {
	var present []poster.Attendance
	for _, member := range r.roster() {
		who := poster.Attendance{
			Name: r.name(member.ID), Seats: member.Seats, Reserve: member.CalledFor != "",
			Recused: member.Recused || member.Interested, Reason: member.Reason,
		}
		for _, vote := range r.votes {
			if choice := ballotChoices[vote.ClosedAs]; vote.Seat == member.ID && choice != "" {
				who.Choice, who.VotedAt = choice, vote.ClosedAt
			}
		}
		if who.Recused && who.Reason == "" {
			who.Reason = "理由见办理记录"
		}
		present = append(present, who)
	}
	return present
}

func (r round) name(person string) string {
	if name := r.listed(person).Name; name != "" {
		return name
	}
	return personName(r.steps, person)
}
