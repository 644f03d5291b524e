package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/poster"
)

// posterRoutes print what was decided: the notice for a wall, and the papers
// of a case for whoever may read the case.
func (s *Server) posterRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/public/notices/{notice}/poster.pdf", Operation: "printNotice", Allow: Public(), Handle: s.printNotice},
		{Method: "GET", Path: "/v1/cases/{case}/minutes.pdf", Operation: "printMinutes", Allow: SignedIn(), Handle: s.printMinutes},
		{Method: "GET", Path: "/v1/cases/{case}/payment-order.pdf", Operation: "printPaymentOrder", Allow: SignedIn(), Handle: s.printPaymentOrder},
	}
}

// press draws posters and keeps the newest: everybody asks for the same few.
type press struct {
	drawing chan struct{} // a place per document being drawn
	limit   *limiter

	mu    sync.Mutex
	kept  map[string][]byte // by content
	order []string          // oldest first
	size  int
}

func newPress() *press {
	return &press{drawing: make(chan struct{}, drawings), limit: newLimiter(perPrint, printBurst), kept: map[string][]byte{}}
}

// draw waits for a place; a drawing takes tens of milliseconds.
func (p *press) draw(ctx context.Context, print func(*bytes.Buffer) error) ([]byte, error) {
	select {
	case p.drawing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.drawing }()
	var out bytes.Buffer
	err := print(&out)
	return out.Bytes(), err
}

func (p *press) find(key string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[key]
}

func (p *press) keep(key string, drawn []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept[key] != nil {
		return
	}
	p.kept[key], p.order, p.size = drawn, append(p.order, key), p.size+len(drawn)
	for p.size > keptPrints {
		p.size -= len(p.kept[p.order[0]])
		delete(p.kept, p.order[0])
		p.order = p.order[1:]
	}
}

func (s *Server) printNotice(ec echo.Context) error {
	ctx, now := ec.Request().Context(), s.config.Now()
	notice, err := s.records.PublicNotice(ctx, ec.Param("notice"), now)
	if err != nil {
		return err
	}
	// What is not on the poster must not make another of it.
	notice.Open, notice.Objections = false, nil
	key := approval.ContentHash(notice)
	drawn := s.press.find(key)
	if drawn == nil {
		if !s.press.limit.admits(network(ec.RealIP()), now) {
			return approval.Errorf(approval.RateLimited, "打印过于频繁，请稍后再试。", "Too many posters at once; please try again later.")
		}
		page := strings.TrimSuffix(s.config.PublicURL, "/") + "/notices/" + url.PathEscape(notice.ID)
		drawn, err = s.press.draw(ctx, func(out *bytes.Buffer) error { return poster.Notice(out, notice, page, s.config.Font) })
		if err != nil {
			return err
		}
		s.press.keep(key, drawn)
	}
	// As with pages: keep it, but ask again, a correction may have been added.
	ec.Response().Header().Set(echo.HeaderCacheControl, "public, no-cache")
	return servePDF(ec, "公示 "+notice.ID, drawn)
}

// papers answers with a paper of a case, drawn for this one reader.
func papers[Paper any](s *Server, ec echo.Context, name string, read func(context.Context, call) (Paper, error), print func(Paper, *bytes.Buffer) error) error {
	c, err := newCall(ec)
	if err != nil {
		return err
	}
	ctx := ec.Request().Context()
	paper, err := read(ctx, c)
	if err != nil {
		return err
	}
	drawn, err := s.press.draw(ctx, func(out *bytes.Buffer) error { return print(paper, out) })
	if err != nil {
		return err
	}
	return servePDF(ec, name+" "+c.Param("case"), drawn)
}

func (s *Server) printMinutes(ec echo.Context) error {
	return papers(s, ec, "会议纪要", s.minutes, func(m poster.Minutes, out *bytes.Buffer) error { return m.Print(out, s.config.Font) })
}

func (s *Server) printPaymentOrder(ec echo.Context) error {
	return papers(s, ec, "付款通知单", s.paymentOrder, func(o poster.PaymentOrder, out *bytes.Buffer) error { return o.Print(out, s.config.Font) })
}

// servePDF lets the browser's own viewer show the file, which needs a policy
// that admits it as an object.
func servePDF(ec echo.Context, name string, drawn []byte) error {
	header, sum := ec.Response().Header(), sha256.Sum256(drawn)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	header.Set("ETag", etag)
	header.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	header.Set("Content-Disposition", `inline; filename="linli.pdf"; filename*=UTF-8''`+url.PathEscape(name+".pdf"))
	if strings.Contains(ec.Request().Header.Get("If-None-Match"), etag) {
		return ec.NoContent(http.StatusNotModified)
	}
	return ec.Blob(http.StatusOK, "application/pdf", drawn)
}
