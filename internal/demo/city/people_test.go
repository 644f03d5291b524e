package city

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"linli/approval"
	"linli/examples"
	"linli/internal/demo"
)

// TestASessionThatRanOutIsBegunAnew: a city takes longer than a session lasts,
// the administrator's as well, who has another password than everybody else.
func TestASessionThatRanOutIsBegunAnew(t *testing.T) {
	logins, reads := map[string]int{}, 0
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if request.URL.Path != "/v1/login" {
			if reads++; reads%2 == 1 {
				w.WriteHeader(http.StatusUnauthorized)
				_ = json.NewEncoder(w).Encode(map[string]any{"code": approval.Unauthenticated})
			}
			return
		}
		var who struct{ Username, Password string }
		_ = json.NewDecoder(request.Body).Decode(&who)
		if want := map[string]string{examples.AdminUsername: "of the administrator"}[who.Username]; who.Password != want && (want != "" || who.Password != demo.Password) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		logins[who.Username]++
	}))
	defer api.Close()
	r := &run{people: people{url: api.URL, admin: "of the administrator", sessions: map[string]*session{}}}
	for _, username := range []string{examples.AdminUsername, "zd-handler"} {
		if err := r.read(t.Context(), username, "/v1/me", nil); err != nil {
			t.Errorf("%s: %v", username, err)
		}
		if logins[username] != 2 {
			t.Errorf("%s logged in %d times, want a second time", username, logins[username])
		}
	}
}
