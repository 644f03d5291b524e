// Package approvaltest holds what tests of the domain have in common.
package approvaltest

import (
	"testing"

	"linli/approval"
)

// Refuses checks that err is a refusal with this code that blames this field
// and says why in both languages; with the code "" that nothing was refused.
func Refuses(t testing.TB, what string, err error, code approval.Code, field string) {
	t.Helper()
	refusal := approval.Refusal(err)
	switch {
	case code == "" && err != nil:
		t.Errorf("%s: refused: %v", what, err)
	case code == "":
	case refusal == nil || refusal.Code != code || refusal.Field != field || refusal.Message.ZH == "" || refusal.Message.EN == "":
		t.Errorf("%s: want %s at %q, got %v", what, code, field, err)
	}
}
