package server

import (
	"context"
	"time"

	"linli/approval"
	"linli/internal/totp"
)

// OneTimeCodes keep the secrets of people's authenticators.
type OneTimeCodes interface {
	// TOTP is the person's active secret; the zero TOTP if there is none.
	TOTP(ctx context.Context, person string) (approval.TOTP, error)
	// BeginTOTP keeps a new secret that counts once it is confirmed.
	BeginTOTP(ctx context.Context, person, secret string, now time.Time) error
	ConfirmTOTP(ctx context.Context, id string, step int64, now time.Time) (done bool, err error)
	// UseTOTP takes a step; false when it or a later one was used before.
	UseTOTP(ctx context.Context, id string, step int64) (first bool, err error)
	EndTOTP(ctx context.Context, person string, now time.Time) error
	// ResetTOTP ends those of somebody in the administrator's scope.
	ResetTOTP(ctx context.Context, by approval.Person, id, reason string, now time.Time) (approval.Account, error)
	// PassLogin records that a counted attempt was right.
	PassLogin(ctx context.Context, username, ip string, now time.Time) error
}

func (s *Server) totpRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/me/totp", Operation: "readTOTP", Allow: SignedIn(), Handle: read(s.readTOTP)},
		{Method: "POST", Path: "/v1/me/totp", Operation: "enrolTOTP", Allow: SignedIn(), Handle: unkeyed(s.enrolTOTP)},
		{Method: "POST", Path: "/v1/me/totp/confirm", Operation: "confirmTOTP", Allow: SignedIn(), Handle: unkeyed(s.confirmTOTP)},
		{Method: "POST", Path: "/v1/me/totp/disable", Operation: "disableTOTP", Allow: SignedIn(), Handle: unkeyed(s.disableTOTP)},
		{Method: "POST", Path: "/v1/accounts/{id}/totp/disable", Operation: "resetTOTP", Allow: Holding(approval.Administrator), Handle: write(s.resetTOTP)},
	}
}

// totpStatus is how the caller's authenticator stands.
type totpStatus struct {
	Status      string    `json:"status"` // none, pending, confirmed
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
}

func (s *Server) readTOTP(ctx context.Context, c call) (totpStatus, error) {
	kept, err := s.records.TOTP(ctx, c.Person.ID)
	switch {
	case err != nil || kept.ID == "":
		return totpStatus{Status: "none"}, err
	case !kept.Confirmed():
		return totpStatus{Status: "pending"}, nil
	}
	return totpStatus{Status: "confirmed", ConfirmedAt: kept.ConfirmedAt}, nil
}

type currentPassword struct {
	Password string `json:"password"`
}

// enrolment is the one time a secret leaves the system.
type enrolment struct {
	Secret string `json:"secret"`
	URI    string `json:"uri"` // otpauth://, for a QR code
}

// enrolTOTP takes no key: its answer holds a secret that must not be stored.
func (s *Server) enrolTOTP(ctx context.Context, c call, in currentPassword) (enrolment, error) {
	if _, err := s.reauthenticate(ctx, c, proof{Password: in.Password}); err != nil {
		return enrolment{}, err
	}
	secret, uri, err := totp.New(c.Principal.Username)
	if err != nil {
		return enrolment{}, err
	}
	return enrolment{Secret: secret, URI: uri}, s.records.BeginTOTP(ctx, c.Person.ID, secret, c.Now)
}

type oneTimeCode struct {
	Code string `json:"code"`
}

// confirmTOTP shows that the authenticator has the secret. Guesses are counted
// with the logins.
func (s *Server) confirmTOTP(ctx context.Context, c call, in oneTimeCode) (totpStatus, error) {
	kept, err := s.records.TOTP(ctx, c.Person.ID)
	if err != nil {
		return totpStatus{}, err
	}
	if kept.ID == "" || kept.Confirmed() {
		return totpStatus{}, approval.Errorf(approval.Conflict, "没有待确认的动态口令。", "There is no enrolment to confirm.")
	}
	username, err := s.attempt(ctx, c, c.Principal.Username, func(string, string) (bool, error) {
		step, right := totp.Step(kept.Secret, in.Code, c.Now)
		if !right {
			return false, nil
		}
		return s.records.ConfirmTOTP(ctx, kept.ID, step, c.Now)
	})
	if approval.CodeOf(err) == approval.Unauthenticated {
		return totpStatus{}, approval.WrongProof().At("code")
	}
	if err != nil {
		return totpStatus{}, err
	}
	return totpStatus{Status: "confirmed", ConfirmedAt: c.Now}, s.records.PassLogin(ctx, username, c.echo.RealIP(), c.Now)
}

func (s *Server) disableTOTP(ctx context.Context, c call, in currentPassword) (nothing, error) {
	if _, err := s.reauthenticate(ctx, c, proof{Password: in.Password}); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.records.EndTOTP(ctx, c.Person.ID, c.Now)
}

// resetTOTP is the way back for whoever lost the device.
func (s *Server) resetTOTP(ctx context.Context, c call, in reason) (approval.Account, error) {
	return s.records.ResetTOTP(ctx, c.Person, c.Param("id"), in.Reason, c.Now)
}
