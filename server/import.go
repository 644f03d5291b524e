package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/space"
	"linli/workbook"
)

// Imports carry workbooks into the inventory, each as a whole or not at all.
type Imports interface {
	StartImport(ctx context.Context, begun space.Import) error
	ProgressImport(ctx context.Context, id string, done, total int) error
	ImportRefused(ctx context.Context, id string, problems []space.Problem, at time.Time) (space.Import, error)
	ImportSpaces(ctx context.Context, id string, rows []space.Row, at time.Time) (space.Import, error)
	ImportNeeds(ctx context.Context, id string, list space.NeedList, at time.Time) (space.Import, error)
	Import(ctx context.Context, id string) (space.Import, error)
}

const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (s *Server) importRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/imports", Operation: "startImport", Allow: Holding(inventoryKeepers...), Handle: deliver(s, "import", s.prepareImport, s.runImport)},
		{Method: "GET", Path: "/v1/imports/{id}", Operation: "readImport", Allow: SignedIn(), Handle: read(s.importProgress)},
		{Method: "GET", Path: "/v1/exports/spaces/{community}", Operation: "exportSpaces", Allow: SignedIn(), Handle: s.export(s.writeSpaces)},
		{Method: "GET", Path: "/v1/exports/needs/{community}", Operation: "exportNeeds", Allow: SignedIn(), Handle: s.export(s.writeNeeds)},
	}
}

type newImport struct {
	Scope        approval.Scope   `json:"scope"`
	Kind         space.ImportKind `json:"kind"`
	AttachmentID string           `json:"attachment_id"`
}

// importing is an import as it waits for delivery.
type importing struct {
	Person approval.Person `json:"person"`
	Import space.Import    `json:"import"`
	SHA256 string          `json:"sha256"`
}

func (s *Server) prepareImport(ctx context.Context, c call, in newImport) (importing, error) {
	if err := space.MayKeep(c.Person, in.Scope); err != nil {
		return importing{}, err
	}
	stored, err := s.records.Attachment(ctx, in.AttachmentID)
	if err != nil {
		return importing{}, at(err, "attachment_id")
	}
	if stored.MediaType != xlsx || !in.Scope.Contains(stored.Scope) {
		return importing{}, approval.Errorf(approval.UnsupportedMedia, "须为本社区上传的xlsx表格。", "An xlsx workbook uploaded for this community.").At("attachment_id")
	}
	begun := space.Import{
		ID: c.Operation, Scope: in.Scope, Kind: in.Kind, AttachmentID: in.AttachmentID, StartedAt: c.Now, StartedBy: c.Person.ID,
	}
	return importing{Person: c.Person, Import: begun, SHA256: stored.SHA256}, nil
}

// runImport may come again after a crash: the import on record says whether it is
// over.
func (s *Server) runImport(ctx context.Context, i importing) (space.Import, error) {
	ctx = s.scoped(ctx, i.Person)
	if err := s.records.StartImport(ctx, i.Import); err != nil {
		return i.Import, err
	}
	content, err := s.config.Bucket.ReadAll(ctx, i.Import.AttachmentID)
	if err != nil {
		return i.Import, fmt.Errorf("reading the workbook of %s: %w", i.Import.ID, err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != i.SHA256 {
		return i.Import, fmt.Errorf("the workbook of %s does not match its SHA-256", i.Import.ID)
	}
	select {
	case s.unpacking <- struct{}{}:
		defer func() { <-s.unpacking }()
	case <-ctx.Done():
		return i.Import, ctx.Err()
	}
	over, err := s.carry(ctx, i.Import, content)
	if refused := approval.Refusal(err); refused != nil && final(refused) {
		if _, err := s.records.ImportRefused(ctx, i.Import.ID, []space.Problem{{Reason: refused.Message}}, s.config.Now()); err != nil {
			return over, err
		}
	}
	return over, err
}

// carry ends the import, or refuses the workbook as a whole.
func (s *Server) carry(ctx context.Context, begun space.Import, content []byte) (space.Import, error) {
	if begun.Kind == space.ImportNeeds {
		list, problems, err := workbook.ReadNeeds(content, s.progressOf(ctx, begun.ID))
		return s.end(ctx, begun, problems, err, func() (space.Import, error) {
			return s.records.ImportNeeds(ctx, begun.ID, list, s.config.Now())
		})
	}
	rows, problems, err := workbook.ReadSpaces(content, s.progressOf(ctx, begun.ID))
	return s.end(ctx, begun, problems, err, func() (space.Import, error) {
		return s.records.ImportSpaces(ctx, begun.ID, rows, s.config.Now())
	})
}

func (s *Server) end(ctx context.Context, begun space.Import, problems []space.Problem, err error, take func() (space.Import, error)) (space.Import, error) {
	switch {
	case err != nil:
		return begun, err
	case len(problems) > 0:
		return s.records.ImportRefused(ctx, begun.ID, problems, s.config.Now())
	}
	return take()
}

const progressEvery = 100

// progressOf keeps how far an import is; that it cannot be kept stops no import.
func (s *Server) progressOf(ctx context.Context, id string) func(done, total int) {
	return func(done, total int) {
		if done%progressEvery != 0 && done != total {
			return
		}
		if err := s.records.ProgressImport(ctx, id, done, total); err != nil {
			s.log.WarnContext(ctx, "keeping the progress of an import", "error", err, "import", id)
		}
	}
}

func (s *Server) importProgress(ctx context.Context, c call) (space.Import, error) {
	return s.records.Import(ctx, c.Param("id"))
}

// export answers with a workbook that can be imported again; a community that has
// nothing yet gets the template.
func (s *Server) export(write func(ctx context.Context, community approval.Scope, out *bytes.Buffer) (name string, err error)) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c, err := newCall(ec)
		if err != nil {
			return err
		}
		ctx := ec.Request().Context()
		community, err := s.communityOf(ctx, c)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		name, err := write(ctx, community, &out)
		if err != nil {
			return err
		}
		ec.Response().Header().Set("Content-Disposition", `attachment; filename="export.xlsx"; filename*=UTF-8''`+url.PathEscape(name))
		return ec.Blob(http.StatusOK, xlsx, out.Bytes())
	}
}

func (s *Server) writeSpaces(ctx context.Context, community approval.Scope, out *bytes.Buffer) (string, error) {
	spaces, err := s.records.SpacesOf(ctx, community)
	if err != nil {
		return "", err
	}
	return "阵地.xlsx", workbook.WriteSpaces(out, spaces)
}

func (s *Server) writeNeeds(ctx context.Context, community approval.Scope, out *bytes.Buffer) (string, error) {
	list, err := s.records.Needs(ctx, community)
	if err != nil {
		return "", err
	}
	return "需求清单.xlsx", workbook.WriteNeeds(out, list)
}
