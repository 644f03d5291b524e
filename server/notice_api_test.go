package server_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"linli/approval"
	"linli/store/storetest"
	"linli/web"
)

func (c *caseWorld) objectTo(notice, key, text, contact string) answered {
	c.t.Helper()
	return c.ask(asked{method: "POST", path: "/v1/public/notices/" + notice + "/objections", key: key, body: map[string]string{"text": text, "contact": contact}})
}

type filedSeen struct {
	Code      string
	Objection approval.ObjectionView
}

func TestAnObjectionFromFilingToAnswer(t *testing.T) {
	c := newCaseWorld(t)
	caseID, notice := c.published()
	var first, again filedSeen
	answer := c.objectTo(notice, "resident-key-1", "物料价格偏高。", "13800000000")
	answer.want(t, 201, "")
	decode(t, answer, &first)
	decode(t, c.objectTo(notice, "resident-key-1", "物料价格偏高。", "13800000000"), &again)
	if first.Code == "" || first.Code != again.Code || first.Objection.ID != again.Objection.ID {
		t.Errorf("the repetition answered %+v after %+v", again, first)
	}
	public := c.ask(asked{method: "GET", path: "/v1/public/notices/" + notice})
	if text := string(public.raw); strings.Count(text, "物料价格偏高。") != 1 || strings.Contains(text, "13800000000") {
		t.Errorf("the public reads %s", text)
	}
	for name, sees := range map[string]bool{"objections": true, "handler": false} {
		if found := c.read(c.who[name], "/v1/cases/"+caseID+"/objections"); strings.Contains(string(found.raw), "13800000000") != sees {
			t.Errorf("%s reads %s", name, found.raw)
		}
	}
	c.do("objections", "overrule", map[string]any{"comment": "已核对三家报价。"}).want(t, 200, "")
	var status approval.ObjectionView
	decode(t, c.ask(asked{method: "GET", path: "/v1/public/objections/" + url.PathEscape(strings.ToLower(strings.ReplaceAll(first.Code, "-", "")))}), &status)
	if status.Status != "overruled" || status.Answer != "已核对三家报价。" {
		t.Errorf("the resident reads %+v", status)
	}
	c.ask(asked{method: "GET", path: "/v1/public/objections/0000-0000-0000-0000"}).want(t, 404, approval.NotFound)
}

func TestAnObjectionSurvivesAnUnreachableCase(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	c.engine.unreachable.Store(true)
	answer := c.objectTo(notice, "resident-key-2", "数量不符。", "")
	answer.want(t, 201, "")
	var filed filedSeen
	decode(t, answer, &filed)
	c.ask(asked{method: "GET", path: "/v1/public/objections/" + filed.Code}).want(t, 404, approval.NotFound)
	c.engine.unreachable.Store(false)
	c.pass(approval.OperationLease + time.Second)
	if done, err := c.server.Redeliver(t.Context()); done != 1 || err != nil {
		t.Fatalf("the sweeper delivered %d, %v", done, err)
	}
	c.ask(asked{method: "GET", path: "/v1/public/objections/" + filed.Code}).want(t, 200, "")
	if tasks := c.inbox("objections"); len(tasks) != 1 {
		t.Errorf("the objection office has %d tasks", len(tasks))
	}
}

// A notice is public a moment before its case opens the seat for objections.
func TestAnObjectionThatIsQuickerThanTheCase(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	object := func(key string) string {
		t.Helper()
		answer := c.objectTo(notice, key, "数量不符。", "")
		answer.want(t, 201, "")
		var filed filedSeen
		decode(t, answer, &filed)
		return "/v1/public/objections/" + filed.Code
	}
	c.engine.unopened.Store(3)
	c.ask(asked{method: "GET", path: object("resident-key-1")}).want(t, 200, "")
	c.engine.unopened.Store(1000)
	later := object("resident-key-2")
	c.ask(asked{method: "GET", path: later}).want(t, 404, approval.NotFound)
	c.engine.unopened.Store(0)
	c.pass(approval.OperationLease + time.Second)
	if done, err := c.server.Redeliver(t.Context()); done != 1 || err != nil {
		t.Fatalf("the sweeper delivered %d, %v", done, err)
	}
	c.ask(asked{method: "GET", path: later}).want(t, 200, "")
	if tasks := c.inbox("objections"); len(tasks) != 2 {
		t.Errorf("the objection office has %d tasks", len(tasks))
	}
}

