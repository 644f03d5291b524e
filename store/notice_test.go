package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli/approval"
	"linli/audit"
	"linli/store"
	"linli/store/storetest"
)

func notice(id string, publishedAt time.Time) approval.Notice {
	return approval.Notice{
		ID: id, CaseID: "case-1", Scope: storetest.Community1, Kind: "result", Title: "楼道修缮 " + id, Amount: 420000, Purpose: "更换楼道照明",
		Payee: "惠民维修部", Lines: []approval.NoticeLine{{Item: "灯具", Amount: 420000}}, Days: 3, DayKind: approval.WorkingDays,
		Vote:        approval.NoticeVote{Eligible: 3, For: 3, Ballots: []approval.NoticeBallot{{Member: "p_member", Choice: approval.For}}},
		ContentHash: "content-case-1", PublishedAt: publishedAt,
	}
}

func (c *copies) publish(n approval.Notice) approval.Notice {
	c.t.Helper()
	return must(c.worker.Publish(c.t.Context(), n))(c.t)
}

func TestPublishedOnceAndForAll(t *testing.T) {
	c := openCopies(t)
	c.record(step("case-1", 1, "open"))
	storetest.Person(t, c.api, "member", storetest.Community1)
	first := c.publish(notice("n-1", storetest.Now))
	if !first.EndsAt.Equal(midnight(time.March, 10)) || !first.PublishedAt.Equal(storetest.Now) {
		t.Errorf("published %s to %s", first.PublishedAt, first.EndsAt)
	}
	again := c.publish(notice("n-1", storetest.Now.Add(48*time.Hour)))
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the repetition differs:\n%s", diff)
	}
	altered := notice("n-1", storetest.Now)
	altered.Amount++
	_, err := c.worker.Publish(t.Context(), altered)
	refusedAs(t, err, approval.KeyReused)
	if _, err := c.worker.Publish(t.Context(), notice("n-2", time.Time{})); err == nil {
		t.Error("a notice without a time of publication was published")
	}
	late := notice("n-2", storetest.Now)
	late.Days = 400
	_, err = c.worker.Publish(t.Context(), late)
	refusedAs(t, err, approval.CalendarMissing)

	// The public, without any person, reads it whole, with the names of the day.
	view := must(c.api.PublicNotice(t.Context(), "n-1", storetest.Now))(t)
	want := approval.NoticeView{
		Notice: first, ScopeNames: []string{"淄博市", "张店区", "车站街道", "示范一社区"}, Names: []approval.PersonName{{ID: "p_member", Name: "member"}},
		Notes: []approval.NoticeNote{}, Objections: []approval.ObjectionView{}, Open: true,
	}
	if diff := cmp.Diff(want, view); diff != "" {
		t.Errorf("view (-want +got):\n%s", diff)
	}
	if must(c.api.PublicNotice(t.Context(), "n-1", first.EndsAt))(t).Open {
		t.Error("the notice takes objections at the moment its period ends")
	}
	_, err = c.api.PublicNotice(t.Context(), "n-9", storetest.Now)
	refusedAs(t, err, approval.NotFound)
}

