package contract

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// FileFormat names the form of a signature file; another form gets another name.
const FileFormat = "linli-contract-signatures/1"

// File is the signature file of one document: with the document and a public
// key it proves who signed. What a reader wants to know stands beside each seal
// in the clear; the statement inside the seal is what counts.
type File struct {
	Format     string      `json:"format"`
	CaseID     string      `json:"case_id"`
	Document   Document    `json:"document"`
	SetHash    string      `json:"set_hash"`
	Complete   bool        `json:"complete"` // every party has signed
	Signatures []Signed    `json:"signatures"`
	Keys       []PublicKey `json:"keys"`
}

// Signer is who signed for a party.
type Signer struct {
	Seat     string    `json:"seat"`
	Party    string    `json:"party"`
	Name     string    `json:"name"`
	For      string    `json:"for,omitempty"`
	Capacity string    `json:"capacity"`
	SignedAt time.Time `json:"signed_at"`
}

// Signed is one party's signature in a file.
type Signed struct {
	Signer
	Seal Seal `json:"seal"`
}

// NewFile makes the signature file of a document from the seals kept for it.
func NewFile(caseID string, document Document, setHash string, seals []Sealed, keys []PublicKey) (File, error) {
	file := File{Format: FileFormat, CaseID: caseID, Document: document, SetHash: setHash, Signatures: []Signed{}, Keys: keys}
	var wanted []string
	for _, kept := range seals {
		var s Statement
		if err := json.Unmarshal([]byte(kept.Seal.Statement), &s); err != nil {
			return File{}, err
		}
		wanted = s.Parties
		file.Signatures = append(file.Signatures, s.signed(kept.Seal))
	}
	file.Complete = len(wanted) > 0
	for _, seat := range wanted {
		file.Complete = file.Complete && slices.ContainsFunc(file.Signatures, func(s Signed) bool { return s.Seat == seat })
	}
	return file, nil
}

// Render writes the file in its one form, for people and programs.
func (f File) Render() []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f); err != nil {
		panic("contract: rendering a signature file: " + err.Error()) // plain data
	}
	return out.Bytes()
}

func (s Statement) signed(seal Seal) Signed {
	signer := Signer{Seat: s.Seat, Party: s.Party, Name: s.Name, For: s.For, Capacity: s.Capacity, SignedAt: s.SignedAt}
	return Signed{Signer: signer, Seal: seal}
}

// Difference names what a file says otherwise than a statement vouches for.
func (f File) Difference(signed Signed, s Statement) []string {
	var fields []string
	differ := func(field string, one, other any) {
		if one != other {
			fields = append(fields, field)
		}
	}
	differ("case_id", f.CaseID, s.CaseID)
	differ("set_hash", f.SetHash, s.SetHash)
	differ("document/number", f.Document.Number, s.Document.Number)
	differ("document/title", f.Document.Title, s.Document.Title)
	differ("document/template", f.Document.Template, s.Document.Template)
	differ("document/sha256", f.Document.SHA256, s.Document.SHA256)
	differ("document/size", f.Document.Size, s.Document.Size)
	differ("seat", signed.Seat, s.Seat)
	differ("party", signed.Party, s.Party)
	differ("name", signed.Name, s.Name)
	differ("for", signed.For, s.For)
	differ("capacity", signed.Capacity, s.Capacity)
	differ("signed_at", signed.SignedAt.UTC(), s.SignedAt.UTC())
	return fields
}
