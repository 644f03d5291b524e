package approval

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCheckLock(t *testing.T) {
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, Shanghai)
	// Each story lists attempts oldest first as minutes before now; "+" passed.
	for _, test := range []struct {
		story  string
		locked bool
	}{
		{"", false},
		{"4 3 2 1", false},
		{"5 4 3 2 1", true},
		{"9 5 4 3 2 1", true},
		{"5 4 +3 2 1", false},
		{"5 4 3 2 +1", false},
		{"+6 5 4 3 2 1", true},
		{"19 18 17 16 15", false},   // fifteen minutes are over
		{"18 17 16 15 14", true},    // not yet
		{"30 25 20 18 14", false},   // five, but spread over more than fifteen minutes
		{"29 20 18 16 14", true},    // just within them
		{"40 39 38 37 36 1", false}, // one more after a lock is one more, not a new lock
		{"40 39 38 37 36 4 3 2 1", false},
		{"40 39 38 37 36 5 4 3 2 1", true},
	} {
		var latest []LoginAttempt
		for _, word := range strings.Fields(test.story) {
			minutes, passed := strings.CutPrefix(word, "+")
			ago, err := time.ParseDuration(minutes + "m")
			if err != nil {
				t.Fatal(err)
			}
			latest = append(latest, LoginAttempt{Passed: passed, At: now.Add(-ago)})
		}
		slices.Reverse(latest)
		latest = latest[:min(len(latest), LoginFailures)]
		err := CheckLock(latest, now)
		if (CodeOf(err) == LockedOut) != test.locked || (err != nil) != test.locked {
			t.Errorf("%q: %v, want locked %v", test.story, err, test.locked)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	for password, good := range map[string]bool{
		"Qilu-2026-lake":          true,
		"淄博Zibo2026年":             true, // Han characters are a kind of their own
		strings.Repeat("aA1", 42): true,
		strings.Repeat("aA1", 43): false,
		"aA1-56789":               false,
		"aA1-567890":              true,
		"onlylowercaseandnothing": false,
		"lowercase1234567":        false,
		"xx-WANG-1234":            false,
		"aA1-567890\xff":          false,
	} {
		if err := CheckPassword("wang", password); (err == nil) != good {
			t.Errorf("%q: %v, want good %v", password, err, good)
		}
	}
}

func FuzzAttachmentName(f *testing.F) {
	for _, seed := range []string{"a.pdf", "../../etc/passwd.txt", `C:\a\b.pdf`, "a\u202efdp.exe", ".pdf", "a.", strings.Repeat("长", 300) + ".docx", "\x00.txt", "a/.pdf"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		name, err := AttachmentName(raw)
		if err != nil {
			return
		}
		if strings.ContainsAny(name, "/\\\x00\n\r\"<>:|?*;\u202e\u200b") || name[0] == '.' || len([]rune(name)) > 120 {
			t.Errorf("%q became %q", raw, name)
		}
		if again, err := AttachmentName(name); err != nil || again != name {
			t.Errorf("%q became %q and then %q, %v", raw, name, again, err)
		}
	})
}
