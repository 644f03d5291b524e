package server

import (
	"context"
	"time"

	"linli/approval"
	"linli/internal/password"
)

// Accounts are the people of the system; row security shows an administrator
// or auditor those of his scope.
type Accounts interface {
	CreateAccount(ctx context.Context, wanted approval.NewAccount, passwordHash, by string, now time.Time) (approval.Account, error)
	Accounts(ctx context.Context, filter approval.AccountFilter, page approval.Page) (accounts []approval.Account, next string, err error)
	SetGrants(ctx context.Context, by approval.Person, id string, wanted []approval.Grant, now time.Time) (approval.Account, error)
	// Disable ends the person's sessions and tokens in the same moment.
	Disable(ctx context.Context, id, by, reason string, now time.Time) (approval.Account, error)
	Enable(ctx context.Context, id string) (approval.Account, error)
}

func (s *Server) accountRoutes() []Route {
	administrators := Holding(approval.Administrator)
	return []Route{
		{Method: "GET", Path: "/v1/accounts", Operation: "listAccounts", Allow: Holding(approval.Administrator, approval.Auditor), Handle: read(s.accounts)},
		{Method: "POST", Path: "/v1/accounts", Operation: "createAccount", Allow: administrators, Handle: write(s.createAccount)},
		{Method: "PUT", Path: "/v1/accounts/{id}/grants", Operation: "setGrants", Allow: administrators, Handle: write(s.setGrants)},
		{Method: "POST", Path: "/v1/accounts/{id}/disable", Operation: "disableAccount", Allow: administrators, Handle: write(s.disable)},
		{Method: "POST", Path: "/v1/accounts/{id}/enable", Operation: "enableAccount", Allow: administrators, Handle: write(s.enable)},
	}
}

// accountRequest binds its key to everything but the password.
type accountRequest struct{ approval.NewAccount }

// Fingerprint leaves the password out: a fast hash of it must not be stored.
func (r accountRequest) Fingerprint() any {
	r.Password = ""
	return r.NewAccount
}

func (s *Server) accounts(ctx context.Context, c call) (list[approval.Account], error) {
	filter := approval.AccountFilter{
		Scope: approval.Scope(c.Query("scope")), Role: approval.Role(c.Query("role")), Search: c.Query("search"),
	}
	accounts, next, err := s.records.Accounts(ctx, filter, c.Page)
	return listOf(accounts, next), err
}

func (s *Server) createAccount(ctx context.Context, c call, in accountRequest) (approval.Account, error) {
	if !c.Person.Holds(approval.Administrator, in.Scope) {
		return approval.Account{}, outside("scope")
	}
	if err := approval.MayGrant(c.Person, "", in.Grants); err != nil {
		return approval.Account{}, err
	}
	if err := approval.CheckPassword(in.Username, in.Password); err != nil {
		return approval.Account{}, err
	}
	hash, err := password.Hash(in.Password)
	if err != nil {
		return approval.Account{}, err
	}
	return s.records.CreateAccount(ctx, in.NewAccount, hash, c.Person.ID, c.Now)
}

func outside(field string) *approval.Error {
	return approval.Errorf(approval.Forbidden, "不在您的管理范围内。", "This lies outside your administration.").At(field)
}

type grants struct {
	Grants []approval.Grant `json:"grants"`
}

func (s *Server) setGrants(ctx context.Context, c call, in grants) (approval.Account, error) {
	return s.records.SetGrants(ctx, c.Person, c.Param("id"), in.Grants, c.Now)
}

type reason struct {
	Reason string `json:"reason"`
}

func (s *Server) disable(ctx context.Context, c call, in reason) (approval.Account, error) {
	if c.Param("id") == c.Person.ID {
		return approval.Account{}, approval.Errorf(approval.SamePerson, "不能停用自己的账户。", "Nobody disables his own account.")
	}
	return s.records.Disable(ctx, c.Param("id"), c.Person.ID, in.Reason, c.Now)
}

func (s *Server) enable(ctx context.Context, c call, _ nothing) (approval.Account, error) {
	return s.records.Enable(ctx, c.Param("id"))
}
