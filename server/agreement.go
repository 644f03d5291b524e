package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
	agreement "linli/approval/contract" // here "contract" is the one requests are checked against
)

// Contracts reads the agreements of cases; those of a case the caller may not
// see are not there.
type Contracts interface {
	// Contracts lists them, the set on the table first.
	Contracts(ctx context.Context, caseID string) ([]agreement.View, error)
	SignatureFile(ctx context.Context, caseID, sha256 string) (agreement.File, error)
	SignatureKeys(ctx context.Context) ([]agreement.PublicKey, error)
	AddScan(ctx context.Context, caseID, sha256, attachment, by string, now time.Time) error
}

func (s *Server) contractRoutes() []Route {
	const one = "/v1/cases/{case}/contracts/{sha256}"
	return []Route{
		{Method: "GET", Path: "/v1/cases/{case}/contracts", Operation: "listContracts", Allow: SignedIn(), Handle: read(s.listContracts)},
		{Method: "GET", Path: one + "/document.pdf", Operation: "readContract", Allow: SignedIn(), Handle: s.readContract},
		{Method: "GET", Path: one + "/signatures.json", Operation: "readSignatures", Allow: SignedIn(), Handle: s.readSignatures},
		{Method: "POST", Path: one + "/scans", Operation: "attachScan", Allow: Holding(scanners...), Handle: write(s.attachScan)},
		{Method: "GET", Path: "/v1/public/signature-keys", Operation: "listSignatureKeys", Allow: Public(), Handle: read(s.listSignatureKeys)},
	}
}

// scanners are the offices that sign or keep the papers.
var scanners = []approval.Role{approval.Handler, approval.Secretary, approval.SubdistrictApprover}

func (s *Server) listContracts(ctx context.Context, c call) (list[agreement.View], error) {
	if _, err := s.readCase(ctx, c); err != nil {
		return list[agreement.View]{}, err
	}
	views, err := s.records.Contracts(ctx, c.Param("case"))
	return listOf(views, ""), err
}

// signatureFile finds a document of a case the caller sees.
func (s *Server) signatureFile(ec echo.Context) (agreement.File, error) {
	c, err := newCall(ec)
	if err != nil {
		return agreement.File{}, err
	}
	ctx := ec.Request().Context()
	if _, err := s.readCase(ctx, c); err != nil {
		return agreement.File{}, err
	}
	return s.records.SignatureFile(ctx, c.Param("case"), c.Param("sha256"))
}

// readContract never shows bytes that are not those that were drawn: nobody
// may read one text and sign another.
func (s *Server) readContract(ec echo.Context) error {
	file, err := s.signatureFile(ec)
	if err != nil {
		return err
	}
	ctx := ec.Request().Context()
	content, err := s.config.Bucket.ReadAll(ctx, agreement.Key(file.Document.SHA256))
	if err != nil {
		return fmt.Errorf("reading agreement %s: %w", file.Document.Number, err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != file.Document.SHA256 {
		s.log.ErrorContext(ctx, "an agreement was altered where it is kept", "case", file.CaseID, "sha256", file.Document.SHA256)
		return agreement.Altered(file.Document)
	}
	return servePDF(ec, file.Document.Title.ZH+" "+file.Document.Number, content)
}

// readSignatures answers with the file as it is verified, byte for byte.
func (s *Server) readSignatures(ec echo.Context) error {
	file, err := s.signatureFile(ec)
	if err != nil {
		return err
	}
	ec.Response().Header().Set("Content-Disposition", `attachment; filename="signatures.json"; filename*=UTF-8''`+url.PathEscape(file.Document.Number+".sig.json"))
	return ec.JSONBlob(http.StatusOK, file.Render())
}

func (s *Server) listSignatureKeys(ctx context.Context, _ call) (list[agreement.PublicKey], error) {
	keys, err := s.records.SignatureKeys(ctx)
	return listOf(keys, ""), err
}

type newScan struct {
	Attachment string `json:"attachment"`
}

// attachScan puts a scan of the countersigned paper beside an agreement. It
// decides nothing.
func (s *Server) attachScan(ctx context.Context, c call, in newScan) (agreement.View, error) {
	seen, err := s.readCase(ctx, c)
	if err != nil {
		return agreement.View{}, err
	}
	if err := approval.Permit(c.Person, seen.Scope, scanners...); err != nil {
		return agreement.View{}, err
	}
	file, err := s.records.SignatureFile(ctx, seen.CaseID, c.Param("sha256"))
	if err != nil {
		return agreement.View{}, err
	}
	scan, err := s.records.Attachment(ctx, in.Attachment)
	if err != nil {
		return agreement.View{}, at(err, "attachment")
	}
	if !seen.Scope.Contains(scan.Scope) || scan.CaseID != "" && scan.CaseID != seen.CaseID {
		return agreement.View{}, approval.Errorf(approval.Invalid, "附件不属于本社区或已用于其他事项。", "The attachment belongs to another community or case.").At("attachment")
	}
	if err := s.records.AddScan(ctx, seen.CaseID, file.Document.SHA256, scan.ID, c.Person.ID, c.Now); err != nil {
		return agreement.View{}, err
	}
	views, err := s.records.Contracts(ctx, seen.CaseID)
	for _, view := range views {
		if view.SHA256 == file.Document.SHA256 {
			return view, err
		}
	}
	return agreement.View{}, err
}
