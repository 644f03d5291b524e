package server

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// A request that gets nowhere is ended after requestTimeout with an answer that
// says so; others are served meanwhile.
func TestARequestThatHangsIsAnswered(t *testing.T) {
	t.Parallel() // it waits
	p := newPost(t, nil, clockAt(time.Now()))
	p.Server.echo.GET("/hangs", func(ec echo.Context) error {
		<-ec.Request().Context().Done()
		return ec.Request().Context().Err()
	})
	get := func(path string) (int, string) {
		response, err := http.Get(p.url + path)
		if err != nil {
			return 0, err.Error()
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	type answered struct {
		status int
		body   string
	}
	began, hanging := time.Now(), make(chan answered)
	for range 5 {
		go func() {
			status, body := get("/hangs")
			hanging <- answered{status, body}
		}()
	}
	if status, body := get("/openapi.yaml"); status != http.StatusOK || time.Since(began) > requestTimeout/2 {
		t.Errorf("somebody else got %d %.100s after %s", status, body, time.Since(began))
	}
	for range 5 {
		got := <-hanging
		if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "处理超时，请稍后重试。") || !strings.Contains(got.body, "This took too long") {
			t.Errorf("it was answered %d %s", got.status, got.body)
		}
	}
	if waited := time.Since(began); waited < requestTimeout || waited > 2*requestTimeout {
		t.Errorf("it was answered after %s", waited)
	}
}
