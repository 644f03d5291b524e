package stack

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli/bank"
	"linli/bank/sandbox"
)

const bankToken = "behaviour-token-of-the-tests"

// startBank opens the practice bank, which calls the API back at s.URL.
func (s *Stack) startBank(t testing.TB, log *slog.Logger) {
	t.Helper()
	secret, err := os.ReadFile(s.Config.BankSecretFile)
	if err != nil {
		t.Fatal(err)
	}
	s.Bank, err = sandbox.New(sandbox.Config{
		BookPath: filepath.Join(t.TempDir(), "book.jsonl"), Secret: []byte(strings.TrimSpace(string(secret))),
		CallbackURL: s.URL + "/v1/bank/callbacks", AdminToken: bankToken, Log: log.With("part", "practice bank"),
	})
	if err != nil {
		t.Fatalf("opening the practice bank: %v", err)
	}
	listener := listen(t, "127.0.0.1:0")
	s.BankURL = "http://" + listener.Addr().String()
	s.Config.BankURL = s.BankURL
	served := &http.Server{Handler: s.Bank, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := served.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the bank ended with: %v", err)
		}
	}()
	t.Cleanup(func() {
		if err := errors.Join(served.Close(), s.Bank.Close()); err != nil {
			t.Errorf("closing the bank: %v", err)
		}
	})
}

// Book is the bank's own book: what it was asked to pay and what it paid.
func (s *Stack) Book(t testing.TB) bank.Book {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.BankURL+"/book", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.BankToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("reading the bank's book: %v", err)
	}
	defer response.Body.Close()
	var book bank.Book
	if err := json.NewDecoder(response.Body).Decode(&book); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("reading the bank's book: %d %v", response.StatusCode, err)
	}
	return book
}
