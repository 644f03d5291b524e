package store_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"linli/approval"
	"linli/store"
	"linli/store/storetest"
)

func TestASecretIsSealedAndBoundToItsRow(t *testing.T) {
	api, _, address := storetest.OpenDSN(t)
	sealing := api.Sealing(must(store.NewSealer(make([]byte, 32)))(t))
	for _, name := range []string{"wang", "liu"} {
		storetest.Person(t, api, name, storetest.Community1)
	}
	const secret = "GEZDGNBVGY3TQOJQ"
	if err := sealing.BeginTOTP(t.Context(), "p_wang", secret, storetest.Now); err != nil {
		t.Fatal(err)
	}
	if err := sealing.BeginTOTP(t.Context(), "p_liu", "another", storetest.Now); err != nil {
		t.Fatal(err)
	}
	found := must(sealing.TOTP(t.Context(), "p_wang"))(t)
	if found.Secret != secret || found.Confirmed() {
		t.Errorf("kept as %+v", found)
	}
	owner := must(pgx.Connect(t.Context(), address.Owner))(t)
	defer owner.Close(t.Context())
	var sealed []byte
	if err := owner.QueryRow(t.Context(), `SELECT sealed FROM totp_secrets WHERE person = 'p_wang'`).Scan(&sealed); err != nil || strings.Contains(string(sealed), secret) {
		t.Errorf("at rest: %q, %v", sealed, err)
	}
	if _, err := owner.Exec(t.Context(), `UPDATE totp_secrets SET sealed = $1 WHERE person = 'p_liu'`, sealed); err != nil {
		t.Fatal(err)
	}
	if _, err := sealing.TOTP(t.Context(), "p_liu"); err == nil {
		t.Error("another person's row opens a copied secret")
	}
	if _, err := api.Sealing(must(store.NewSealer([]byte(strings.Repeat("x", 32))))(t)).TOTP(t.Context(), "p_wang"); err == nil {
		t.Error("another key opens it")
	}
	if _, err := api.TOTP(t.Context(), "p_wang"); err == nil {
		t.Error("opened without a key")
	}
}

func TestAStepOfTimeCountsOnce(t *testing.T) {
	api, _, _ := storetest.OpenDSN(t)
	s := api.Sealing(must(store.NewSealer(make([]byte, 32)))(t))
	storetest.Person(t, api, "wang", storetest.Community1)
	if err := s.BeginTOTP(t.Context(), "p_wang", "secret", storetest.Now); err != nil {
		t.Fatal(err)
	}
	id := must(s.TOTP(t.Context(), "p_wang"))(t).ID
	if must(s.UseTOTP(t.Context(), id, 5))(t) {
		t.Error("used before it was confirmed")
	}
	if !must(s.ConfirmTOTP(t.Context(), id, 7, storetest.Now))(t) || must(s.ConfirmTOTP(t.Context(), id, 8, storetest.Now))(t) {
		t.Error("confirmed not at all, or twice")
	}
	for step, first := range map[int64]bool{6: false, 7: false} {
		if must(s.UseTOTP(t.Context(), id, step))(t) != first {
			t.Errorf("step %d was taken after step 7", step)
		}
	}
	var wait sync.WaitGroup
	firsts := make(chan bool, 8)
	for range cap(firsts) {
		wait.Go(func() { firsts <- must(s.UseTOTP(t.Context(), id, 8))(t) })
	}
	wait.Wait()
	taken := 0
	for range cap(firsts) {
		if <-firsts {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("step 8 was taken %d times", taken)
	}
	if err := s.BeginTOTP(t.Context(), "p_wang", "other", storetest.Now); approval.CodeOf(err) != approval.Conflict {
		t.Errorf("replaced while in use: %v", err)
	}
	if err := s.EndTOTP(t.Context(), "p_wang", storetest.Now); err != nil {
		t.Fatal(err)
	}
	if must(s.UseTOTP(t.Context(), id, 9))(t) || must(s.TOTP(t.Context(), "p_wang"))(t).ID != "" {
		t.Error("in use after it was ended")
	}
}
