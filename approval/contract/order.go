package contract

import (
	"time"

	"linli/approval"
)

// DrawOrder asks for the documents of a case: filled, drawn, kept under their
// SHA-256. At is when the case came to be signed and stands on the documents.
type DrawOrder struct {
	CaseID  string    `json:"case_id"`
	Terms   Terms     `json:"terms"`
	Parties []Party   `json:"parties"`
	At      time.Time `json:"at"`
}

// Drawn are the documents of one drawing, one set.
type Drawn struct {
	CaseID    string     `json:"case_id"`
	Documents []Document `json:"documents"`
	At        time.Time  `json:"at"`
}

// SealOrder asks for the deployment's seal on one party's signature under one
// document. It is idempotent by case, document and seat: whoever repeats it
// gets the seal of the first time, although an algorithm may never give the
// same value twice.
type SealOrder struct {
	CaseID    string    `json:"case_id"`
	Document  Document  `json:"document"`
	Parties   []Party   `json:"parties"`
	Signature Signature `json:"signature"`
}

// Seal is what fixes one party's signature under one document: the statement
// word for word, and the deployment's signature over its bytes.
type Seal struct {
	Statement string `json:"statement"` // canonical JSON of a Statement
	Algorithm string `json:"algorithm"` // Ed25519 or SM2
	Key       string `json:"key"`       // id of the public key
	Value     string `json:"value"`     // base64
}

// Sealed is a seal as it is kept: once per case, document and seat.
type Sealed struct {
	CaseID string    `json:"case_id"`
	SHA256 string    `json:"sha256"` // of the document
	Seat   string    `json:"seat"`
	ActID  string    `json:"act_id"`
	Seal   Seal      `json:"seal"`
	At     time.Time `json:"at"` // of the signature
}

// PublicKey is what seals are verified with.
type PublicKey struct {
	ID        string `json:"id"`
	Algorithm string `json:"algorithm"`
	Public    string `json:"public"` // PEM
}

// Statement is what a seal vouches for. It carries the person's name because
// the document leaves the system.
type Statement struct {
	Format          string                    `json:"format"` // StatementFormat
	CaseID          string                    `json:"case_id"`
	Document        Document                  `json:"document"`
	Parties         []string                  `json:"parties"` // seats of all who have to sign
	Seat            string                    `json:"seat"`
	Party           string                    `json:"party"`
	Person          string                    `json:"person"`
	Name            string                    `json:"name"`
	For             string                    `json:"for,omitempty"` // name of the absent person
	Capacity        string                    `json:"capacity"`
	SignedAt        time.Time                 `json:"signed_at"`
	ActID           string                    `json:"act_id"`
	SetHash         string                    `json:"set_hash"`
	Reauthenticated approval.Reauthentication `json:"reauthenticated"`
}

// StatementFormat names the form of a statement; another form gets another name.
const StatementFormat = "linli-contract-statement/1"

// Statement is what the order asks to be sealed. Names come from the register
// of people at that moment: name is the signer's, absent the substituted
// person's.
func (o SealOrder) Statement(name, absent string) Statement {
	s := Statement{
		Format: StatementFormat, CaseID: o.CaseID, Document: o.Document, Seat: o.Signature.Seat, Person: o.Signature.Person, Name: name,
		For: absent, Capacity: o.Signature.Capacity, SignedAt: o.Signature.At.UTC(), ActID: o.Signature.ActID, SetHash: o.Signature.Hash,
		Reauthenticated: o.Signature.Reauthenticated,
	}
	for _, party := range o.Parties {
		s.Parties = append(s.Parties, party.Seat)
		if party.Seat == s.Seat {
			s.Party = party.Name
		}
	}
	return s
}

// Sealed is the seal as it is kept for the order.
func (o SealOrder) Sealed(seal Seal) Sealed {
	return Sealed{CaseID: o.CaseID, SHA256: o.Document.SHA256, Seat: o.Signature.Seat, ActID: o.Signature.ActID, Seal: seal, At: o.Signature.At}
}

// Same refuses to let the kept seal stand for another act.
func (s Sealed) Same(order SealOrder) error {
	if s.ActID != order.Signature.ActID {
		return SealedAlready()
	}
	return nil
}

// SealedAlready refuses a second seal for the same party under a document.
func SealedAlready() *approval.Error {
	return approval.Errorf(approval.AlreadyActed, "此方已签署该文件。", "This party has signed that document already.")
}

// Altered says that the bytes kept for a document are not those it was fixed by.
func Altered(document Document) *approval.Error {
	return approval.Errorf(approval.StaleContent, "文件“%[1]s”的内容与其SHA-256不符，已被改动。", "The bytes of %[1]s do not match its SHA-256: they were altered.", document.Number)
}
