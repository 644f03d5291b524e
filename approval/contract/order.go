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
