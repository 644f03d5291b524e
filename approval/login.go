package approval

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits on guessing a password: five failures within fifteen minutes lock
// the name for fifteen minutes; one address gets a hundred checks a minute.
const (
	LoginFailures       = 5
	LoginLock           = 15 * time.Minute
	LoginChecksPerIP    = 100
	LoginChecksInterval = time.Minute
)

// LoginAttempt is one counted attempt; an attempt that has not passed, whether
// it failed or is still being checked, counts as a failure.
type LoginAttempt struct {
	Passed bool
	At     time.Time
}

// CheckLock refuses another attempt while the name is locked. latest holds the
// newest LoginFailures attempts, newest first; those that were refused because
// of a lock are not among them, or nobody would ever get in again.
func CheckLock(latest []LoginAttempt, now time.Time) error {
	if len(latest) < LoginFailures {
		return nil
	}
	for _, attempt := range latest[:LoginFailures] {
		if attempt.Passed {
			return nil
		}
	}
	newest, oldest := latest[0].At, latest[LoginFailures-1].At
	until := newest.Add(LoginLock)
	if newest.Sub(oldest) > LoginLock || !now.Before(until) {
		return nil
	}
	clock := until.In(Shanghai).Format("15:04")
	return Errorf(LockedOut, "连续登录失败过多，账户已锁定，请于 %s 后再试。", "Too many failed logins; locked until %s.", clock)
}

// The lengths of a password, in characters.
const (
	MinPassword = 10
	MaxPassword = 128
)

// CheckPassword refuses passwords below the policy of 等保三级: at least ten
// characters of three kinds out of upper case, lower case, digits and others,
// and not containing the username.
func CheckPassword(username, password string) error {
	length := utf8.RuneCountInString(password)
	if length < MinPassword || length > MaxPassword || !utf8.ValidString(password) {
		return Errorf(Invalid, "密码须为 %[1]d 至 %[2]d 个字符。", "A password has %[1]d to %[2]d characters.", MinPassword, MaxPassword).At("password")
	}
	if kindsOf(password) < 3 {
		return Errorf(Invalid, "密码须包含大写字母、小写字母、数字、其他字符中的至少三种。",
			"A password has at least three of: upper case, lower case, digits, others.").At("password")
	}
	if username != "" && strings.Contains(strings.ToLower(password), strings.ToLower(username)) {
		return Errorf(Invalid, "密码不能包含用户名。", "A password must not contain the username.").At("password")
	}
	return nil
}

func kindsOf(password string) int {
	kinds := map[string]bool{}
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			kinds["upper"] = true
		case unicode.IsLower(r):
			kinds["lower"] = true
		case unicode.IsDigit(r):
			kinds["digit"] = true
		default:
			kinds["other"] = true
		}
	}
	return len(kinds)
}

// WrongLogin is the one answer to every failed login, so that it does not tell
// which usernames exist or are disabled.
func WrongLogin() *Error {
	return Errorf(Unauthenticated, "用户名或密码不正确，或账户已停用。", "Username or password is wrong, or the account is disabled.")
}

// TOTP is a person's secret of one-time codes (动态口令). It counts once it was
// confirmed by a first code; each code counts once.
type TOTP struct {
	ID          string
	Secret      string // base32; never leaves the answer to enrolling
	CreatedAt   time.Time
	ConfirmedAt time.Time
}

// Confirmed reports whether codes are taken.
func (t TOTP) Confirmed() bool { return !t.ConfirmedAt.IsZero() }

// WrongProof is the one answer to a wrong password or code given with an act.
func WrongProof() *Error {
	return Errorf(Reauthenticate, "密码或动态口令不正确，或口令已用过。", "The password or one-time code is wrong, or the code was used before.").At("reauthentication")
}
