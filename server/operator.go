package server

import (
	"context"
	"time"

	"linli/approval"
	"linli/approval/operator"
)

// Operators are the register of operators: public entries, licences, credit
// checks, and who acts for them.
type Operators interface {
	OperatorNames(ctx context.Context, without string) ([]operator.Named, error)
	RegisterOperator(ctx context.Context, scope approval.Scope, details operator.Details, by string, at time.Time) (operator.Operator, error)
	ChangeOperator(ctx context.Context, id string, change operator.Change, by string, at time.Time) (operator.Operator, error)
	Operators(ctx context.Context, filter operator.Filter, page approval.Page) (operators []operator.Operator, next string, err error)
	Operator(ctx context.Context, id string) (operator.Operator, error)
	OperatorVersions(ctx context.Context, id string) ([]approval.Version, error)
	RecordLicence(ctx context.Context, operatorID string, licence operator.NewLicence, by string, at time.Time) error
	RevokeLicence(ctx context.Context, operatorID, id string, revocation operator.Revocation, by string) error
	Licences(ctx context.Context, operatorID string) ([]operator.Licence, error)
	RecordCreditCheck(ctx context.Context, operatorID string, check operator.NewCreditCheck, by string, at time.Time) error
	CreditChecks(ctx context.Context, operatorID string) ([]operator.CreditCheck, error)
	LinkActor(ctx context.Context, operatorID string, actor operator.Actor) error
	EndActor(ctx context.Context, operatorID string, actor operator.Actor) error
	Actors(ctx context.Context, operatorID string) ([]operator.Actor, error)
	RunningCases(ctx context.Context, operatorID string) ([]string, error)
	ActsFor(ctx context.Context, operatorID, person string) (bool, error)
}

func (s *Server) operatorRoutes() []Route {
	keepers := Holding(approval.Handler, approval.Administrator)
	linkers := Holding(approval.Secretary, approval.Administrator)
	return []Route{
		{Method: "GET", Path: "/v1/operators", Operation: "listOperators", Allow: SignedIn(), Handle: read(s.operators)},
		{Method: "POST", Path: "/v1/operators", Operation: "registerOperator", Allow: keepers, Handle: write(s.registerOperator)},
		{Method: "GET", Path: "/v1/operators/{id}", Operation: "readOperator", Allow: SignedIn(), Handle: read(s.operator)},
		{Method: "PUT", Path: "/v1/operators/{id}", Operation: "changeOperator", Allow: keepers, Handle: write(s.changeOperator)},
		{Method: "GET", Path: "/v1/operators/{id}/versions", Operation: "listOperatorVersions", Allow: SignedIn(), Handle: read(s.operatorVersions)},
		{Method: "POST", Path: "/v1/operators/{id}/licences", Operation: "recordLicence", Allow: keepers, Handle: write(s.recordLicence)},
		{Method: "POST", Path: "/v1/operators/{id}/licences/{licence}/revocation", Operation: "revokeLicence", Allow: keepers, Handle: write(s.revokeLicence)},
		{Method: "POST", Path: "/v1/operators/{id}/credit-checks", Operation: "recordCreditCheck", Allow: keepers, Handle: write(s.recordCreditCheck)},
		{Method: "GET", Path: "/v1/operators/{id}/people", Operation: "listActors", Allow: SignedIn(), Handle: read(s.actors)},
		{Method: "POST", Path: "/v1/operators/{id}/people", Operation: "linkActor", Allow: linkers, Handle: s.linkActor()},
		{Method: "POST", Path: "/v1/operators/{id}/people/{person}/end", Operation: "endActor", Allow: linkers, Handle: s.endActor()},
	}
}

func (s *Server) operators(ctx context.Context, c call) (list[operator.Operator], error) {
	filter := operator.Filter{Search: c.Query("search")}
	if c.Query("mine") == "true" {
		filter.ActsFor = c.Person.ID
	}
	found, next, err := s.records.Operators(ctx, filter, c.Page)
	for i := range found {
		found[i] = found[i].Seen(c.Person, false)
	}
	return listOf(found, next), err
}

// newOperator registers at a scope.
type newOperator struct {
	Scope approval.Scope `json:"scope"`
	operator.Details
}

func (s *Server) registerOperator(ctx context.Context, c call, in newOperator) (entry operatorEntry, err error) {
	if err := operator.MayRegister(c.Person, in.Scope); err != nil {
		return entry, err
	}
	if err := s.checkDetails(ctx, in.Details, "", c.Now); err != nil {
		return entry, err
	}
	registered, err := s.records.RegisterOperator(ctx, in.Scope, in.Details, c.Person.ID, c.Now)
	if err != nil {
		return entry, err
	}
	return s.entry(ctx, c, registered)
}

