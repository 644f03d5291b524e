package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"gocloud.dev/blob"

	"linli/approval"
)

// Attachments describe uploads; row security shows them to their uploader and
// to whoever sees their scope.
type Attachments interface {
	NewAttachmentID() string
	AddAttachment(ctx context.Context, added approval.Attachment, now time.Time) (approval.Attachment, error)
	Attachment(ctx context.Context, id string) (approval.Attachment, error)
	// PartyIn tells whether the person in ctx has a running case in the
	// community, or acts for an operator, whatever that person holds.
	PartyIn(ctx context.Context, community approval.Scope) (bool, error)
}

func (s *Server) attachmentRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/attachments", Operation: "uploadAttachment", Allow: SignedIn(), Handle: s.upload, Limit: uploadBody},
		{Method: "GET", Path: "/v1/attachments/{id}", Operation: "downloadAttachment", Allow: SignedIn(), Handle: s.download},
	}
}

// upload takes a file and the scope it belongs to. The file is held in memory
// to look inside before anything is stored, so places are few.
func (s *Server) upload(ec echo.Context) error {
	c, err := newCall(ec)
	if err != nil {
		return err
	}
	if err := checkKey(c.Key); err != nil {
		return err
	}
	leave, err := s.uploading.enter(ec.Request().Context(), c.Person.ID)
	if err != nil {
		return err
	}
	defer leave()
	var added approval.Attachment
	var content []byte
	err = receiving(ec, func() error {
		added, content, err = s.receive(ec.Request(), c.Person)
		return err
	})
	if err != nil {
		return err
	}
	op := approval.Operation{
		ID: s.records.NewOperationID(), Actor: c.Person.ID, Key: c.Key, Name: routeOf(ec).Operation, BodyHash: approval.ContentHash(added),
	}
	var written []string // more than one where the database asked to try again
	kept, replayed, err := s.records.Once(ec.Request().Context(), op, c.Now, func(ctx context.Context) (int, json.RawMessage, error) {
		added.ID = s.records.NewAttachmentID()
		written = append(written, added.ID)
		return s.store(ctx, added, content, c.Now)
	})
	if err != nil || len(written) > 1 {
		s.unwrite(ec.Request().Context(), written)
	}
	if err != nil {
		return s.refuse(ec, op, c.Now, err)
	}
	return replay(ec, kept, replayed)
}

// store writes bytes first: a row never points at nothing, and bytes without a
// row are never served.
func (s *Server) store(ctx context.Context, added approval.Attachment, content []byte, now time.Time) (int, json.RawMessage, error) {
	if err := s.config.Bucket.WriteAll(ctx, added.ID, content, &blob.WriterOptions{ContentType: added.MediaType}); err != nil {
		return 0, nil, unstored(err)
	}
	added, err := s.records.AddAttachment(ctx, added, now)
	if err != nil {
		return 0, nil, err
	}
	answer, err := json.Marshal(added)
	return http.StatusOK, answer, err
}

// unwrite removes the bytes of attachments that did not get a row. It asks
// first: a commit whose answer was lost may have come through, and bytes
// without a row do less harm than a row without bytes.
func (s *Server) unwrite(ctx context.Context, ids []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	for _, id := range ids {
		if _, err := s.records.Attachment(ctx, id); approval.CodeOf(err) != approval.NotFound {
			continue
		}
		there, err := s.config.Bucket.Exists(ctx, id)
		if there {
			err = s.config.Bucket.Delete(ctx, id)
		}
		if err != nil {
			s.log.WarnContext(ctx, "removing an unrecorded attachment", "error", err, "attachment", id)
		}
	}
}

// unstored tells the caller that the file did not get where it belongs: the
// disk is full, read-only or away. Nothing of it is recorded.
func unstored(err error) error {
	return fmt.Errorf("%w (storing an attachment: %w)", approval.Errorf(approval.Unavailable,
		"附件暂时无法保存（存储空间已满、只读或不可用），请稍后重试；持续出现请联系管理员。",
		"The attachment cannot be stored at present (storage full, read-only or away); retry later, and tell an administrator if it stays so."), err)
}

