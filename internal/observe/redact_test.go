package observe

import (
	"strings"
	"testing"
)

// Every secret stands in the text twice as likely as it would in a log: bare,
// and inside a sentence, JSON or an address.
func TestMaskLeavesNoSecret(t *testing.T) {
	for secret, texts := range map[string][]string{
		"370303199001011234": {"370303199001011234", "the person 370303199001011234 is known", `{"id":"370303199001011234"}`, "身份证370303199001011234号", "x370303199001011234y"},
		"37030319900101123X": {"37030319900101123X", "id=37030319900101123X."},
		"13853312345":        {"13853312345", "tel:13853312345", "+8613853312345", "8613853312345", "电话13853312345。"},
		"138 5331 2345":      {"138 5331 2345", "call 138 5331 2345 now"},
		"138-5331-2345":      {"138-5331-2345", "+86 138-5331-2345"},
		"138-53312345":       {"138-53312345", "tel 138-53312345."},
		"533-2188888":        {"+86-533-2188888", "+86 533-2188888"},
		"533":                {"0533-2345678", "电话0533-2345678", "05332188888", "电话05332188888。", "0533 2188888", "(0533)2188888", "（0533）2188888", "(0533) 2188888", "0533-218-8888"},
		"18888":              {"05332188888", "0533 2188888", "(0533)2188888", "（0533）2188888", "010-82188888", "x05332188888y"},
		"658":                {"400-658-1234", "400-6581234", "热线400-658-1234", "800-1658-234"},
		"３":                  {"１３８５３３１２３４５", "电话：１３８５３３１２３４５。", "０５３３－２１８８８８８", "３７０３０３１９９００１０１１２３Ｘ"},
		"19900101":           {"370303199001011234abcdef01", "370303199001011234abcdef", "cafe370303199001011234abcdef", "370303199001011234abcdef01abcdef01abcdef01abcdef01abcdef01abcdef", "３７０３０３１９９００１０１１２３Ｘ"},
		"03001234567":        {"6222021603001234567abcdef"},
		"6222021603001234567": {"6222021603001234567", "account 6222021603001234567: closed", `{"payee_account":"6222021603001234567"}`,
			`Key (account)=(6222021603001234567) already exists.`},
		"6222 0216 0300 1234 567": {"6222 0216 0300 1234 567", "to 6222 0216 0300 1234 567"},
		"160300123456":            {"account 160300123456"},
		"hunter2-Qilu":            {"password=hunter2-Qilu", `"password":"hunter2-Qilu"`, `{\"password\":\"hunter2-Qilu\"}`, "PASSWORD: hunter2-Qilu", "user=a password='hunter2-Qilu' host=b", "postgres://linli_api:hunter2-Qilu@db:5432/linli?sslmode=disable", "secret: hunter2-Qilu"},
		"p%40ss/w:rd":             {"dial postgres://owner:p%40ss/w:rd@10.0.0.1:5432/linli failed"},
		"eyJhbGciOiJFZERTQSJ9.eyJpZCI6IjEifQ.c2ln":    {"eyJhbGciOiJFZERTQSJ9.eyJpZCI6IjEifQ.c2ln", "envelope eyJhbGciOiJFZERTQSJ9.eyJpZCI6IjEifQ.c2ln refused"},
		"dGhpcy1pcy1hLXNlc3Npb24tdG9rZW4tb2YtMzJieXQ": {"dGhpcy1pcy1hLXNlc3Npb24tdG9rZW4tb2YtMzJieXQ", "Bearer dGhpcy1pcy1hLXNlc3Npb24tdG9rZW4tb2YtMzJieXQ", "__Host-linli=dGhpcy1pcy1hLXNlc3Npb24tdG9rZW4tb2YtMzJieXQ; Path=/"},
		"s3cr3t-api-key":       {"Authorization: Bearer s3cr3t-api-key", "api_key=s3cr3t-api-key", "X-Api-Key: s3cr3t-api-key"},
		"MC4CAQAwBQYDK2VwBCIE": {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE"},
		"wang.fang@example.cn": {"wang.fang@example.cn", "mail to <wang.fang@example.cn>"},
	} {
		for _, text := range texts {
			if got := Mask(text); strings.Contains(got, secret) {
				t.Errorf("%q shows %q: %q", text, secret, got)
			}
		}
	}
}

// What an operator searches for must survive, or the log is of no use.
func TestMaskKeepsWhatIdentifiesACase(t *testing.T) {
	for _, text := range []string{
		"p_01988c5e-3c1a-7e5f-8123-456789012345", "case c_01988c5e-3c1a-7e5f-8123-456789012345/committee/1/p_01988c5e-3c1a-7e5f-8123-456789012345",
		"r_0123456789abcdef01234567", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"370300/370303/370303001/370303001901", "handler@370300/370303/370303001/370303001901",
		"2026-10-30T12:00:00.123456789+08:00", "127.0.0.1:54321", "took 1234567890 ns", "12,345.00", "operation act answered 200",
		"123456789012345678cddeadbeef0000aabbccddeeff00112233445566778899", "r_123456789012345678abcdef", "amount 218888800", `{"amount_fen":5332188888,"fee":0}`,
		"[138 53312345]", "{1000 2500000 400 658 1234}", "+2500000", "-1000 12345678", "第１２条，共３项", "at 1772589600", "2026 150-2026", "0.05s of 0600 4096", "400-12-30", "2030-20261030 is no telephone",
		"POST /v1/tasks/{task}/acts", "reaching the database: connection refused", "worker 4711@linli-worker-7d9f",
	} {
		if got := Mask(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
