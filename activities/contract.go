package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"linli/approval"
	"linli/approval/contract"
	"linli/internal/crashpoint"
)

// Press draws a paper as a PDF: the same paper, the same bytes.
type Press interface {
	Draw(ctx context.Context, paper approval.Paper) ([]byte, error)
}

// Documents keep bytes under their SHA-256; keeping the same again changes
// nothing.
type Documents interface {
	KeepDocument(ctx context.Context, sha256 string, content []byte) error
	Document(ctx context.Context, sha256 string) ([]byte, error)
}

// Contracts keep what was drawn and sealed. Both are idempotent, KeepDrawn by
// case and document, KeepSeal by case, document and seat, and refuse something
// else under the same key.
type Contracts interface {
	KeepDrawn(ctx context.Context, drawn contract.Drawn) error
	// SealOf is what was kept for a seat of a document, nil if nothing was.
	SealOf(ctx context.Context, caseID, sha256, seat string) (*contract.Sealed, error)
	KeepSeal(ctx context.Context, sealed contract.Sealed, key contract.PublicKey) error
	// Signatory names the signer and, where there is one, the substituted person.
	Signatory(ctx context.Context, person, absent string) (name, absentName string, err error)
}

// Seals are made with the deployment's key. An algorithm may give another
// value every time.
type Seals interface {
	Seal(statement []byte) (contract.Seal, error)
	Public() contract.PublicKey
}

// DrawContract fills, draws and keeps the documents of a case, bytes first: a
// row never points at nothing. Repeating it draws the same bytes.
func (a *Activities) DrawContract(ctx context.Context, order contract.DrawOrder) ([]contract.Document, error) {
	drafts, err := order.Drafts()
	if err != nil {
		return nil, err
	}
	documents := make([]contract.Document, len(drafts))
	for i, draft := range drafts {
		pdf, err := a.Press.Draw(ctx, draft.Paper)
		if err != nil {
			return nil, err
		}
		documents[i] = draft.Drawn(pdf)
		if err := a.Documents.KeepDocument(ctx, documents[i].SHA256, pdf); err != nil {
			return nil, fmt.Errorf("keeping %s: %w", documents[i].Number, err)
		}
	}
	crashpoint.Here("contract.drawn")
	return documents, a.Contracts.KeepDrawn(ctx, contract.Drawn{CaseID: order.CaseID, Documents: documents, At: order.At})
}

// SealSignature seals one party's signature under one document, once: what was
// kept the first time stands. Bytes that are no longer those that were signed
// are never sealed.
func (a *Activities) SealSignature(ctx context.Context, order contract.SealOrder) error {
	kept, err := a.Contracts.SealOf(ctx, order.CaseID, order.Document.SHA256, order.Signature.Seat)
	if err != nil {
		return err
	}
	if kept != nil {
		return kept.Same(order)
	}
	if err := a.unaltered(ctx, order.Document); err != nil {
		return err
	}
	name, absent, err := a.Contracts.Signatory(ctx, order.Signature.Person, order.Signature.For)
	if err != nil {
		return err
	}
	seal, err := a.Seals.Seal(approval.CanonicalJSON(order.Statement(name, absent)))
	if err != nil {
		return fmt.Errorf("sealing %s: %w", order.Document.Number, err)
	}
	crashpoint.Here("contract.sealed")
	return a.Contracts.KeepSeal(ctx, order.Sealed(seal), a.Seals.Public())
}

func (a *Activities) unaltered(ctx context.Context, document contract.Document) error {
	content, err := a.Documents.Document(ctx, document.SHA256)
	if err != nil {
		return fmt.Errorf("reading %s: %w", document.Number, err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != document.SHA256 {
		return contract.Altered(document)
	}
	return nil
}
