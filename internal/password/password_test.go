package password

import (
	"strings"
	"testing"
)

func TestMatchesOnlyItsOwnPassword(t *testing.T) {
	hash, err := Hash("Qilu-2026-wenshao")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q was not made at the chosen cost", hash)
	}
	for plain, want := range map[string]bool{"Qilu-2026-wenshao": true, "Qilu-2026-Wenshao": false, "": false} {
		if got, err := Matches(plain, hash); got != want || err != nil {
			t.Errorf("Matches(%q) = %v, %v; want %v", plain, got, err, want)
		}
	}
}

func TestNobodyHasAPassword(t *testing.T) {
	for _, plain := range []string{"", "x", "\x00"} {
		if got, err := Matches(plain, ""); got || err != nil {
			t.Errorf("Matches(%q, none) = %v, %v; want false", plain, got, err)
		}
	}
}
