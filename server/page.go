package server

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/web"
)

// pageRoutes are the public pages: HTML, outside the JSON contract.
func (s *Server) pageRoutes() []Route {
	routes := []Route{
		{Method: "GET", Path: "/", Operation: "pageNotices", Allow: Public(), Handle: s.pageNotices, Outside: true},
		{Method: "GET", Path: "/notices/{notice}", Operation: "pageNotice", Allow: Public(), Handle: s.pageNotice, Outside: true},
		{Method: "POST", Path: "/notices/{notice}/objections", Operation: "pageFileObjection", Allow: Public(), Handle: s.pageFileObjection, Outside: true, Limit: objectionBody},
		{Method: "GET", Path: "/calls", Operation: "pageCalls", Allow: Public(), Handle: s.pageCalls, Outside: true},
		{Method: "GET", Path: "/calls/{id}", Operation: "pageCall", Allow: Public(), Handle: s.pageCall, Outside: true},
		{Method: "GET", Path: "/bulletin", Operation: "pageBulletins", Allow: Public(), Handle: s.pageBulletins, Outside: true},
		{Method: "GET", Path: "/bulletin/{case}", Operation: "pageBulletin", Allow: Public(), Handle: s.pageBulletin, Outside: true},
		{Method: "GET", Path: "/objections/{code}", Operation: "pageObjection", Allow: Public(), Handle: s.pageObjection, Outside: true},
	}
	for _, asset := range s.pages.Assets() {
		routes = append(routes, Route{
			Method: "GET", Path: asset.Path, Operation: "pageAsset", Allow: Public(), Handle: serveAsset(asset), Outside: true,
		})
	}
	return routes
}

func serveAsset(asset web.Asset) echo.HandlerFunc {
	return func(ec echo.Context) error {
		ec.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
		return ec.Blob(http.StatusOK, asset.MediaType, asset.Body)
	}
}

func (s *Server) frame(ec echo.Context) web.Frame {
	lang := web.ZH
	if ec.QueryParam("lang") == "en" {
		lang = web.EN
	}
	return web.Frame{Lang: lang, Now: s.config.Now(), URL: ec.Request().URL}
}

// html answers with a page. tag names what the page shows where the bytes
// themselves differ each time; the browser asks again before it shows a page
// from its cache.
func (s *Server) html(ec echo.Context, status int, page, tag []byte) error {
	header := ec.Response().Header()
	header.Set(echo.HeaderContentSecurityPolicy, web.Policy)
	if status == http.StatusOK && tag != nil {
		sum := sha256.Sum256(tag)
		etag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
		header.Set(echo.HeaderCacheControl, "no-cache")
		header.Set("ETag", etag)
		if strings.Contains(ec.Request().Header.Get("If-None-Match"), etag) {
			return ec.NoContent(http.StatusNotModified)
		}
	}
	return ec.HTMLBlob(status, page)
}

func (s *Server) pageNotices(ec echo.Context) error {
	ctx := ec.Request().Context()
	list := web.NoticeList{Frame: s.frame(ec), Cursor: ec.QueryParam("cursor"), Filter: approval.NoticeFilter{
		Scope: approval.Scope(clip(ec.QueryParam("scope"), 80)), Search: clip(ec.QueryParam("q"), 180), Open: ec.QueryParam("open") == "1",
	}}
	divisions, err := s.records.Divisions(ctx)
	if err != nil {
		return err
	}
	list.Path, list.Below = places(divisions, list.Filter.Scope)
	if list.Items, list.Next, err = s.records.PublicNotices(ctx, list.Filter, approval.Page{Limit: defaultLimit, Cursor: list.Cursor}, list.Now); err != nil {
		return err
	}
	if list.Cursor == "" {
		if list.Calls, _, err = s.callNotices(ctx, divisions, list.Filter.Scope, true, approval.Page{Limit: callsOnFirstPage}, list.Now); err != nil {
			return err
		}
	}
	page, err := s.pages.Notices(list)
	if err != nil {
		return err
	}
	return s.html(ec, http.StatusOK, page, page)
}