// receive reads the form: one part "scope", then one part "file".
func (s *Server) receive(request *http.Request, uploader approval.Person) (approval.Attachment, []byte, error) {
	var added approval.Attachment
	reader, err := request.MultipartReader()
	if err != nil {
		return added, nil, approval.Errorf(approval.UnsupportedMedia, "请以 multipart/form-data 上传。", "Upload as multipart/form-data.").At("Content-Type")
	}
	scope, err := part(reader, "scope", 80)
	if err != nil {
		return added, nil, err
	}
	added.Scope = approval.Scope(scope.content)
	if err := s.admitUpload(request.Context(), uploader, added.Scope); err != nil {
		return added, nil, err
	}
	file, err := part(reader, "file", approval.MaxAttachment)
	if err != nil {
		return added, nil, err
	}
	if _, err := reader.NextPart(); !errors.Is(err, io.EOF) {
		return added, nil, badForm(err)
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil { // to its end, where its deadline ends too
		return added, nil, badForm(err)
	}
	if added.Name, err = approval.AttachmentName(file.name); err != nil {
		return added, nil, err
	}
	if added.MediaType, err = approval.MediaType(added.Name, file.content); err != nil {
		return added, nil, err
	}
	sum := sha256.Sum256(file.content)
	added.SHA256, added.Size, added.Uploader = hex.EncodeToString(sum[:]), int64(len(file.content)), uploader.ID
	return added, file.content, nil
}

// admitUpload refuses papers for a community one has nothing to do with: no
// role there, no case, and no operator to act for.
func (s *Server) admitUpload(ctx context.Context, uploader approval.Person, scope approval.Scope) error {
	if involved(uploader, scope) {
		return nil
	}
	party, err := s.records.PartyIn(ctx, scope)
	if err == nil && !party {
		return outside("scope")
	}
	return err
}

// involved: the person holds any role at or above the scope.
func involved(person approval.Person, scope approval.Scope) bool {
	for _, grant := range person.Grants {
		if grant.Scope.Contains(scope) {
			return true
		}
	}
	return false
}

type formPart struct {
	name    string // of the file
	content []byte
}

func part(reader *multipart.Reader, field string, most int64) (formPart, error) {
	next, err := reader.NextPart()
	if err != nil || next.FormName() != field {
		return formPart{}, badForm(err)
	}
	content, err := io.ReadAll(io.LimitReader(next, most+1))
	if err != nil {
		return formPart{}, badForm(err)
	}
	if int64(len(content)) > most {
		return formPart{}, tooLargeRefusal(most).At(field)
	}
	// The raw name: FileName would cut folders by this machine's rules only.
	_, params, _ := mime.ParseMediaType(next.Header.Get("Content-Disposition"))
	return formPart{name: params["filename"], content: content}, nil
}

func badForm(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLargeRefusal(tooLarge.Limit).At("file")
	}
	if refused := approval.Refusal(err); refused != nil {
		return refused
	}
	return approval.Errorf(approval.Invalid, "表单须依次含 scope 与 file 两部分。", "The form has two parts in this order: scope, file.").At("file")
}

// download always offers the file for saving, never lets a browser guess its
// type, and never serves bytes that are not the ones uploaded.
func (s *Server) download(ec echo.Context) error {
	ctx := ec.Request().Context()
	found, err := s.records.Attachment(ctx, ec.Param("id"))
	if err != nil {
		return err
	}
	content, err := s.config.Bucket.ReadAll(ctx, found.ID)
	if err != nil {
		return fmt.Errorf("reading attachment %s: %w", found.ID, err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != found.SHA256 {
		return fmt.Errorf("attachment %s does not match its SHA-256", found.ID)
	}
	header := ec.Response().Header()
	header.Set("Content-Disposition", `attachment; filename="download"; filename*=UTF-8''`+url.PathEscape(found.Name))
	header.Set("ETag", `"`+found.SHA256+`"`)
	return ec.Blob(http.StatusOK, found.MediaType, content)
}
