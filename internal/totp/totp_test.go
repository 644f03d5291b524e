package totp_test

import (
	"strings"
	"testing"
	"time"

	"linli/internal/totp"
)

// The secret and codes of RFC 6238, appendix B, cut to six digits.
const rfc = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestCodesOfTheStandard(t *testing.T) {
	for unix, code := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"} {
		if step, right := totp.Step(rfc, code, time.Unix(unix, 0)); !right || step != unix/30 {
			t.Errorf("%s at %d: step %d, %v", code, unix, step, right)
		}
	}
}

func TestACodeIsRightNearItsStepOnly(t *testing.T) {
	now := time.Unix(1_000_000_000, 0)
	code, err := totp.Code(rfc, now)
	if err != nil {
		t.Fatal(err)
	}
	for off, want := range map[time.Duration]bool{-61 * time.Second: false, -29 * time.Second: true, 0: true, 40 * time.Second: true, 90 * time.Second: false} {
		if _, right := totp.Step(rfc, code, now.Add(off)); right != want {
			t.Errorf("%v later: %v", off, right)
		}
	}
	for _, wrong := range []string{"", "1", "abcdef", code + "0", strings.Repeat("9", 100), code[:5]} {
		if _, right := totp.Step(rfc, wrong, now); right {
			t.Errorf("%q was taken", wrong)
		}
	}
	if _, right := totp.Step("not base32!", code, now); right {
		t.Error("a broken secret takes codes")
	}
}

func TestEverySecretIsNew(t *testing.T) {
	one, uri, err := totp.New("wang")
	other, _, _ := totp.New("wang")
	if err != nil || one == other || len(one) != 32 || !strings.Contains(uri, "secret="+one) || !strings.HasPrefix(uri, "otpauth://totp/Linli:wang") {
		t.Errorf("%s %s %s %v", one, other, uri, err)
	}
}
