package activities_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"linli/activities"
	"linli/approval"
	"linli/approval/contract"
)

// cabinet is a press, a place for documents, the book of contracts and a sealing
// key in memory; lost makes the answer to the next write go missing.
type cabinet struct {
	documents map[string][]byte
	drawn     map[string]contract.Document
	seals     map[string]contract.Sealed
	made      int
	lost      bool
}

func newCabinet() *cabinet {
	return &cabinet{documents: map[string][]byte{}, drawn: map[string]contract.Document{}, seals: map[string]contract.Sealed{}}
}

func (s *cabinet) activities() *activities.Activities {
	return &activities.Activities{Press: s, Documents: s, Contracts: s, Seals: sealing{s}}
}

func (s *cabinet) Draw(_ context.Context, paper approval.Paper) ([]byte, error) {
	return json.Marshal(paper)
}

func (s *cabinet) KeepDocument(_ context.Context, sha256 string, content []byte) error {
	s.documents[sha256] = content
	return nil
}

func (s *cabinet) Document(_ context.Context, sha256 string) ([]byte, error) {
	if s.documents[sha256] == nil {
		return nil, errors.New("no such document")
	}
	return s.documents[sha256], nil
}

func (s *cabinet) KeepDrawn(_ context.Context, drawn contract.Drawn) error {
	for _, document := range drawn.Documents {
		if s.documents[document.SHA256] == nil {
			return errors.New("a row that points at nothing")
		}
		s.drawn[document.SHA256] = document
	}
	return s.answer()
}

func (s *cabinet) SealOf(_ context.Context, caseID, sha256, seat string) (*contract.Sealed, error) {
	if kept, ok := s.seals[caseID+sha256+seat]; ok {
		return &kept, nil
	}
	return nil, nil
}

func (s *cabinet) KeepSeal(_ context.Context, sealed contract.Sealed, _ contract.PublicKey) error {
	key := sealed.CaseID + sealed.SHA256 + sealed.Seat
	if _, ok := s.seals[key]; ok {
		return errors.New("kept twice")
	}
	s.seals[key] = sealed
	return s.answer()
}

func (s *cabinet) Signatory(_ context.Context, person, absent string) (string, string, error) {
	return "name of " + person, absent, nil
}

func (s *cabinet) answer() error {
	if s.lost {
		s.lost = false
		return errors.New("the answer was lost")
	}
	return nil
}

// sealing never gives the same value twice.
type sealing struct{ *cabinet }

func (s sealing) Seal(statement []byte) (contract.Seal, error) {
	s.made++
	return contract.Seal{Statement: string(statement), Algorithm: "test", Key: "k", Value: fmt.Sprint(s.made)}, nil
}

func (s sealing) Public() contract.PublicKey { return contract.PublicKey{ID: "k", Algorithm: "test"} }

func draw() contract.DrawOrder {
	return contract.DrawOrder{CaseID: "on_1", At: time.Date(2026, 3, 2, 9, 0, 0, 0, approval.Shanghai), Terms: contract.Terms{
		Operator:  contract.Operator{Name: "示例运营公司", CreditCode: "91370303MA3C000018", Representative: "李某"},
		Community: "示例一社区居民委员会", Subdistrict: "车站街道办事处", Fund: "示例一社区发展基金", Charity: "淄博市慈善总会",
		Space: contract.Space{Name: "东厅", Area: 12000}, FirstDay: "2026-04-01", LastDay: "2028-03-31",
		Services: []contract.Service{{Name: "老年助餐", Price: 1200}}, Share: "年度利润的30%", Reporting: "按季度",
	}}
}

func seal(document contract.Document, act string) contract.SealOrder {
	return contract.SealOrder{
		CaseID: "on_1", Document: document, Parties: []contract.Party{{Seat: contract.SeatOperator, Name: "示例运营公司"}},
		Signature: contract.Signature{Seat: contract.SeatOperator, Person: "p_li", ActID: act, Capacity: "法定代表人", Reauthenticated: approval.ByPassword},
	}
}

func TestDrawingAgainDrawsTheSame(t *testing.T) {
	s := newCabinet()
	s.lost = true
	if _, err := s.activities().DrawContract(t.Context(), draw()); err == nil {
		t.Fatal("the lost answer was not noticed")
	}
	documents, err := s.activities().DrawContract(t.Context(), draw())
	if err != nil || len(documents) != 2 || len(s.drawn) != 2 || len(s.documents) != 2 {
		t.Fatalf("%d documents, %d rows, %d files, %v", len(documents), len(s.drawn), len(s.documents), err)
	}
	for _, document := range documents {
		sum := sha256.Sum256(s.documents[document.SHA256])
		if hex.EncodeToString(sum[:]) != document.SHA256 || document.Size != int64(len(s.documents[document.SHA256])) {
			t.Errorf("%+v", document)
		}
	}
	bad := draw()
	bad.Terms.Share = ""
	if _, err := s.activities().DrawContract(t.Context(), bad); approval.CodeOf(err) != approval.Invalid {
		t.Errorf("terms nobody can state: %v", err)
	}
}

func TestASealIsMadeOnceHoweverOftenItIsAskedFor(t *testing.T) {
	s := newCabinet()
	documents, _ := s.activities().DrawContract(t.Context(), draw())
	order := seal(documents[0], "p_li/key-0001")
	s.lost = true
	if err := s.activities().SealSignature(t.Context(), order); err == nil {
		t.Fatal("the lost answer was not noticed")
	}
	for range 3 {
		if err := s.activities().SealSignature(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	kept := s.seals["on_1"+documents[0].SHA256+"operator"]
	if len(s.seals) != 1 || kept.Seal.Value != "1" || !strings.Contains(kept.Seal.Statement, "name of p_li") || !strings.Contains(kept.Seal.Statement, documents[0].SHA256) {
		t.Errorf("%d seals, %+v", len(s.seals), kept)
	}
	if err := s.activities().SealSignature(t.Context(), seal(documents[0], "p_li/key-0002")); approval.CodeOf(err) != approval.AlreadyActed {
		t.Errorf("another act under the same seat: %v", err)
	}
}

func TestAlteredBytesAreNeverSealed(t *testing.T) {
	s := newCabinet()
	documents, _ := s.activities().DrawContract(t.Context(), draw())
	flipped := bytes.Clone(s.documents[documents[0].SHA256])
	flipped[len(flipped)/2] ^= 1
	s.documents[documents[0].SHA256] = flipped
	if err := s.activities().SealSignature(t.Context(), seal(documents[0], "p_li/key-0001")); approval.CodeOf(err) != approval.StaleContent || len(s.seals) != 0 {
		t.Errorf("%v, %d seals", err, len(s.seals))
	}
	if err := s.activities().SealSignature(t.Context(), seal(documents[1], "p_li/key-0001")); err != nil {
		t.Errorf("the other document: %v", err)
	}
}
