package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/approval/space"
	"linli/store/sqlgen"
)

// OnboardingFacts is what a district's criteria may look at, as the register
// stands now: operator, credit lists, space, needs, call and community. What
// nobody recorded is absent, not a refusal; an unknown operator or space is
// refused. All of it is read in one transaction.
func (s *Store) OnboardingFacts(ctx context.Context, q onboarding.FactQuestion) (facts onboarding.RegisterFacts, err error) {
	err = s.atomic(ctx, func(ctx context.Context) error {
		facts = onboarding.RegisterFacts{}
		for _, read := range []func(context.Context, onboarding.FactQuestion, *onboarding.RegisterFacts) error{
			s.operatorFacts, s.interestFacts, s.engagementFacts, s.spaceFacts, s.callFacts,
		} {
			if err := read(ctx, q, &facts); err != nil {
				return err
			}
		}
		return nil
	})
	return facts, err
}

func (s *Store) operatorFacts(ctx context.Context, q onboarding.FactQuestion, facts *onboarding.RegisterFacts) error {
	found, err := s.Operator(ctx, q.OperatorID)
	if err != nil {
		return err
	}
	licences, err := s.Licences(ctx, q.OperatorID)
	if err != nil {
		return err
	}
	parties, _, err := s.RelatedParties(ctx, q.OperatorID)
	if err != nil {
		return err
	}
	checks, err := s.CreditChecks(ctx, q.OperatorID)
	facts.Operator = onboarding.OperatorFactsOf(found, licences, parties, q.At)
	facts.Credit = onboarding.CreditFactsOf(checks, q.At)
	return err
}

// interestFacts finds who is related to the operator and who of them decides
// in the community.
func (s *Store) interestFacts(ctx context.Context, q onboarding.FactQuestion, facts *onboarding.RegisterFacts) error {
	interests, err := s.OperatorInterests(ctx, q.OperatorID, q.At)
	if err != nil {
		return err
	}
	people := []string{}
	for _, interest := range interests {
		people = append(people, interest.PersonID)
	}
	slices.Sort(people)
	facts.Interested = slices.Compact(people)
	return s.tx(ctx, func(g *sqlgen.Queries) (err error) {
		facts.Operator.InterestedDeciders, err = g.DecidersAmong(ctx, sqlgen.DecidersAmongParams{People: facts.Interested, Community: string(q.Scope)})
		return err
	})
}

func (s *Store) engagementFacts(ctx context.Context, q onboarding.FactQuestion, facts *onboarding.RegisterFacts) error {
	return s.tx(ctx, func(g *sqlgen.Queries) error {
		rows, err := g.EngagementsOf(ctx, q.OperatorID)
		if err != nil {
			return err
		}
		views := make([]engagement.View, len(rows))
		for i, row := range rows {
			if err := json.Unmarshal(row, &views[i]); err != nil {
				return fmt.Errorf("reading an engagement of %s: %w", q.OperatorID, err)
			}
		}
		record := engagement.TrackRecordOf(views)
		facts.Operator.RunningEngagements = record.Running
		facts.Operator.LastScoreKnown, facts.Operator.LastScore = record.Scored, record.LastScore
		if facts.Operator.RectificationsUndone, err = g.OverdueRectifications(ctx, sqlgen.OverdueRectificationsParams{OperatorID: q.OperatorID, Now: orNever(q.At)}); err != nil {
			return err
		}
		facts.Renewal, err = g.OperatorHoldsSpace(ctx, sqlgen.OperatorHoldsSpaceParams{SpaceID: q.SpaceID, OperatorID: q.OperatorID})
		return err
	})
}

func (s *Store) spaceFacts(ctx context.Context, q onboarding.FactQuestion, facts *onboarding.RegisterFacts) error {
	first, last, err := termOf(q.StartsOn, q.EndsOn)
	if err != nil {
		return err
	}
	asked, err := s.Space(ctx, q.SpaceID)
	if err != nil {
		return err
	}
	inventory, err := s.SpacesOf(ctx, q.Scope)
	if err != nil {
		return err
	}
	needs, err := s.Needs(ctx, q.Scope)
	if err != nil {
		return err
	}
	facts.Needs = onboarding.NeedFactsOf(needs, q.Needs)
	return s.tx(ctx, func(g *sqlgen.Queries) error {
		taken := vacant(ctx, g, q.SpaceID, q.CaseID, q.CallID, q.Number, first, last)
		if taken == nil && q.CallID == "" {
			taken = yielded(ctx, g, q.SpaceID, q.CaseID, q.OperatorID, first)
		}
		if taken != nil && approval.CodeOf(taken) != approval.SpaceTaken {
			return taken
		}
		households, err := g.HouseholdsOf(ctx, string(q.Scope))
		if err != nil {
			return err
		}
		lets, err := letsOf(ctx, g, q.Scope, q.CaseID, first, last)
		if err != nil {
			return err
		}
		let, err := g.LetArea(ctx, sqlgen.LetAreaParams{Scope: string(q.Scope), CaseID: q.CaseID, StartsOn: first, EndsOn: last})
		facts.Space = onboarding.SpaceFactsOf(asked, inventory, lets, q.Keeps, taken == nil)
		facts.Community = onboarding.CommunityFactsOf(q.Scope, households, inventory, let)
		return err
	})
}