func TestNoticesAreFoundByThePublic(t *testing.T) {
	c := openCopies(t)
	c.record(step("case-1", 1, "open"))
	for i := range 3 {
		c.publish(notice(fmt.Sprintf("n-%d", i), storetest.Now.AddDate(0, 0, 7*i)))
	}
	now := storetest.Now.AddDate(0, 0, 8)
	for want, filter := range map[string]approval.NoticeFilter{
		"n-2 n-1 n-0": {Scope: storetest.Zhangdian, Search: "楼道照明"},
		"n-2 n-1":     {Open: true},
		"n-1":         {Search: "n-1"},
		"":            {Scope: storetest.Linzi},
	} {
		var ids []string
		page := approval.Page{Limit: 2}
		for {
			views, next, err := c.api.PublicNotices(t.Context(), filter, page, now)
			if err != nil {
				t.Fatal(err)
			}
			for _, view := range views {
				ids = append(ids, view.ID)
			}
			if page.Cursor = next; next == "" {
				break
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("filter %+v finds %q, want %q", filter, got, want)
		}
	}
	_, _, err := c.api.PublicNotices(t.Context(), approval.NoticeFilter{Search: strings.Repeat("灯", 61)}, approval.Page{Limit: 1}, now)
	refusedAs(t, err, approval.Invalid)
}

func TestNotesStandBesideTheNotice(t *testing.T) {
	c := openCopies(t)
	c.record(step("case-1", 1, "open"))
	c.publish(notice("n-1", storetest.Now))
	added := approval.NoticeNote{ID: "note-1", NoticeID: "n-1", Kind: "correction", Text: "金额应为4200元", By: "p_handler", At: storetest.Now}
	for range 2 {
		if err := c.worker.AddNote(t.Context(), added); err != nil {
			t.Fatal(err)
		}
	}
	other := added
	other.Text = "没有这回事"
	refusedAs(t, c.worker.AddNote(t.Context(), other), approval.KeyReused)
	other.ID, other.NoticeID = "note-2", "n-9"
	refusedAs(t, c.worker.AddNote(t.Context(), other), approval.NotFound)
	own := approval.NoticeNote{ID: "note-3", NoticeID: "n-1", Kind: "correction", Text: "更正", By: "p_handler", At: storetest.Now.Add(time.Hour)}
	if err := c.api.AddNote(c.handler(), own); err != nil {
		t.Errorf("the handler of the community corrects: %v", err)
	}
	for who, ctx := range map[string]context.Context{
		"the public": t.Context(), "another community": c.as("p_handler", approval.Handler, storetest.Community2),
		"another role": c.as("p_handler", approval.Auditor, storetest.City), "another name": c.as("p_other", approval.Handler, storetest.Community1),
	} {
		forged := own
		forged.ID = "note-4"
		if err := c.api.AddNote(ctx, forged); approval.CodeOf(err) != approval.Forbidden {
			t.Errorf("%s adds a note: %v", who, err)
		}
	}
	view := must(c.api.PublicNotice(t.Context(), "n-1", storetest.Now))(t)
	if diff := cmp.Diff([]approval.NoticeNote{added, own}, view.Notes); diff != "" {
		t.Errorf("notes:\n%s", diff)
	}
}

// A resident without a login objects, follows the objection by its code and
// reads the answer; the contact is the handler's alone.
func TestAnObjectionFromFilingToAnswer(t *testing.T) {
	c := openCopies(t)
	c.record(step("case-1", 1, "open"))
	published := c.publish(notice("n-1", storetest.Now))
	const code = "ABCD-2345"
	filed := approval.Objection{ID: "o-1", NoticeID: "n-1", Text: "价格偏高", Contact: "13800000000", FiledAt: storetest.Now.Add(time.Hour)}
	for range 2 {
		if err := c.api.FileObjection(t.Context(), filed, audit.HashBytes([]byte(code))); err != nil {
			t.Fatal(err)
		}
	}
	if got := must(c.api.ObjectionByReceipt(t.Context(), code))(t); got.Status != "filed" || got.Text != filed.Text {
		t.Errorf("by receipt: %+v", got)
	}
	_, err := c.api.ObjectionByReceipt(t.Context(), "WRONG")
	refusedAs(t, err, approval.NotFound)

	for who, test := range map[string]struct {
		ctx     approval.Person
		contact string
	}{
		"handler":       {approval.Person{ID: "p_1", Grants: []approval.Grant{{Role: approval.ObjectionHandler, Scope: storetest.Chezhan}}}, filed.Contact},
		"other handler": {approval.Person{ID: "p_2", Grants: []approval.Grant{{Role: approval.ObjectionHandler, Scope: storetest.Linzi}}}, ""},
		"auditor":       {approval.Person{ID: "p_3", Grants: []approval.Grant{{Role: approval.Auditor, Scope: storetest.City}}}, ""},
		"public":        {approval.Person{}, ""},
	} {
		found := must(c.api.Objections(store.WithPerson(t.Context(), test.ctx), "case-1"))(t)
		if len(found) != 1 || found[0].Contact != test.contact {
			t.Errorf("%s reads %+v, want contact %q", who, found, test.contact)
		}
		var contacts []string
		rows, err := session(t, c.address.API, test.ctx).Query(t.Context(), `SELECT contact FROM objection_contacts`)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			contacts = append(contacts, fmt.Sprint(must(rows.Values())(t)...))
		}
		if seen := slices.Contains(contacts, filed.Contact); seen != (test.contact != "") {
			t.Errorf("%s selects the contacts %q", who, contacts)
		}
	}

	answer := approval.Objection{ID: "o-1", Status: "overruled", Answer: "已比三家", AnsweredAt: storetest.Now.Add(2 * time.Hour)}
	for range 2 {
		if err := c.worker.AnswerObjection(t.Context(), answer); err != nil {
			t.Fatal(err)
		}
	}
	other := answer
	other.Status = "upheld"
	refusedAs(t, c.worker.AnswerObjection(t.Context(), other), approval.Conflict)
	other.ID = "o-9"
	refusedAs(t, c.worker.AnswerObjection(t.Context(), other), approval.NotFound)
	other.Status = "perhaps"
	refusedAs(t, c.worker.AnswerObjection(t.Context(), other), approval.Invalid)
	want := []approval.ObjectionView{{ID: "o-1", Text: filed.Text, Status: "overruled", Answer: "已比三家", FiledAt: filed.FiledAt, AnsweredAt: answer.AnsweredAt}}
	if diff := cmp.Diff(want, must(c.api.PublicNotice(t.Context(), "n-1", storetest.Now))(t).Objections); diff != "" {
		t.Errorf("objections in public:\n%s", diff)
	}

	for code, bad := range map[approval.Code]approval.Objection{
		approval.Conflict:  {ID: "o-2", NoticeID: "n-1", Text: "晚了", FiledAt: published.EndsAt},
		approval.NotFound:  {ID: "o-3", NoticeID: "n-9", Text: "没有", FiledAt: storetest.Now},
		approval.Invalid:   {ID: "o-4", NoticeID: "n-1", Text: strings.Repeat("长", 2001), FiledAt: storetest.Now},
		approval.KeyReused: {ID: "o-1", NoticeID: "n-1", Text: "另一件事", FiledAt: storetest.Now},
	} {
		refusedAs(t, c.api.FileObjection(t.Context(), bad, audit.HashBytes([]byte(bad.Text))), code)
	}
}
