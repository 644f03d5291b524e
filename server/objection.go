package server

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/funduse"
)

// Objections keeps what residents file. The receipt code itself is never
// stored, only its SHA-256.
type Objections interface {
	// FileObjection is idempotent by the objection's id.
	FileObjection(ctx context.Context, objection approval.Objection, receiptHash string) error
	ObjectionByReceipt(ctx context.Context, code string) (approval.ObjectionView, error)
	// Objections lists those of a case, with their contact where the reader
	// handles objections at the scope, without it otherwise.
	Objections(ctx context.Context, caseID string) ([]approval.Objection, error)
}

func (s *Server) objectionRoutes() []Route {
	s.senders[objectionKind] = senderOf(s.deliverObjection)
	return []Route{
		{Method: "POST", Path: "/v1/public/notices/{notice}/objections", Operation: "fileObjection", Allow: Public(), Handle: s.fileObjection, Limit: objectionBody},
		{Method: "GET", Path: "/v1/public/objections/{code}", Operation: "readObjection", Allow: Public(), Handle: read(s.readObjection)},
		{Method: "GET", Path: "/v1/cases/{case}/objections", Operation: "listObjections", Allow: SignedIn(), Handle: read(s.listObjections)},
	}
}

const (
	objectionKind = "objection"
	maxObjection  = approval.MaxComment // it travels as the comment of an act
	maxContact    = 100
)

// objection is what a resident states; there is no login.
type objection struct {
	Text    string `json:"text"`
	Contact string `json:"contact,omitempty"`
}

// filed answers an objection. Code is shown this once.
type filed struct {
	Code      string                 `json:"code"`
	NoticeID  string                 `json:"notice_id"`
	Objection approval.ObjectionView `json:"objection"`
}

// filing is an objection as it waits for delivery.
type filing struct {
	Objection   approval.Objection `json:"objection"`
	ReceiptHash string             `json:"receipt_hash"`
	Act         approval.Act       `json:"act"`
}

func (s *Server) fileObjection(ec echo.Context) error {
	c, err := newCall(ec)
	if err != nil {
		return err
	}
	in, err := decode[objection](ec)
	if err != nil {
		return err
	}
	answer, err := s.file(ec, c, in)
	if err != nil {
		return err
	}
	return ec.JSON(http.StatusCreated, answer)
}

// file takes an objection. Repeating it with the same key returns the same
// code. While the case does not answer, the objection is kept and delivered
// later; one the case refuses is never shown to anybody.
func (s *Server) file(ec echo.Context, c call, in objection) (filed, error) {
	in.Text, in.Contact = typed(in.Text), typed(in.Contact)
	if err := in.validate(); err != nil {
		return filed{}, err
	}
	if err := checkKey(c.Key); err != nil {
		return filed{}, err
	}
	ctx := ec.Request().Context()
	notice, err := s.records.PublicNotice(ctx, ec.Param("notice"), c.Now)
	if err != nil {
		return filed{}, err
	}
	id, code := receipt(notice.ID, c.Key, in)
	// A form sent twice must not use up what the subscriber may still file.
	if _, twice := s.filings.LoadOrStore(id, true); twice {
		return filed{}, approval.InFlight()
	}
	defer s.filings.Delete(id)
	answer := filed{Code: code, NoticeID: notice.ID, Objection: approval.ObjectionView{ID: id, Text: in.Text, Status: "filed", FiledAt: c.Now}}
	op, err := s.filing(c, notice, in, id, code)
	if err != nil {
		return filed{}, err
	}
	earlier, found, err := s.records.OperationUnder(ctx, op)
	if err != nil {
		return filed{}, err
	}
	if !found {
		if !notice.Open {
			return filed{}, approval.Errorf(approval.TaskClosed, "公示期已满，不再受理异议。", "The notice period is over; objections are no longer taken.")
		}
		if err := s.throttle(ec, c, notice.ID); err != nil {
			return filed{}, err
		}
	} else {
		answer.Objection.FiledAt = earlier.CreatedAt
	}
	return answer, s.sendFiling(ctx, c, op)
}

// sendFiling keeps the filing and delivers it; a delivery put off is no error.
func (s *Server) sendFiling(ctx context.Context, c call, op approval.Operation) error {
	kept, claimed, err := s.records.Claim(ctx, op, c.Now)
	if err != nil {
		return err
	}
	if !claimed {
		return refusedAnswer(kept)
	}
	raw, err := s.senders[objectionKind](ctx, kept.Payload)
	if putOff(err) {
		s.log.WarnContext(ctx, "objection put off", "error", err, "operation", kept.ID, "request_id", c.RequestID)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if storeErr := s.records.Complete(ctx, answered(kept, raw, err, c.English, c.RequestID), s.config.Now()); storeErr != nil {
		s.log.ErrorContext(ctx, "storing an answer", "error", storeErr, "operation", kept.ID)
	}
	return err
}

// refusedAnswer is the refusal an operation ended in, nil if it did not.
func refusedAnswer(op approval.Operation) error {
	if op.Status != approval.OperationRefused {
		return nil
	}
	var stored problem
	if err := json.Unmarshal(op.Answer, &stored); err != nil {
		return fmt.Errorf("reading a stored refusal: %w", err)
	}
	return &approval.Error{Code: stored.Code, Message: approval.Text{ZH: stored.DetailZH, EN: stored.DetailEN}, Field: stored.Field}
}

func (o objection) validate() error {
	if n := utf8.RuneCountInString(o.Text); n == 0 || n > maxObjection {
		return approval.Errorf(approval.Invalid, "异议内容须为1至%[1]d个字。", "An objection has 1 to %[1]d characters.", maxObjection).At("text")
	}
	if utf8.RuneCountInString(o.Contact) > maxContact {
		return approval.Errorf(approval.Invalid, "联系方式不能超过%[1]d个字。", "A contact has at most %[1]d characters.", maxContact).At("contact")
	}
	return nil
}

// typed is what somebody typed into a form, whatever the browser made of its
// line ends, without what no keyboard types and no database stores.
func typed(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, text))
}

