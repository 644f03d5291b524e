package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
)

// opened answers a started case.
type opened struct {
	CaseID      string           `json:"case_id"`
	Href        string           `json:"href"`
	ContentHash string           `json:"content_hash"`
	Pin         approval.RulePin `json:"pin"`
}

// caseID makes a repeated start, even one whose first answer was lost in a
// crash, start the same case.
func caseID(procedure, person, key string) string { return "c_" + derived(procedure, person, key) }

// derived is an id's part that a repeated request makes again.
func derived(what, person, key string) string {
	sum := sha256.Sum256([]byte(what + "\n" + person + "\n" + key))
	return hex.EncodeToString(sum[:16])
}

// created answers 201 with the place of the new case where the adapter
// beneath answers 200, once the case can be read there.
func (s *Server) created(procedure string, next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		response := ec.Response()
		response.Before(func() {
			switch response.Status {
			case http.StatusOK:
				id := caseID(procedure, principalOf(ec).Person.ID, ec.Request().Header.Get(idempotencyHeader))
				s.awaitCopy(ec.Request().Context(), id)
				response.Status = http.StatusCreated
				response.Header().Set(echo.HeaderLocation, "/v1/cases/"+id)
			}
		})
		return next(ec)
	}
}

// awaitCopy waits until the copy shows a case that was just begun, so that who
// follows the link at once finds it. The case is begun all the same while no
// worker is there to record it: after engineTimeout the answer goes out without.
func (s *Server) awaitCopy(ctx context.Context, caseID string) {
	err := copied(ctx, func(ctx context.Context) error {
		_, err := s.records.Case(ctx, caseID)
		return err
	})
	if approval.CodeOf(err) == approval.NotFound {
		s.log.WarnContext(ctx, "a case was begun and is not in the copy yet", "case", caseID, "waited", engineTimeout)
	}
}

// copied reads again what is not found yet because it has just begun, until
// engineTimeout is over.
func copied(ctx context.Context, read func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	for pause := 5 * time.Millisecond; ; pause *= 2 {
		err := read(ctx)
		if approval.CodeOf(err) != approval.NotFound {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}
