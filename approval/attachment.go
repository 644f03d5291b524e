package approval

import (
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxAttachment is the size of the largest attachment in bytes.
const MaxAttachment = 20 << 20

// Attachment describes an uploaded document; the bytes lie elsewhere and are
// fixed by their SHA-256.
type Attachment struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256"` // lower-case hex
	Scope     Scope     `json:"scope"`
	CaseID    string    `json:"case_id,omitempty"`
	Uploader  string    `json:"uploader"`
	CreatedAt time.Time `json:"created_at"`
}

// AttachmentName makes a name safe to show, to store and to download: no
// folders, no control characters, nothing that reverses the reading direction
// (a trick to hide an extension), at most 120 characters with the extension
// kept. It refuses a name of which nothing is left.
func AttachmentName(name string) (string, error) {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) ||
			strings.ContainsRune(`<>:"|?*/;`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	extension := path.Ext(name)
	stem := strings.TrimRight(strings.TrimSuffix(name, extension), " .")
	if stem == "" || extension == "" {
		return "", Errorf(Invalid, "文件名无效。", "The file name is not valid.").At("file")
	}
	room := 120 - utf8.RuneCountInString(extension)
	if runes := []rune(stem); len(runes) > room {
		if room < 1 {
			return "", Errorf(Invalid, "文件名无效。", "The file name is not valid.").At("file")
		}
		stem = string(runes[:room])
	}
	return stem + extension, nil
}

// Attached is a stored document a case refers to, fixed by its SHA-256.
type Attached struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"` // application, budget, quotes, contract, licence, acceptance, invoice, receipt, photo, other …
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // lower-case hex
	Size   int64  `json:"size"`   // bytes
}
