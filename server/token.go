package server

import (
	"context"
	"time"

	"linli/approval"
)

// Tokens are a person's bearer tokens for programs.
type Tokens interface {
	CreateToken(ctx context.Context, person, name string, expiresAt, now time.Time) (approval.Token, error)
	Tokens(ctx context.Context, person string, page approval.Page) (tokens []approval.Token, next string, err error)
	RevokeToken(ctx context.Context, person, id string, now time.Time) error
}

func (s *Server) tokenRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/tokens", Operation: "listTokens", Allow: SignedIn(), Handle: read(s.tokens)},
		{Method: "POST", Path: "/v1/tokens", Operation: "createToken", Allow: SignedIn(), Handle: unkeyed(s.createToken)},
		{Method: "DELETE", Path: "/v1/tokens/{id}", Operation: "revokeToken", Allow: SignedIn(), Handle: unkeyed(s.revokeToken)},
	}
}

type newToken struct {
	Name string `json:"name"`
	Days int    `json:"days"` // until it expires
}

func (s *Server) tokens(ctx context.Context, c call) (list[approval.Token], error) {
	tokens, next, err := s.records.Tokens(ctx, c.Person.ID, c.Page)
	return listOf(tokens, next), err
}

// createToken takes no key: its answer holds a secret that must not be stored.
// A token cannot make tokens, or one that leaked could outlive its own expiry.
func (s *Server) createToken(ctx context.Context, c call, in newToken) (approval.Token, error) {
	if c.Principal.Authenticated != "password" {
		return approval.Token{}, approval.Errorf(approval.Forbidden, "请用密码登录后再创建令牌。", "Sign in with your password to create a token.")
	}
	return s.records.CreateToken(ctx, c.Person.ID, in.Name, c.Now.AddDate(0, 0, in.Days), c.Now)
}

func (s *Server) revokeToken(ctx context.Context, c call, _ nothing) (nothing, error) {
	return nothing{}, s.records.RevokeToken(ctx, c.Person.ID, c.Param("id"), c.Now)
}