func (s *Server) throttle(ec echo.Context, c call, noticeID string) error {
	if s.bySubscriber.admits(network(ec.RealIP()), c.Now) && s.byNotice.admits(noticeID, c.Now) {
		return nil
	}
	return approval.Errorf(approval.RateLimited, "提交过于频繁，请稍后再试。", "Too many objections at once; please try again later.")
}

// filing makes the signed act and the operation that will carry it.
func (s *Server) filing(c call, notice approval.NoticeView, in objection, id, code string) (approval.Operation, error) {
	task, err := funduse.PublicTask(notice.Notice)
	if err != nil {
		return approval.Operation{}, err
	}
	details, err := json.Marshal(funduse.Details{ObjectionID: id})
	if err != nil {
		return approval.Operation{}, err
	}
	act, err := s.sign(approval.Act{
		ID: "resident/" + id, CaseID: notice.CaseID, TaskID: task, Action: approval.Object, Comment: in.Text,
		Person: approval.Person{ID: "resident", Grants: []approval.Grant{{Role: approval.Resident, Scope: notice.Scope}}},
		Form:   approval.Entry{Details: details},
	}, c.Now, "public")
	if err != nil {
		return approval.Operation{}, err
	}
	payload, err := json.Marshal(filing{
		Objection: approval.Objection{
			ID: id, NoticeID: notice.ID, CaseID: notice.CaseID, Text: in.Text, Contact: in.Contact, Status: "filed", FiledAt: c.Now,
		},
		ReceiptHash: receiptHash(code), Act: act,
	})
	return approval.Operation{
		ID: s.records.NewOperationID(), Actor: "resident", Key: id, Name: "fileObjection", BodyHash: id, Kind: objectionKind, Payload: payload,
	}, err
}

// deliverObjection lets the case decide first: only an objection it took is
// written where the public reads it. A notice is public a moment before its case
// opens the seat for objections: whoever is that quick waits, and where the
// moment is long, the objection is delivered later.
func (s *Server) deliverObjection(ctx context.Context, f filing) (approval.Receipt, error) {
	answer, err := s.act(ctx, f.Act)
	for waited := time.Duration(0); approval.CodeOf(err) == approval.NotFound && waited < seatPatience; waited += seatPause {
		select {
		case <-ctx.Done():
			return approval.Receipt{}, ctx.Err()
		case <-time.After(seatPause):
		}
		answer, err = s.act(ctx, f.Act)
	}
	if approval.CodeOf(err) == approval.NotFound && s.config.Now().Sub(f.Objection.FiledAt) < seatOpens {
		return approval.Receipt{}, fmt.Errorf("case %s has no seat for objections yet: %w", f.Objection.CaseID, approval.ErrPending)
	}
	if err != nil {
		return approval.Receipt{}, err
	}
	return answer, s.records.FileObjection(ctx, f.Objection, f.ReceiptHash)
}

// receipt derives id and code from the caller's random key and what was
// filed: a repetition is the same objection with the same code, and nobody
// without the key can guess the code.
func receipt(noticeID, key string, in objection) (id, code string) {
	body := approval.ContentHash([]string{noticeID, key, in.Text, in.Contact})
	idSum, codeSum := sha256.Sum256([]byte("id "+body)), sha256.Sum256([]byte("code "+body))
	text := receiptAlphabet.EncodeToString(codeSum[:10])
	return "o_" + hex.EncodeToString(idSum[:16]), text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// receiptAlphabet has no letters people mistake for digits.
var receiptAlphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// plainCode forgives lower case, missing dashes and mistaken letters; it is
// the spelling whose hash is stored.
func plainCode(code string) string {
	return strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
}

func receiptHash(code string) string {
	sum := sha256.Sum256([]byte(plainCode(code)))
	return hex.EncodeToString(sum[:])
}

func (s *Server) readObjection(ctx context.Context, c call) (approval.ObjectionView, error) {
	return s.records.ObjectionByReceipt(ctx, plainCode(c.Param("code")))
}

func (s *Server) listObjections(ctx context.Context, c call) (list[approval.Objection], error) {
	if _, err := s.readCase(ctx, c); err != nil {
		return list[approval.Objection]{}, err
	}
	items, err := s.records.Objections(ctx, c.Param("case"))
	return listOf(items, ""), err
}