func TestObjectionsThatAreNotTaken(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	c.objectTo(notice, "resident-key-3", "  ", "").want(t, 422, approval.Invalid)
	c.objectTo(notice, "resident-key-3", strings.Repeat("异", 2001), "").want(t, 422, approval.Invalid)
	c.objectTo(notice, "", "异议", "").want(t, 400, approval.KeyMissing)
	c.objectTo("c_none-n1", "resident-key-3", "异议", "").want(t, 404, approval.NotFound)
	for i := range 5 {
		c.objectTo(notice, "resident-key-3", strings.Repeat("异", i+1), "").want(t, 201, "")
	}
	limited := c.objectTo(notice, "resident-key-3", "还有异议", "")
	limited.want(t, 429, approval.RateLimited)
	if limited.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	c.objectTo(notice, "resident-key-3", "异", "").want(t, 201, "") // a repetition is not counted
	c.ring(20 * 24 * time.Hour)
	c.objectTo(notice, "resident-key-9", "来晚了", "").want(t, 409, approval.TaskClosed)
	if shown := c.ask(asked{method: "GET", path: "/v1/public/notices/" + notice}); strings.Contains(string(shown.raw), "来晚了") {
		t.Error("a refused objection is shown")
	}
}

// TestEverybodysObjectionsToOneNotice: each subscriber is within his own limit;
// together they fill what one notice takes, which is then one a minute.
func TestEverybodysObjectionsToOneNotice(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	subscriber := 0
	object := func() answered {
		t.Helper()
		subscriber++
		return c.ask(asked{method: "POST", path: "/v1/public/notices/" + notice + "/objections", key: fmt.Sprintf("subscriber-%03d", subscriber),
			header: map[string]string{"X-Forwarded-For": fmt.Sprintf("10.0.0.%d", subscriber)}, body: map[string]string{"text": "数量不符。"}})
	}
	for range 60 {
		object().want(t, 201, "")
	}
	limited := object()
	limited.want(t, 429, approval.RateLimited)
	if limited.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	c.pass(time.Minute)
	object().want(t, 201, "")
	object().want(t, 429, approval.RateLimited)
}

func TestACorrectionStandsBesideTheNotice(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	before := c.ask(asked{method: "GET", path: "/v1/public/notices/" + notice})
	path := "/v1/notices/" + notice + "/notes"
	c.write(c.who["supervisor"], "POST", path, map[string]any{"text": "场地布置费含押金。"}).want(t, 200, "")
	c.write(c.who["deputy"], "POST", path, map[string]any{"text": "不是本社区。"}).want(t, 403, approval.Forbidden)
	c.write(c.who["mem1"], "POST", path, map[string]any{"text": "没有这个角色。"}).want(t, 403, approval.Forbidden)
	c.write(c.handler, "POST", path, map[string]any{"text": "   "}).want(t, 422, approval.Invalid)
	var shown, was approval.NoticeView
	decode(t, c.ask(asked{method: "GET", path: "/v1/public/notices/" + notice}), &shown)
	decode(t, before, &was)
	if len(shown.Notes) != 1 || shown.Notes[0].Kind != "correction" || approval.ContentHash(shown.Notice) != approval.ContentHash(was.Notice) {
		t.Errorf("after the correction the public reads %+v", shown)
	}
}

func TestTheNoticeListIsSearchedAndPaged(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	for query, want := range map[string]int{
		"": 1, "?search=端午": 1, "?search=没有": 0, "?scope=" + string(storetest.Zhangdian): 1, "?scope=" + string(storetest.Linzi): 0, "?open=true": 1,
		"?search=%25": 0, "?limit=1": 1,
	} {
		found := c.ask(asked{method: "GET", path: "/v1/public/notices" + query})
		found.want(t, 200, "")
		if n := strings.Count(string(found.raw), `"id":"`+notice+`"`); n != want {
			t.Errorf("%q finds %d, want %d", query, n, want)
		}
	}
	c.ask(asked{method: "GET", path: "/v1/public/notices?cursor=rubbish"}).want(t, 422, approval.Invalid)
}

