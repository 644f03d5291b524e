package observe

import (
	"regexp"
	"slices"
	"strings"
)

// hidden stands where a value was that nobody may see.
const hidden = "[redacted]"

// secretNames are fields whose value is never shown, whatever it looks like;
// secretParts make a field secret wherever they stand in its name. Both are
// compared without case and punctuation.
var (
	secretNames = strings.Fields(`token accesstoken refreshtoken session sessionid envelope jws
		account accountnumber bankaccount payeeaccount payeraccount
		idnumber idcard identitynumber phone mobile telephone tel contact email
		comment form body payload input args arguments query`)
	secretParts = strings.Fields(`password passwd passphrase secret authorization cookie apikey privatekey signature credential dsn databaseurl`)
	unspelled   = strings.NewReplacer("-", "", "_", "", ".", "", " ", "")
)

func secretName(name string) bool {
	name = strings.ToLower(unspelled.Replace(name))
	return slices.Contains(secretNames, name) ||
		slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(name, part) })
}

// Credentials by their shape, each with what is left of it.
var credentials = []struct {
	shape *regexp.Regexp
	left  string
}{
	{regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)`), "[key]"},
	{regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*`), "[signed]"},
	{regexp.MustCompile(`(?i)\b(bearer|basic)(\s+|%20)[A-Za-z0-9._~+/=-]{6,}`), "$1 " + hidden},
	{regexp.MustCompile(`://([^/\s:@]*):[^\s@]*@`), "://$1:" + hidden + "@"},
	{regexp.MustCompile(`(?i)(\\?["']?\b[a-z_-]*(?:password|passwd|pwd|secret|token|api[_-]?key|cookie|linli_session)\\?["']?\s*[=:]\s*)(\\?"(?:[^"\\]|\\[^"])*\\?"|'[^']*'|[^\s,;&}\]]+)`), "$1" + hidden},
	{regexp.MustCompile(`[A-Za-z0-9._%+-]*[A-Za-z][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`), "[email]"},
}

// numbers finds every run of digits that could be a person's or an account's,
// and, before those, what only looks like one: identifiers, digests, scopes.
var numbers = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}` +
	`|[0-9a-f]{24,}` +
	`|\d{6}/\d{6}(?:/\d{9}(?:/\d{12})?)?` +
	`|\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,3})?` +
	`|\d{6}[ -]\d{8}[ -]\d{3}[0-9Xx]` +
	`|(?:\+?86[ -]?)?1[3-9]\d[ -]\d{4}[ -]\d{4}` +
	`|0\d{2,3}-\d{7,8}` +
	`|\d{11,}[Xx]?`)

// tokens are 32 random bytes in base64url: sessions and API tokens.
var words = regexp.MustCompile(`[A-Za-z0-9_-]{43,}`)

const tokenLength = 43

// Mask is the text without the credentials and the numbers of people and
// accounts in it. Ids, digests and scopes stay.
func Mask(text string) string {
	for _, credential := range credentials {
		text = credential.shape.ReplaceAllString(text, credential.left)
	}
	text = words.ReplaceAllStringFunc(text, func(word string) string {
		if len(word) == tokenLength {
			return "[token]"
		}
		return word
	})
	return numbers.ReplaceAllStringFunc(text, number)
}

func number(found string) string {
	digits := strings.NewReplacer(" ", "", "-", "", "+", "").Replace(found)
	switch {
	case strings.Contains(found, "/"), strings.ContainsAny(digits, "abcdefABCDEF"):
		return found // a scope, an identifier or a digest
	case strings.HasPrefix(found, "0") && strings.Contains(found, "-") && len(digits) <= 12:
		return "[phone]"
	case mobile(digits), strings.HasPrefix(digits, "86") && mobile(digits[2:]):
		return "[phone]"
	case len(digits) == 18:
		return "[id number]"
	case len(digits) >= 12:
		return "[account]"
	}
	return found
}

func mobile(digits string) bool {
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3'
}