func (s *Server) checkDetails(ctx context.Context, details operator.Details, id string, now time.Time) error {
	if err := details.Validate(now); err != nil {
		return err
	}
	others, err := s.records.OperatorNames(ctx, id)
	if err != nil {
		return err
	}
	if err := details.Twice(others); err != nil {
		return err
	}
	return details.ConfirmName(others)
}

func (s *Server) changeOperator(ctx context.Context, c call, in operator.Change) (entry operatorEntry, err error) {
	found, err := s.kept(ctx, c)
	if err != nil {
		return entry, err
	}
	if err := in.Validate(c.Now); err != nil {
		return entry, err
	}
	if err := s.checkDetails(ctx, in.Details, found.ID, c.Now); err != nil {
		return entry, err
	}
	changed, err := s.records.ChangeOperator(ctx, found.ID, in, c.Person.ID, c.Now)
	if err != nil {
		return entry, err
	}
	return s.entry(ctx, c, changed)
}

// kept is an operator the caller may correct.
func (s *Server) kept(ctx context.Context, c call) (operator.Operator, error) {
	found, err := s.records.Operator(ctx, c.Param("id"))
	if err != nil {
		return found, err
	}
	return found, found.MayChange(c.Person)
}

// operatorEntry is an operator with its papers, as the caller may see them.
type operatorEntry struct {
	operator.Operator
	Licences []licenceAnswer        `json:"licences"`
	Checks   []operator.CreditCheck `json:"credit_checks"` // the latest first
}

type licenceAnswer struct {
	operator.Licence
	Status operator.LicenceStatus `json:"status"`
}

func (s *Server) operator(ctx context.Context, c call) (operatorEntry, error) {
	found, err := s.records.Operator(ctx, c.Param("id"))
	if err != nil {
		return operatorEntry{}, err
	}
	return s.entry(ctx, c, found)
}

func (s *Server) entry(ctx context.Context, c call, found operator.Operator) (operatorEntry, error) {
	acts, err := s.records.ActsFor(ctx, found.ID, c.Person.ID)
	if err != nil {
		return operatorEntry{}, err
	}
	licences, err := s.records.Licences(ctx, found.ID)
	if err != nil {
		return operatorEntry{}, err
	}
	checks, err := s.records.CreditChecks(ctx, found.ID)
	if checks == nil {
		checks = []operator.CreditCheck{}
	}
	return operatorEntry{
		Operator: found.Seen(c.Person, acts), Checks: checks,
		Licences: rendered(licences, func(l operator.Licence) licenceAnswer {
			return licenceAnswer{Licence: l, Status: l.Status(c.Now)}
		}),
	}, err
}

func (s *Server) operatorVersions(ctx context.Context, c call) (list[approval.Version], error) {
	found, err := s.records.OperatorVersions(ctx, c.Param("id"))
	return listOf(found, ""), err
}

func (s *Server) recordLicence(ctx context.Context, c call, in operator.NewLicence) (entry operatorEntry, err error) {
	return s.onRecord(ctx, c, in.AttachmentID, in.Validate, func(id string) error {
		return s.records.RecordLicence(ctx, id, in, c.Person.ID, c.Now)
	})
}

func (s *Server) revokeLicence(ctx context.Context, c call, in operator.Revocation) (operatorEntry, error) {
	return s.onRecord(ctx, c, "", func() error { return in.Validate(c.Now) }, func(id string) error {
		return s.records.RevokeLicence(ctx, id, c.Param("licence"), in, c.Person.ID)
	})
}

func (s *Server) recordCreditCheck(ctx context.Context, c call, in operator.NewCreditCheck) (operatorEntry, error) {
	return s.onRecord(ctx, c, in.AttachmentID, func() error { return in.Validate(c.Now) }, func(id string) error {
		return s.records.RecordCreditCheck(ctx, id, in, c.Person.ID, c.Now)
	})
}

// onRecord checks who keeps the entry and what is stated, keeps it, and answers
// with the whole entry.
func (s *Server) onRecord(ctx context.Context, c call, attachment string, check func() error, keep func(id string) error) (entry operatorEntry, err error) {
	found, err := s.kept(ctx, c)
	if err != nil {
		return entry, err
	}
	if err := check(); err != nil {
		return entry, err
	}
	if attachment != "" {
		if _, err := s.records.Attachment(ctx, attachment); err != nil {
			return entry, at(err, "attachment_id")
		}
	}
	if err := keep(found.ID); err != nil {
		return entry, err
	}
	return s.entry(ctx, c, found)
}
