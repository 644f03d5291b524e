package server

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"linli/approval"
	"linli/approval/funduse"
)

// Payees are who gets paid; their account numbers go in and never come out.
type Payees interface {
	RegisterPayee(ctx context.Context, payee funduse.NewPayee, by string, at time.Time) (funduse.RegisteredPayee, error)
	Payees(ctx context.Context, page approval.Page) (payees []funduse.RegisteredPayee, next string, err error)
	Payee(ctx context.Context, id string) (funduse.RegisteredPayee, error)
	DeclareInterest(ctx context.Context, payeeID string, interest funduse.Interest) (funduse.RegisteredPayee, error)
}

func (s *Server) payeeRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/payees", Operation: "listPayees", Allow: Holding(payeeReaders...), Handle: read(s.payees)},
		{Method: "POST", Path: "/v1/payees", Operation: "registerPayee", Allow: Holding(approval.Handler), Handle: write(s.registerPayee)},
		{Method: "GET", Path: "/v1/payees/{id}", Operation: "readPayee", Allow: Holding(payeeReaders...), Handle: read(s.payee)},
		{Method: "POST", Path: "/v1/payees/{id}/interests", Operation: "declareInterest", Allow: SignedIn(), Handle: write(s.declareInterest)},
	}
}

// payeeReaders propose, decide on, pay or check payees.
var payeeReaders = []approval.Role{
	approval.Handler, approval.Secretary, approval.CommitteeMember, approval.Supervisor, approval.SubdistrictApprover,
	approval.DistrictApprover, approval.CharityOfficer, approval.Cashier, approval.PaymentChecker, approval.Auditor, approval.Administrator,
}

func (s *Server) payees(ctx context.Context, c call) (list[funduse.RegisteredPayee], error) {
	found, next, err := s.records.Payees(ctx, c.Page)
	return listOf(found, next), err
}

func (s *Server) payee(ctx context.Context, c call) (funduse.RegisteredPayee, error) {
	return s.records.Payee(ctx, c.Param("id"))
}

// newPayee binds its idempotency key by a slow hash of the account number: a
// plain one would lie in the database beside the key and could be guessed back
// from the few digits that vary.
type newPayee struct{ funduse.NewPayee }

const accountStretch = 200_000

// Fingerprint is the payee with the account number stretched.
func (p newPayee) Fingerprint() any {
	salt := approval.CanonicalJSON([]string{"linli payee", string(p.Scope), p.Name, p.Bank})
	stretched, err := pbkdf2.Key(sha256.New, p.Account, salt, accountStretch, sha256.Size)
	if err != nil {
		panic("server: stretching an account number: " + err.Error()) // only a key length FIPS forbids
	}
	shown := p.NewPayee
	shown.Account = hex.EncodeToString(stretched)
	return shown
}

func (s *Server) registerPayee(ctx context.Context, c call, in newPayee) (funduse.RegisteredPayee, error) {
	if err := in.Validate(); err != nil {
		return funduse.RegisteredPayee{}, err
	}
	if err := approval.Permit(c.Person, in.Scope, approval.Handler); err != nil {
		return funduse.RegisteredPayee{}, err
	}
	return s.records.RegisterPayee(ctx, in.NewPayee, c.Person.ID, c.Now)
}

type newInterest struct {
	PersonID string            `json:"person_id"` // "" means the caller
	Relation approval.Relation `json:"relation"`
	Note     string            `json:"note"`
}

func (s *Server) declareInterest(ctx context.Context, c call, in newInterest) (funduse.RegisteredPayee, error) {
	payee, err := s.records.Payee(ctx, c.Param("id"))
	if err != nil {
		return payee, err
	}
	if in.PersonID == "" {
		in.PersonID = c.Person.ID
	}
	interest := funduse.Interest{
		PersonID: in.PersonID, Relation: in.Relation, Note: in.Note, DeclaredAt: c.Now, DeclaredBy: c.Person.ID,
	}
	if err := interest.Validate(); err != nil {
		return payee, err
	}
	if err := interest.MayDeclare(c.Person, payee.Scope); err != nil {
		return payee, err
	}
	return s.records.DeclareInterest(ctx, payee.ID, interest)
}
