package server_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/approval"
	"linli/internal/fonts"
	"linli/poster"
	"linli/server"
	"linli/store"
	"linli/store/storetest"
)

var openedFont = sync.OnceValues(func() (poster.Font, error) {
	if err := fonts.Ensure(context.Background(), fonts.Debian); err != nil {
		return poster.Font{}, err
	}
	return poster.OpenFont(fonts.Debian)
})

func font(t *testing.T) poster.Font {
	t.Helper()
	opened, err := openedFont()
	fatal(t, err)
	return opened
}

var (
	toUnicode = regexp.MustCompile(`<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]{4})>`)
	pdfStream = regexp.MustCompile(`(?s)/Length (\d+).*?>>\nstream\n`)
	pdfText   = regexp.MustCompile(`/F(\d+) [\d.]+ Tf|<([0-9A-F]+)>`)
)

// printed is the text of a PDF answer, without spaces. The maps from glyphs to
// characters come in the order of the fonts, before the pages.
func printed(t *testing.T, answer answered) string {
	t.Helper()
	if answer.status != 200 || answer.header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(answer.raw, []byte("%PDF-")) {
		t.Fatalf("answered %d %s: %.300s", answer.status, answer.header.Get("Content-Type"), answer.raw)
	}
	var fonts []map[string]string
	var text strings.Builder
	for rest := answer.raw; ; {
		at := pdfStream.FindSubmatchIndex(rest)
		if at == nil {
			break
		}
		size, err := strconv.Atoi(string(rest[at[2]:at[3]]))
		fatal(t, err)
		stream := rest[at[1]:][:size]
		rest = rest[at[1]+size:]
		if reader, err := zlib.NewReader(bytes.NewReader(stream)); err == nil {
			stream, err = io.ReadAll(reader)
			fatal(t, err)
		}
		if bytes.Contains(stream, []byte("begincmap")) {
			table := map[string]string{}
			for _, pair := range toUnicode.FindAllSubmatch(stream, -1) {
				code, err := strconv.ParseUint(string(pair[2]), 16, 32)
				fatal(t, err)
				table[string(pair[1])] = string(rune(code))
			}
			fonts = append(fonts, table)
			continue
		}
		if !bytes.Contains(stream, []byte(" Tf ")) {
			continue
		}
		current := 0
		for _, found := range pdfText.FindAllSubmatch(stream, -1) {
			if len(found[1]) > 0 {
				current, err = strconv.Atoi(string(found[1]))
				fatal(t, err)
				continue
			}
			for i := 0; i+4 <= len(found[2]); i += 4 {
				text.WriteString(fonts[current-1][string(found[2][i:i+4])])
			}
		}
	}
	return strings.ReplaceAll(text.String(), " ", "")
}

func says(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on paper: %s", want, text)
		}
	}
}

func (c *caseWorld) poster(notice string, header map[string]string) answered {
	c.t.Helper()
	return c.ask(asked{method: "GET", path: "/v1/public/notices/" + notice + "/poster.pdf", header: header})
}

func (c *caseWorld) paperOf(name, caseID, paper string) answered {
	c.t.Helper()
	return c.read(c.who[name], "/v1/cases/"+caseID+"/"+paper+".pdf")
}

func TestThePosterOfANotice(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	first := c.poster(notice, nil)
	says(t, printed(t, first), "端午邻里活动", "4,200.00元", "肆仟贰佰元整", "物料", "3,000.00", notice, "http://127.0.0.1/notices/"+notice, "20260304-1")
	tag := first.header.Get("ETag")
	if tag == "" || !strings.HasPrefix(first.header.Get("Content-Disposition"), "inline") || !strings.Contains(first.header.Get("Cache-Control"), "public") {
		t.Errorf("headers %v", first.header)
	}
	if again := c.poster(notice, map[string]string{"If-None-Match": tag}); again.status != 304 || len(again.raw) != 0 {
		t.Errorf("the same poster again: %d with %d bytes", again.status, len(again.raw))
	}
	c.objectTo(notice, "resident-key-1", "物料价格偏高。", "").want(t, 201, "")
	if unchanged := c.poster(notice, nil); unchanged.header.Get("ETag") != tag {
		t.Error("an objection changed the poster")
	}
	c.write(c.handler, "POST", "/v1/notices/"+notice+"/notes", map[string]any{"text": "收款方名称更正。"}).want(t, 200, "")
	says(t, printed(t, c.poster(notice, map[string]string{"If-None-Match": tag})), "更正", "收款方名称更正。")
	page := c.ask(asked{method: "GET", path: "/notices/" + notice})
	says(t, string(page.raw), "/v1/public/notices/"+notice+"/poster.pdf", "打印海报")
	c.poster("none", nil).want(t, 404, approval.NotFound)
}

// Whoever asks for ever new posters is slowed down; what is kept is free.
func TestPostersAreRateLimited(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	note := func(n int) {
		c.write(c.handler, "POST", "/v1/notices/"+notice+"/notes", map[string]any{"text": fmt.Sprintf("更正 %d", n)}).want(t, 200, "")
	}
	for n := range 30 {
		note(n)
		printed(t, c.poster(notice, nil))
	}
	for range 5 {
		printed(t, c.poster(notice, nil))
	}
	note(30)
	c.poster(notice, nil).want(t, 429, approval.RateLimited)
	c.pass(3 * time.Second)
	says(t, printed(t, c.poster(notice, nil)), "更正30")
}