func (s *Store) callFacts(ctx context.Context, q onboarding.FactQuestion, facts *onboarding.RegisterFacts) error {
	if q.CallID == "" {
		return nil
	}
	view, err := s.Call(ctx, q.CallID)
	facts.Call, facts.CallOver = onboarding.CallFactsOf(view.Call, q.FiledAt), !view.EndedAt.IsZero()
	return err
}

// Scorers are the persons who hold the scorer's role over a community.
func (s *Store) Scorers(ctx context.Context, community approval.Scope) (scorers []string, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		scorers, err = q.ScorersOver(ctx, string(community))
		return err
	})
	return scorers, err
}

// SigningFacts is who signs for the operator, and what the documents name. A
// community without a fund is a fact, not a refusal.
func (s *Store) SigningFacts(ctx context.Context, question onboarding.SigningQuestion) (facts onboarding.SigningFacts, err error) {
	err = s.atomic(ctx, func(ctx context.Context) error {
		found, err := s.Operator(ctx, question.OperatorID)
		if err != nil {
			return err
		}
		asked, err := s.Space(ctx, question.SpaceID)
		if err != nil {
			return err
		}
		facts = onboarding.SigningFacts{Representative: found.LegalRepresentative, Place: asked.Address, Use: asked.Use, Rooms: roomNames(asked)}
		return s.tx(ctx, func(q *sqlgen.Queries) error { return signingFacts(ctx, q, question, &facts) })
	})
	return facts, err
}

func signingFacts(ctx context.Context, q *sqlgen.Queries, question onboarding.SigningQuestion, facts *onboarding.SigningFacts) error {
	names, err := q.ScopeNames(ctx, string(question.Scope))
	if err != nil {
		return err
	}
	facts.Community, facts.Subdistrict = onboarding.OfficeNames(names)
	if facts.People, err = actingFor(ctx, q, question.OperatorID); err != nil {
		return err
	}
	fund, err := q.FundOfCommunity(ctx, string(question.Scope))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	facts.FundID, facts.Fund, facts.Charity = fund.ID, fund.Name, fund.Charity
	return err
}

// Inventory is the space as registered, and who else than the case still has it.
func (s *Store) Inventory(ctx context.Context, question onboarding.InventoryQuestion) (inventory onboarding.Inventory, err error) {
	asked, err := s.Space(ctx, question.SpaceID)
	if err != nil {
		return inventory, err
	}
	inventory = onboarding.Inventory{SpaceID: asked.ID, Name: asked.Name, Rooms: roomNames(asked)}
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		inventory.OccupiedBy, err = q.SpaceOccupant(ctx, sqlgen.SpaceOccupantParams{SpaceID: question.SpaceID, CaseID: question.CaseID})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return inventory, err
}

// roomNames names rooms so that no two are alike: by code where a name is used
// twice.
func roomNames(of space.Space) []string {
	names := make([]string, 0, len(of.Rooms))
	for i, room := range of.Rooms {
		name := room.Name
		if slices.ContainsFunc(of.Rooms, func(other space.Room) bool { return other.Name == name && other.Code != of.Rooms[i].Code }) {
			name = room.Code + " " + room.Name
		}
		names = append(names, name)
	}
	return names
}

// Agents are the persons who act for an operator now, for whoever files an
// application for it.
func (s *Store) Agents(ctx context.Context, operatorID string) (agents []string, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		agents, err = q.AgentsOf(ctx, operatorID)
		return err
	})
	return agents, err
}

// SpaceNumber is the number an allocation of the space names.
func (s *Store) SpaceNumber(ctx context.Context, id string) (number int32, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		number, err = q.SpaceNumber(ctx, id)
		return absent(err, "阵地", "space")
	})
	return number, err
}
