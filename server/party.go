package server

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/operator"
)

// RelatedParties are an operator's owners and managers, what people of Linli are
// to them, and which payees are theirs.
type RelatedParties interface {
	AddParty(ctx context.Context, operatorID string, party operator.NewParty, by string, at time.Time) error
	EndParty(ctx context.Context, operatorID, id string, ending operator.Ending) error
	DeclareTie(ctx context.Context, operatorID string, tie operator.NewTie, by string, at time.Time) error
	EndTie(ctx context.Context, operatorID, id string, ending operator.Ending) error
	RelatedParties(ctx context.Context, operatorID string) ([]operator.Party, []operator.Tie, error)
	LinkPayee(ctx context.Context, link operator.PayeeLink) error
}

func (s *Server) partyRoutes() []Route {
	keepers := Holding(approval.Handler, approval.Administrator)
	return []Route{
		{Method: "GET", Path: "/v1/operators/{id}/related", Operation: "listRelated", Allow: SignedIn(), Handle: read(s.related)},
		{Method: "POST", Path: "/v1/operators/{id}/parties", Operation: "addParty", Allow: keepers, Handle: write(s.addParty)},
		{Method: "POST", Path: "/v1/operators/{id}/parties/{entry}/end", Operation: "endParty", Allow: keepers, Handle: write(s.endParty)},
		{Method: "POST", Path: "/v1/operators/{id}/ties", Operation: "declareTie", Allow: SignedIn(), Handle: write(s.declareTie)},
		{Method: "POST", Path: "/v1/operators/{id}/ties/{entry}/end", Operation: "endTie", Allow: keepers, Handle: write(s.endTie)},
		{Method: "POST", Path: "/v1/payees/{id}/operators", Operation: "linkPayee",
			Allow: Holding(approval.Handler, approval.Secretary, approval.CharityOfficer, approval.Administrator), Handle: write(s.linkPayee)},
	}
}

// relatedAnswer is the register of one operator, as far as the caller sees it.
type relatedAnswer struct {
	Parties []operator.Party `json:"parties"`
	Ties    []operator.Tie   `json:"ties"`
}

func (s *Server) related(ctx context.Context, c call) (relatedAnswer, error) {
	found, err := s.records.Operator(ctx, c.Param("id"))
	if err != nil {
		return relatedAnswer{}, err
	}
	return s.relatedTo(ctx, found.ID)
}

func (s *Server) relatedTo(ctx context.Context, operatorID string) (relatedAnswer, error) {
	parties, ties, err := s.records.RelatedParties(ctx, operatorID)
	return relatedAnswer{Parties: listOf(parties, "").Items, Ties: listOf(ties, "").Items}, err
}

func (s *Server) addParty(ctx context.Context, c call, in operator.NewParty) (relatedAnswer, error) {
	return s.registered(ctx, c, in.Validate, func(id string) error { return s.records.AddParty(ctx, id, in, c.Person.ID, c.Now) })
}

// newEnding ends a party or a tie.
type newEnding struct {
	EndedOn string `json:"ended_on"`
	Reason  string `json:"reason"`
}

func (n newEnding) ending(by string) operator.Ending {
	return operator.Ending{EndedOn: n.EndedOn, EndReason: n.Reason, EndedBy: by}
}

func (s *Server) endParty(ctx context.Context, c call, in newEnding) (relatedAnswer, error) {
	ending := in.ending(c.Person.ID)
	return s.registered(ctx, c, func() error { return ending.Validate(c.Now) }, func(id string) error {
		return s.records.EndParty(ctx, id, c.Param("entry"), ending)
	})
}

func (s *Server) endTie(ctx context.Context, c call, in newEnding) (relatedAnswer, error) {
	ending := in.ending(c.Person.ID)
	return s.registered(ctx, c, func() error { return ending.Validate(c.Now) }, func(id string) error {
		return s.records.EndTie(ctx, id, c.Param("entry"), ending)
	})
}

// registered checks who keeps the register and what is stated, keeps it, and
// answers with the register.
func (s *Server) registered(ctx context.Context, c call, check func() error, keep func(id string) error) (relatedAnswer, error) {
	found, err := s.kept(ctx, c)
	if err != nil {
		return relatedAnswer{}, err
	}
	if err := check(); err != nil {
		return relatedAnswer{}, err
	}
	if err := keep(found.ID); err != nil {
		return relatedAnswer{}, err
	}
	return s.relatedTo(ctx, found.ID)
}

func (s *Server) declareTie(ctx context.Context, c call, in operator.NewTie) (relatedAnswer, error) {
	found, err := s.records.Operator(ctx, c.Param("id"))
	if err != nil {
		return relatedAnswer{}, err
	}
	if in.PersonID == "" {
		in.PersonID = c.Person.ID
	}
	if err := in.Validate(); err != nil {
		return relatedAnswer{}, err
	}
	if err := in.MayDeclare(c.Person, found); err != nil {
		return relatedAnswer{}, err
	}
	if err := s.records.DeclareTie(ctx, found.ID, in, c.Person.ID, c.Now); err != nil {
		return relatedAnswer{}, err
	}
	return s.relatedTo(ctx, found.ID)
}

// linkPayee says whether a payee is an operator or one of its owners; everybody
// the register relates to it is then in or out of decisions on that payee.
func (s *Server) linkPayee(ctx context.Context, c call, in operator.NewPayeeLink) (funduse.RegisteredPayee, error) {
	payee, err := s.records.Payee(ctx, c.Param("id"))
	if err != nil {
		return payee, err
	}
	if err := in.Validate(); err != nil {
		return payee, err
	}
	if err := approval.Permit(c.Person, payee.Scope, approval.Handler, approval.Secretary, approval.CharityOfficer, approval.Administrator); err != nil {
		return payee, err
	}
	if err := s.records.LinkPayee(ctx, operator.PayeeLink{PayeeID: payee.ID, NewPayeeLink: in, DeclaredAt: c.Now, DeclaredBy: c.Person.ID}); err != nil {
		return payee, err
	}
	return s.records.Payee(ctx, payee.ID)
}
