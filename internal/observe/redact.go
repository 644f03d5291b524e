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

// numbers finds every number of a person, a telephone or an account and, before
// those, what only looks like one: identifiers, digests, scopes. The last
// alternative takes any run of digits, so that none is looked into from its
// middle. Two amounts may stand beside each other with a space between: only
// what begins with 0, or has three parts, is a telephone with spaces.
var numbers = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}` +
	`|[0-9a-f]{24,}` +
	`|\d{6}/\d{6}(?:/\d{9}(?:/\d{12})?)?` +
	`|\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,3})?` +
	`|\d{6}[ -]\d{8}[ -]\d{3}[0-9Xx]` +
	`|(?:\+?86[ -]?)?1[3-9]\d(?:[ -]\d{4}[ -]\d{4}|-\d{8})` +
	`|\+86[ -]?[1-9]\d{1,2}[ -]\d{7,8}` +
	`|(?:[(（]0\d{2,3}[)）][ -]?|0\d{2,3}[ -])(?:\d{7,8}|\d{3,4}[ -]\d{4})` +
	`|[48]00-(?:\d{3}-?\d{4}|\d{4}-\d{3})` +
	`|\d+[Xx]?`)

var (
	digitRuns = regexp.MustCompile(`\d+`)

	// citizen is an identity number where a digest would begin: place, day of
	// birth, four more. One digest in some twenty million looks like that.
	citizen = regexp.MustCompile(`^\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}[a-f]`)

	// digestLengths are those of our ids, and of MD5, SHA-1 and SHA-2, in hex.
	digestLengths = []int{24, 32, 40, 48, 56, 64, 96, 128}

	separators = strings.NewReplacer(" ", "", "-", "", "+", "", "(", "", ")", "", "（", "", "）", "")
	fullWidth  = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9", "Ｘ", "X", "－", "-")
)

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
	narrow := fullWidth.Replace(text)
	if masked := numbers.ReplaceAllStringFunc(narrow, number); masked != narrow {
		return masked
	}
	return text
}

func number(found string) string {
	digits := separators.Replace(found)
	switch {
	case strings.Contains(found, "/"):
		return found // a scope
	case strings.ContainsAny(digits, "abcdefABCDEF"):
		return digest(found)
	case mobile(digits), strings.HasPrefix(digits, "86") && mobile(digits[2:]), strings.HasPrefix(found, "+86"),
		digits[0] == '0' && (len(digits) == 11 || len(digits) == 12), digits != found && len(digits) <= 11:
		return "[phone]"
	case len(digits) == 18:
		return "[id number]"
	case len(digits) >= 12:
		return "[account]"
	}
	return found
}

// digest leaves identifiers and digests alone, but not a number that letters
// from a to f happen to follow.
func digest(found string) string {
	if strings.Contains(found, "-") || slices.Contains(digestLengths, len(found)) && !citizen.MatchString(found) {
		return found
	}
	return digitRuns.ReplaceAllStringFunc(found, number)
}

func mobile(digits string) bool {
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3'
}