func TestAPosterWithoutAGlyphIsRefused(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	c.write(c.handler, "POST", "/v1/notices/"+notice+"/notes", map[string]any{"text": "收款人姓名为王𠮷。"}).want(t, 200, "")
	refused := c.poster(notice, nil)
	refused.want(t, 409, approval.Conflict)
	says(t, string(refused.raw), "𠮷", "U+20BB7", "请改用别的字")
}

func TestAMissingFontSaysWhatToInstall(t *testing.T) {
	c := newCaseWorld(t)
	_, notice := c.published()
	fontless, err := server.New(server.Config{
		PublicURL: "http://127.0.0.1", Records: c.store, Scoped: store.WithPerson, Bucket: c.bucket,
		Now: c.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	fatal(t, err)
	c.http.Close()
	c.http = httptest.NewServer(fontless.Handler())
	t.Cleanup(c.http.Close)
	refused := c.poster(notice, nil)
	refused.want(t, 503, approval.Unavailable)
	says(t, string(refused.raw), "fonts-droid-fallback", "LINLI_FONT_FILE")
}

func TestMinutesOfAVote(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	c.paperOf("handler", caseID, "minutes").want(t, 409, approval.Conflict)
	c.do("mem1", "approve", nil).want(t, 200, "")
	c.paperOf("handler", caseID, "minutes").want(t, 409, approval.Conflict) // the vote still runs
	c.do("mem2", "approve", nil).want(t, 200, "")
	text := printed(t, c.paperOf("handler", caseID, "minutes"))
	says(t, text, "社区发展基金管委会会议纪要", "端午邻里活动", "肆仟贰佰元整", "mem1", "主任", "mem2", "居民代表", "mem3", "未投票", "通过。赞成2票", "应到3人，投票2人", "370303/funduse")
	c.paperOf("linzi", caseID, "minutes").want(t, 404, approval.NotFound)
	c.ask(asked{method: "GET", path: "/v1/cases/" + caseID + "/minutes.pdf"}).want(t, 401, approval.Unauthenticated)
}

// A recused member is named with the reason and leaves the count; a reserve
// takes the place.
func TestMinutesNameRecusalsAndReserves(t *testing.T) {
	c := newCaseWorld(t)
	c.enter("reserve", storetest.Community1, grant(approval.CommitteeMember, storetest.Community1))
	var members []map[string]any
	for i, id := range []string{"p_mem1", "p_mem2", "p_mem3", "p_reserve"} {
		members = append(members, map[string]any{"person_id": id, "seats": []string{"member"}, "reserve": i == 3})
	}
	c.write(c.secretary, "PUT", "/v1/committees/370303001901", map[string]any{"version": 1, "members": members}).want(t, 200, "")
	c.write(c.who["mem2"], "POST", "/v1/payees/"+c.payee+"/interests", map[string]any{"relation": "relative"}).want(t, 200, "")
	caseID := c.opened()
	c.do("mem1", "approve", nil).want(t, 200, "")
	c.do("mem3", "reject", map[string]any{"comment": "预算偏高"}).want(t, 200, "")
	c.do("reserve", "approve", nil).want(t, 200, "")
	says(t, printed(t, c.paperOf("handler", caseID, "minutes")), "reserve（递补）", "mem2：与收款方有利害关系：近亲属", "应到3人，投票3人：赞成2票，反对1票", "回避")
}

func TestMinutesOfAStoppedVoteAreRefused(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	c.do("mem1", "approve", nil).want(t, 200, "")
	c.actOn(taskSeen{ID: caseID + ".case.1.applicant"}, "handler", "withdraw", map[string]any{"comment": "不办了", "content_hash": ""}).want(t, 200, "")
	c.paperOf("handler", caseID, "minutes").want(t, 409, approval.Conflict)
	c.paperOf("handler", caseID, "payment-order").want(t, 409, approval.Conflict)
}

func TestAPaymentOrderFromRequestToReceipt(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	for _, member := range []string{"mem1", "mem2"} {
		c.do(member, "approve", nil).want(t, 200, "")
	}
	c.paperOf("cashier", caseID, "payment-order").want(t, 409, approval.Conflict)
	c.do("officer", "approve", nil).want(t, 200, "")
	says(t, printed(t, c.paperOf("cashier", caseID, "payment-order")), "付款通知单", "待付款", "4,200.00元", "肆仟贰佰元整", "制单Maker待办", "复核Checker待办", "淄博市慈善总会")
	c.do("cashier", "approve", map[string]any{"form": map[string]any{"details": map[string]any{"bank_reference": "20260304-1"}}}).want(t, 200, "")
	says(t, printed(t, c.paperOf("checker", caseID, "payment-order")), "制单Makercashier2026年", "复核Checker待办", "待付款")
	c.do("checker", "approve", nil).want(t, 200, "")
	text := printed(t, c.paperOf("handler", caseID, "payment-order"))
	says(t, text, "已付款", "复核Checkerchecker2026年", "20260304-1", "****")
	if strings.Contains(text, accountNumber) || strings.Contains(text, "待") {
		t.Errorf("the paid order says %s", text)
	}
	c.paperOf("linzi", caseID, "payment-order").want(t, 404, approval.NotFound)
}
