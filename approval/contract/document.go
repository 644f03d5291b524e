package contract

import "linli/approval"

// Kind tells the agreements of one case apart.
type Kind string

// The agreements. Both are signed together: a firm that promises part of its
// income to charity signs a donation agreement before it begins (Charity Law
// art. 37).
const (
	Operating Kind = "operating" // 合作运营协议
	Donation  Kind = "donation"  // 捐赠协议
)

// Kinds lists every agreement with its display name, in the order of signing.
var Kinds = []struct {
	Kind Kind
	Name approval.Text
}{
	{Operating, approval.Text{ZH: "合作运营协议", EN: "operating agreement"}},
	{Donation, approval.Text{ZH: "捐赠协议", EN: "donation agreement"}},
}

// Pin is the exact template a document was filled from.
type Pin struct {
	Kind    Kind   `json:"kind"`
	Version int    `json:"version"`
	Hash    string `json:"hash"` // SHA-256 of the template's text, lower-case hex
}

// Document is one agreement as it lies on the table: bytes that are kept
// elsewhere under their SHA-256.
type Document struct {
	Number   string        `json:"number"` // 合同编号
	Title    approval.Text `json:"title"`
	Template Pin           `json:"template"`
	SHA256   string        `json:"sha256"` // of the PDF, lower-case hex
	Size     int64         `json:"size"`   // bytes
}

// Key is where the bytes of a document lie among the attachments.
func Key(sha256 string) string { return "contracts/" + sha256 + ".pdf" }

// SetHash fixes a set of documents; it is the content hash an act of signing
// names.
func SetHash(documents []Document) string { return approval.ContentHash(documents) }
