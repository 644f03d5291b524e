package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/space"
	"linli/server"
	"linli/store"
	"linli/store/storetest"
	"linli/workbook"
)

// slow is work that tells when it begins and lasts until it is told to end.
type slow struct{ begun, end chan struct{} }

func newSlow() slow { return slow{begun: make(chan struct{}), end: make(chan struct{})} }

func (s slow) work() {
	s.begun <- struct{}{}
	<-s.end
}

// takes fails unless so many requests are worked on at a time, the others
// wait, and all are answered with 200 in the end.
func (s slow) takes(t *testing.T, w *world, places int, request func(i int) asked) {
	t.Helper()
	var requests sync.WaitGroup
	for i := range places + 2 {
		requests.Go(func() {
			answer, err := w.send(request(i))
			if err != nil || answer.status != http.StatusOK {
				t.Errorf("request %d was answered %d %s, %v", i, answer.status, answer.raw, err)
			}
		})
	}
	for i := range places {
		select {
		case <-s.begun:
		case <-time.After(20 * time.Second):
			t.Errorf("only %d of %d places were taken", i, places)
		}
	}
	select {
	case <-s.begun:
		t.Errorf("one more began beside %d", places)
	case <-time.After(500 * time.Millisecond): // long for one who need not wait
	}
	close(s.end)
	go func() {
		for range s.begun { // the others, one after the other
		}
	}()
	requests.Wait()
	close(s.begun)
}

type slowBook struct {
	server.RuleBook
	slow
}

func (b slowBook) Check(context.Context, server.RuleText) (server.RuleReport, error) {
	b.work()
	return server.RuleReport{Problems: []server.RuleProblem{}, Warnings: []server.RuleProblem{}, Tests: []server.RuleTest{}}, nil
}

// TestRuleChecksWaitForAPlace: two texts are compiled and tested at a time.
func TestRuleChecksWaitForAPlace(t *testing.T) {
	w := newWorld(t)
	person := storetest.Person(t, w.store, "keeper", storetest.City, grant(approval.RuleKeeper, storetest.City))
	token, err := w.store.CreateToken(store.WithPerson(t.Context(), person), person.ID, "test", w.now().AddDate(0, 0, 1), w.now())
	fatal(t, err)
	book := slowBook{slow: newSlow()}
	w.reopened(server.Config{Records: w.store, Bucket: w.bucket, Rules: book})
	book.takes(t, w, 2, func(int) asked {
		return asked{method: "POST", path: "/v1/rules/check", bearer: token.Secret, body: map[string]string{"source": "x", "tests": ""}}
	})
}

type slowImports struct {
	server.Records
	slow
}

func (s slowImports) ImportSpaces(ctx context.Context, id string, rows []space.Row, at time.Time) (space.Import, error) {
	s.work()
	return s.Records.ImportSpaces(ctx, id, rows, at)
}

// TestWorkbooksWaitForAPlace: two are held in memory at a time.
func TestWorkbooksWaitForAPlace(t *testing.T) {
	w := newCaseWorld(t)
	var books []string
	for i := range 4 {
		var book bytes.Buffer
		fatal(t, workbook.WriteSpaces(&book, []space.Space{{Details: space.Details{
			Code: fmt.Sprint("W-", i), Name: "示例", Ownership: space.Rented, Holder: "示例", Use: "闲置",
			Rooms: []space.Room{{Code: "1", Name: "厅", Built: 200, Usable: 100}},
		}}}))
		books = append(books, w.workbook(book.Bytes()))
	}
	records := slowImports{w.store, newSlow()}
	w.reopened(server.Config{Records: records, Bucket: w.bucket})
	records.takes(t, w.world, 2, func(i int) asked {
		return asked{method: "POST", path: "/v1/imports", bearer: w.handler, key: fmt.Sprintf("waiting-book-%d", i),
			body: map[string]any{"scope": storetest.Community1, "kind": "spaces", "attachment_id": books[i]}}
	})
}

type slowLogins struct {
	server.Records
	slow
}

func (s slowLogins) AttemptLogin(ctx context.Context, username, ip string, now time.Time) (person, hash string, err error) {
	s.work()
	return s.Records.AttemptLogin(ctx, username, ip, now)
}

// TestPasswordsWaitForAPlace: as many are compared at a time as there are
// processors.
func TestPasswordsWaitForAPlace(t *testing.T) {
	w := newWorld(t)
	for i := range runtime.NumCPU() + 2 { // each his own: unfinished attempts of one count as failures
		w.person(fmt.Sprint("person-", i), storetest.Community1, grant(approval.Handler, storetest.Community1))
	}
	records := slowLogins{w.store, newSlow()}
	w.reopened(server.Config{Records: records, Bucket: w.bucket})
	records.takes(t, w, runtime.NumCPU(), func(i int) asked {
		return asked{method: "POST", path: "/v1/login", body: map[string]string{"username": fmt.Sprint("person-", i), "password": goodPassword}}
	})
}
