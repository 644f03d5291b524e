package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/approval"
	"linli/server"
	"linli/store/storetest"
)

// listened is the world behind the connection limits a deployment has.
func (w *world) listened() {
	w.t.Helper()
	w.http.Close()
	w.http = httptest.NewUnstartedServer(nil)
	w.http.Config = server.HTTP(w.server.Handler(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	w.http.Start()
	w.t.Cleanup(w.http.Close)
}

// dribble opens a connection, sends the beginning, then a byte at a time until
// the server ends it, and returns what the server said.
func (w *world) dribble(beginning, rest string) (string, error) {
	connection, err := net.Dial("tcp", w.http.Listener.Addr().String())
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, beginning); err != nil {
		return "", err
	}
	ended := make(chan struct{})
	var said strings.Builder
	go func() {
		defer close(ended)
		_, _ = io.Copy(&said, connection) // ends with the connection, one way or the other
	}()
	drip := time.NewTicker(100 * time.Millisecond)
	defer drip.Stop()
	for i := 0; ; i++ {
		select {
		case <-ended:
			return said.String(), nil
		case <-drip.C:
			if i < len(rest) {
				_, _ = io.WriteString(connection, rest[i:i+1]) // a closed connection ends the reader
			}
		}
	}
}

// TestSlowCallersDoNotStopOthers keeps 200 connections busy that dribble
// headers, dribble bodies or say nothing at all, while somebody else works.
func TestSlowCallersDoNotStopOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.listened()
	endless := strings.Repeat("x", 10_000)
	kinds := map[string]struct{ beginning, rest, said string }{
		"half open":      {"", "", ""},
		"half a line":    {"GET /v1/scopes HT", "", "408"},
		"slow header":    {"GET /v1/scopes HTTP/1.1\r\nHost: x\r\nX-Slow: ", endless, ""},
		"slow body":      {"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n", endless, `"code":"too_slow"`},
		"slow, unending": {"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n", endless, `"code":"too_slow"`},
	}
	var slow sync.WaitGroup
	began := time.Now()
	for kind, caller := range kinds {
		for range 40 {
			slow.Go(func() {
				said, err := w.dribble(caller.beginning, caller.rest)
				if took := time.Since(began); err != nil || took > 25*time.Second || kind != "half a line" && !strings.Contains(said, caller.said) {
					t.Errorf("%s: held on for %v, %v, and was told %.200s", kind, took, err, said)
				}
			})
		}
	}
	over := make(chan struct{})
	go func() { slow.Wait(); close(over) }()
	answered := 0
	for working := true; working; {
		select {
		case <-over:
			working = false
		default:
		}
		asked := time.Now()
		response, err := http.Get(w.http.URL + "/v1/scopes")
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("after %d answers: %v", answered, err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if took := time.Since(asked); took > 4*time.Second {
			t.Errorf("an answer took %v beside the slow callers", took)
		}
		answered++
		w.pass(time.Second) // the limit on one subscriber is not the point here
	}
	if answered < 5 {
		t.Errorf("only %d answers beside the slow callers", answered)
	}
}

// TestSlowUploadsDoNotStopOthers: whoever dribbles two files has used up his
// own places and nobody else's.
func TestSlowUploadsDoNotStopOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.listened()
	w.person("slow", storetest.Community1, grant(approval.Handler, storetest.Community1))
	w.person("quick", storetest.Community1, grant(approval.Handler, storetest.Community1))
	slow, quick := w.login("slow"), w.login("quick")
	body, media := form(t, storetest.Community1, "a.pdf", []byte(pdf))
	head := fmt.Sprintf("POST /v1/attachments HTTP/1.1\r\nHost: x\r\nX-Linli-Page: 1\r\nCookie: linli=%s\r\nContent-Type: %s\r\nContent-Length: 19000000\r\n", slow.Value, media)
	var dribbling sync.WaitGroup
	for i := range 4 {
		dribbling.Go(func() {
			said, err := w.dribble(head+fmt.Sprintf("Idempotency-Key: slow-%06d\r\n\r\n", i)+string(body[:len(body)-40]), strings.Repeat("x", 10_000))
			if err != nil || !strings.Contains(said, "408 Request Timeout") && !strings.Contains(said, "503 ") {
				t.Errorf("a dribbled upload was told %s, %v", said, err)
			}
		})
	}
	for i := range 5 {
		began := time.Now()
		answer := w.ask(asked{method: "POST", path: "/v1/attachments", cookie: quick, key: fmt.Sprintf("quick-%06d", i), body: body, media: media})
		if answer.want(t, 200, ""); time.Since(began) > 8*time.Second {
			t.Errorf("an upload took %v beside the slow ones", time.Since(began))
		}
	}
	dribbling.Wait()
	if things := w.stored(); things != 5 {
		t.Errorf("%d things in the bucket, want the 5 that arrived", things)
	}
}

