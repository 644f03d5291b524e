package server

import (
	"context"
	"strings"

	"linli/approval"
	"linli/internal/password"
	"linli/internal/totp"
)

// proof is how somebody shows again who they are, for one act: exactly one of
// the two. It is checked before anything is stored and is never stored itself.
type proof struct {
	Password string `json:"password,omitempty"`
	Code     string `json:"code,omitempty"` // of the person's authenticator
}

// freshProof is what an act asks of whoever does it: signing needs a proof,
// and nothing else takes one.
func (s *Server) freshProof(ctx context.Context, c call, action approval.Action, given *proof) (approval.Reauthentication, error) {
	switch {
	case action != approval.Sign && given != nil:
		return "", approval.Errorf(approval.Invalid, "此操作不需要再次验证身份。", "This action takes no proof of identity.").At("reauthentication")
	case action != approval.Sign:
		return "", nil
	case given == nil || (given.Password == "") == (given.Code == ""):
		return "", approval.NotReauthenticated()
	}
	return s.reauthenticate(ctx, c, *given)
}

// reauthenticate counts the attempt with the logins of that name: a session
// left open cannot be used to guess.
func (s *Server) reauthenticate(ctx context.Context, c call, given proof) (approval.Reauthentication, error) {
	how := approval.ByPassword
	right := matches(given.Password)
	if given.Code != "" {
		how, right = approval.ByTOTP, s.shows(ctx, c, given.Code)
	}
	username, err := s.attempt(ctx, c, c.Principal.Username, right)
	if approval.CodeOf(err) == approval.Unauthenticated {
		return "", approval.WrongProof()
	}
	if err != nil {
		return "", err
	}
	return how, s.records.PassLogin(ctx, username, c.echo.RealIP(), c.Now)
}

// check tells whether what was given is right for the person, whose password
// hash is at hand.
type check func(person, hash string) (bool, error)

func matches(given string) check {
	return func(_, hash string) (bool, error) { return password.Matches(given, hash) }
}

// shows takes a code of the caller's authenticator, once.
func (s *Server) shows(ctx context.Context, c call, code string) check {
	return func(person, _ string) (bool, error) {
		if person == "" || person != c.Person.ID {
			return false, nil
		}
		kept, err := s.records.TOTP(ctx, person)
		if err != nil || !kept.Confirmed() {
			return false, err
		}
		step, right := totp.Step(kept.Secret, code, c.Now)
		if !right {
			return false, nil
		}
		return s.records.UseTOTP(ctx, kept.ID, step)
	}
}

// attempt takes one attempt through lock and check, and returns the name it was
// counted under. Its places bound the memory that hashing takes and, with it,
// how many unfinished attempts can be mistaken for failures.
func (s *Server) attempt(ctx context.Context, c call, name string, right check) (username string, err error) {
	select {
	case s.comparing <- struct{}{}:
		defer func() { <-s.comparing }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	username = strings.ToLower(strings.TrimSpace(name))
	person, hash, err := s.records.AttemptLogin(ctx, username, c.echo.RealIP(), c.Now)
	if err != nil {
		return "", err
	}
	match, err := right(person, hash)
	if err == nil && !match {
		err = approval.WrongLogin()
	}
	return username, err
}