// browser asks as a resident's browser does, without any script.
func (c *caseWorld) browser(method, path string, form map[string]string, header map[string]string) (*http.Response, string) {
	c.t.Helper()
	var body io.Reader
	media := ""
	if form != nil {
		var buffer bytes.Buffer
		writer := multipart.NewWriter(&buffer)
		for name, value := range form {
			fatal(c.t, writer.WriteField(name, value))
		}
		fatal(c.t, writer.Close())
		body, media = &buffer, writer.FormDataContentType()
	}
	request, err := http.NewRequest(method, c.http.URL+path, body)
	fatal(c.t, err)
	request.Header.Set("Accept", "text/html,application/xhtml+xml")
	if media != "" {
		request.Header.Set("Content-Type", media)
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	fatal(c.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	fatal(c.t, err)
	if _, err := html.Parse(bytes.NewReader(raw)); err != nil {
		c.t.Errorf("%s %s is no HTML: %v", method, path, err)
	}
	return response, string(raw)
}

var (
	formKey     = regexp.MustCompile(`name="key" value="([0-9a-f]{32})"`)
	receiptCode = regexp.MustCompile(`class="receipt">([0-9A-Z-]{19})<`)
	styleSheet  = regexp.MustCompile(`href="(/static/style[^"]+)"`)
)

func TestAResidentReadsAndObjectsWithoutAScript(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	response, list := c.browser("GET", "/", nil, nil)
	if response.StatusCode != 200 || !strings.Contains(list, "端午邻里活动") || response.Header.Get("Content-Security-Policy") != web.Policy {
		t.Fatalf("the list answers %d, policy %q", response.StatusCode, response.Header.Get("Content-Security-Policy"))
	}
	response, page := c.browser("GET", "/notices/"+notice, nil, nil)
	style, sheet := c.browser("GET", styleSheet.FindStringSubmatch(page)[1], nil, nil)
	if style.StatusCode != 200 || !strings.Contains(style.Header.Get("Cache-Control"), "immutable") || len(page)+len(sheet) > 60<<10 {
		t.Errorf("style answers %d, page and style have %d bytes", style.StatusCode, len(page)+len(sheet))
	}
	if cached, _ := c.browser("GET", "/notices/"+notice, nil, map[string]string{"If-None-Match": response.Header.Get("ETag")}); cached.StatusCode != 304 {
		t.Errorf("an unchanged page answers %d", cached.StatusCode)
	}
	form := map[string]string{"key": formKey.FindStringSubmatch(page)[1], "text": "", "contact": "电话"}
	response, again := c.browser("POST", "/notices/"+notice+"/objections", form, nil)
	if response.StatusCode != 422 || !strings.Contains(again, `role="alert"`) || !strings.Contains(again, `value="电话"`) {
		t.Errorf("an empty objection answers %d", response.StatusCode)
	}
	form["text"] = " 请公布\x00物料清单。\r\n"
	response, receipt := c.browser("POST", "/notices/"+notice+"/objections", form, nil)
	code := receiptCode.FindStringSubmatch(receipt)
	if response.StatusCode != 201 || code == nil || response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the objection answers %d: %s", response.StatusCode, receipt)
	}
	if _, reloaded := c.browser("POST", "/notices/"+notice+"/objections", form, nil); receiptCode.FindString(reloaded) != code[0] {
		t.Error("a reload shows another code")
	}
	response, status := c.browser("GET", "/objections/"+code[1], nil, nil)
	if response.StatusCode != 200 || !strings.Contains(status, "已受理，正在核查") || !strings.Contains(status, "请公布物料清单。") {
		t.Errorf("the status answers %d", response.StatusCode)
	}
	if _, page := c.browser("GET", "/notices/"+notice+"?lang=en", nil, nil); !strings.Contains(page, "Committee vote") || !strings.Contains(page, "请公布物料清单。") {
		t.Error("the English page lacks labels or the objection")
	}
}

func TestErrorsArePagesForPeopleAndProblemsForPrograms(t *testing.T) {
	c := newCaseWorld(t)
	for path, status := range map[string]int{"/notices/c_none-n1": 404, "/objections/0000-0000-0000-0000": 404, "/nowhere": 404, "/?cursor=rubbish": 422} {
		response, page := c.browser("GET", path, nil, nil)
		if response.StatusCode != status || !strings.Contains(page, "<h1>") || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s answers %d %s", path, response.StatusCode, response.Header.Get("Content-Type"))
		}
	}
	if response, _ := c.browser("GET", "/v1/nowhere", nil, nil); response.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a program hears %s", response.Header.Get("Content-Type"))
	}
	form := map[string]string{"key": "0123456789abcdef", "text": "异议"}
	if response, _ := c.browser("POST", "/notices/c_none-n1/objections", form, map[string]string{"Sec-Fetch-Site": "cross-site"}); response.StatusCode != 403 {
		t.Errorf("another site's form answers %d", response.StatusCode)
	}
	c.store.Close()
	if response, page := c.browser("GET", "/", nil, nil); response.StatusCode != 500 || !strings.Contains(page, "系统出现故障") || strings.Contains(page, "pool") {
		t.Errorf("without a database the page answers %d: %s", response.StatusCode, page)
	}
}