func TestAHeaderIsNotEndless(t *testing.T) {
	w := newWorld(t)
	w.listened()
	connection, err := net.Dial("tcp", w.http.Listener.Addr().String())
	fatal(t, err)
	defer connection.Close()
	_, err = fmt.Fprintf(connection, "GET /v1/scopes HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", 40<<10))
	fatal(t, err)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("answered %d", response.StatusCode)
	}
}

// holding asks for room for an upload and, once let in, keeps it without
// sending anything; entered is closed then.
func (w *world) holding(session, media, key string) (entered chan struct{}, leave func()) {
	w.t.Helper()
	connection, err := net.Dial("tcp", w.http.Listener.Addr().String())
	fatal(w.t, err)
	_, err = fmt.Fprintf(connection, "POST /v1/attachments HTTP/1.1\r\nHost: x\r\nX-Linli-Page: 1\r\nCookie: linli=%s\r\nIdempotency-Key: %s\r\n"+
		"Content-Type: %s\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n", session, key, media)
	fatal(w.t, err)
	entered = make(chan struct{})
	go func() {
		line, _ := bufio.NewReader(connection).ReadString('\n')
		if strings.Contains(line, "100 Continue") { // the body is asked for once there is a place
			close(entered)
		}
	}()
	return entered, func() { _ = connection.Close() }
}

// TestUploadsWaitForAPlace: two of one person and eight of all are looked into
// at a time; the next one waits until somebody leaves.
func TestUploadsWaitForAPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.listened()
	_, media := form(t, storetest.Community1, "a.pdf", []byte(pdf))
	var sessions []string
	for i := range 5 {
		name := fmt.Sprintf("uploader-%d", i)
		w.person(name, storetest.Community1, grant(approval.Handler, storetest.Community1))
		sessions = append(sessions, w.login(name).Value)
	}
	in := func(entered chan struct{}, within time.Duration) bool {
		select {
		case <-entered:
			return true
		case <-time.After(within):
			return false
		}
	}
	var leaves []func()
	for i := range 8 {
		entered, leave := w.holding(sessions[i/2], media, fmt.Sprintf("holding-%06d", i))
		if leaves = append(leaves, leave); !in(entered, 20*time.Second) {
			t.Fatalf("upload %d of 8 was not let in", i+1)
		}
	}
	third, leaveThird := w.holding(sessions[0], media, "holding-third")
	defer leaveThird()
	ninth, leaveNinth := w.holding(sessions[4], media, "holding-ninth")
	defer leaveNinth()
	select {
	case <-third:
		t.Error("a third upload of one person was let in")
	case <-ninth:
		t.Error("a ninth upload of all was let in")
	case <-time.After(time.Second): // long for one who need not wait
	}
	leaves[7]()
	if !in(ninth, 20*time.Second) {
		t.Error("nobody was let in when a place was free")
	}
	for _, leave := range leaves {
		leave()
	}
}