// places finds the way down to a scope and what lies right below it.
func places(divisions []approval.Division, scope approval.Scope) (path, below []web.Place) {
	for _, d := range divisions {
		switch {
		case d.Path.Contains(scope):
			path = append(path, web.Place{Scope: d.Path, Name: d.NameZH})
		case scope == "" && d.Path.Level() == approval.City, scope.Contains(d.Path) && d.Path.Level() == scope.Level()+1:
			below = append(below, web.Place{Scope: d.Path, Name: d.NameZH})
		}
	}
	return path, below
}

func (s *Server) pageNotice(ec echo.Context) error {
	frame := s.frame(ec)
	notice, err := s.records.PublicNotice(ec.Request().Context(), ec.Param("notice"), frame.Now)
	if err != nil {
		return err
	}
	return s.noticePage(ec, http.StatusOK, web.NoticePage{Frame: frame, Notice: notice})
}

// noticePage gives every form a random key. The tag leaves it out: a browser
// that keeps its page keeps its key, which is as good.
func (s *Server) noticePage(ec echo.Context, status int, page web.NoticePage) error {
	tag, err := s.pages.Notice(page)
	if err != nil {
		return err
	}
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails, see crypto/rand
	page.FormKey = hex.EncodeToString(key[:])
	body, err := s.pages.Notice(page)
	if err != nil {
		return err
	}
	return s.html(ec, status, body, tag)
}

func (s *Server) pageFileObjection(ec echo.Context) error {
	c, err := newCall(ec)
	if err != nil {
		return err
	}
	frame := s.frame(ec)
	notice, err := s.records.PublicNotice(ec.Request().Context(), ec.Param("notice"), frame.Now)
	if err != nil {
		return err
	}
	if err := ec.Request().ParseMultipartForm(objectionBody); err != nil {
		return unreadableForm(err)
	}
	in := objection{Text: ec.Request().PostFormValue("text"), Contact: ec.Request().PostFormValue("contact")}
	c.Key, c.English = ec.Request().PostFormValue("key"), frame.Lang == web.EN
	answer, err := s.file(ec, c, in)
	if refused := approval.Refusal(err); refused != nil && refused.Code != approval.Unavailable {
		s.keepAttempt(ec, refused)
		frame.URL = &url.URL{Path: "/notices/" + notice.ID}
		return s.noticePage(ec, statuses[refused.Code], web.NoticePage{Frame: frame, Notice: notice, Refusal: refused, Text: in.Text, Contact: in.Contact})
	}
	if err != nil {
		return err
	}
	frame.URL = &url.URL{Path: "/objections/" + answer.Code}
	page, err := s.pages.Receipt(web.ReceiptPage{Frame: frame, Notice: notice, Code: answer.Code})
	if err != nil {
		return err
	}
	return s.html(ec, http.StatusCreated, page, nil)
}

func unreadableForm(err error) error {
	if errors.Is(err, http.ErrNotMultipart) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return approval.Errorf(approval.Invalid, "表单内容无法读取。", "The form cannot be read.")
	}
	return unreadable(err)
}

func (s *Server) pageObjection(ec echo.Context) error {
	ctx, frame := ec.Request().Context(), s.frame(ec)
	view, err := s.records.ObjectionByReceipt(ctx, plainCode(ec.Param("code")))
	if err != nil {
		return err
	}
	page, err := s.pages.Objection(web.ObjectionPage{Frame: frame, Objection: view})
	if err != nil {
		return err
	}
	return s.html(ec, http.StatusOK, page, nil)
}

// wantsPage tells whether a person in a browser waits for the answer: on the
// page routes, and where nothing is found outside the API.
func wantsPage(ec echo.Context) bool {
	if operation := routeOf(ec).Operation; operation != "" {
		return strings.HasPrefix(operation, "page")
	}
	return !strings.HasPrefix(ec.Request().URL.Path, "/v1/") && strings.Contains(ec.Request().Header.Get(echo.HeaderAccept), "text/html")
}

// failPage is the page of a refusal or fault.
func (s *Server) failPage(ec echo.Context, status int, refused *approval.Error) error {
	problem := web.ProblemPage{Frame: s.frame(ec), Status: status, RequestID: requestID(ec)}
	if status != http.StatusNotFound {
		problem.Detail = refused.Message
	}
	page, err := s.pages.Problem(problem)
	if err != nil {
		return err
	}
	if status == http.StatusTooManyRequests {
		ec.Response().Header().Set("Retry-After", "600")
	}
	return s.html(ec, status, page, nil)
}
