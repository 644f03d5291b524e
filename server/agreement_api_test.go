package server_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob"

	"linli/activities"
	"linli/approval"
	agreement "linli/approval/contract"
	"linli/internal/signature"
	"linli/poster"
	"linli/store"
	"linli/store/storetest"
)

// sealerOf makes a sealing key of an algorithm.
func sealerOf(t *testing.T, algorithm string) *signature.Sealer {
	t.Helper()
	text, err := signature.Generate(algorithm)
	fatal(t, err)
	sealer, err := signature.NewSealer(text)
	fatal(t, err)
	return sealer
}

// lay draws two documents for a case, as the worker does; each call makes
// others.
func (c *caseWorld) lay(caseID string) []agreement.Document {
	c.t.Helper()
	var drawn []agreement.Document
	for _, template := range agreement.Templates() {
		c.keys++
		content := fmt.Appendf(nil, "%%PDF-1.7 %s %s %d", caseID, template.Kind, c.keys)
		document := agreement.Draft{Document: agreement.Document{
			Number: caseID + "-" + string(template.Kind), Title: template.Title, Template: template.Pin(),
		}}.Drawn(content)
		fatal(c.t, c.bucket.WriteAll(c.t.Context(), agreement.Key(document.SHA256), content, &blob.WriterOptions{ContentType: "application/pdf"}))
		drawn = append(drawn, document)
	}
	fatal(c.t, c.engine.worker.KeepDrawn(c.t.Context(), agreement.Drawn{CaseID: caseID, Documents: drawn, At: c.now()}))
	return drawn
}

var seats = []agreement.Party{
	{Seat: agreement.SeatOperator, Name: "示例运营公司"}, {Seat: agreement.SeatCommunity, Name: "示例一社区"}, {Seat: agreement.SeatSubdistrict, Name: "车站街道"},
}

// sealWith seals a party's signature under a document.
func (c *caseWorld) sealWith(sealer *signature.Sealer, caseID string, document agreement.Document, seat string) {
	c.t.Helper()
	order := agreement.SealOrder{CaseID: caseID, Document: document, Parties: seats, Signature: agreement.Signature{
		Seat: seat, Person: "p_" + seat, Capacity: "经办人", ActID: seat + "/" + c.key(), Hash: "set", At: c.now(), Reauthenticated: approval.ByPassword,
	}}
	file, err := c.store.SignatureFile(store.WithPerson(c.t.Context(), storetest.Root), caseID, document.SHA256)
	fatal(c.t, err)
	order.Signature.Hash = file.SetHash
	seal, err := sealer.Seal(approval.CanonicalJSON(order.Statement("姓名"+seat, "")))
	fatal(c.t, err)
	fatal(c.t, c.engine.worker.KeepSeal(c.t.Context(), order.Sealed(seal), sealer.Public()))
}

func (c *caseWorld) seal(caseID string, document agreement.Document, seat string) {
	c.t.Helper()
	c.sealWith(sealerOf(c.t, signature.Ed25519), caseID, document, seat)
}

func TestAnAgreementIsReadVerifiedAndScanned(t *testing.T) {
	for _, algorithm := range signature.Algorithms {
		t.Run(algorithm, func(t *testing.T) {
			c := newCaseWorld(t)
			caseID, sealer := c.opened(), sealerOf(t, algorithm)
			replaced := c.lay(caseID)
			c.pass(time.Second)
			document := c.lay(caseID)[0]
			for _, party := range seats {
				c.sealWith(sealer, caseID, document, party.Seat)
			}
			path := "/v1/cases/" + caseID + "/contracts/" + document.SHA256
			var page struct{ Items []agreement.View }
			decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/contracts"), &page)
			if len(page.Items) != 4 || page.Items[0].SHA256 != document.SHA256 || !page.Items[0].Current || !page.Items[0].Complete || page.Items[2].Current ||
				page.Items[2].SHA256 != replaced[0].SHA256 || page.Items[0].Signatures[0].Capacity != "经办人" {
				t.Fatalf("%+v", page.Items)
			}
			pdf, file := c.read(c.handler, path+"/document.pdf"), c.read(c.handler, path+"/signatures.json")
			pdf.want(t, 200, "")
			file.want(t, 200, "")
			var public struct{ Items []agreement.PublicKey }
			decode(t, c.ask(asked{method: "GET", path: "/v1/public/signature-keys"}), &public)
			keys, err := signature.ParsePublic([]byte(public.Items[0].Public))
			fatal(t, err)
			if report := signature.Verify(pdf.raw, file.raw, keys); !report.Sound() || len(report.Valid) != 3 {
				t.Errorf("what is served does not verify: %+v", report.Faults)
			}
			scan := c.paper(storetest.Community1, "scan")["id"]
			c.write(c.secretary, "POST", path+"/scans", map[string]any{"attachment": scan}).want(t, 200, "")
			c.write(c.secretary, "POST", path+"/scans", map[string]any{"attachment": scan}).want(t, 409, approval.Conflict)
			c.write(c.secretary, "POST", path+"/scans", map[string]any{"attachment": "att_none"}).want(t, 404, approval.NotFound)
			c.write(c.secretary, "POST", strings.Replace(path, document.SHA256, strings.Repeat("0", 64), 1)+"/scans", map[string]any{"attachment": scan}).want(t, 404, approval.NotFound)
			decode(t, c.read(c.handler, "/v1/cases/"+caseID+"/contracts"), &page)
			if len(page.Items[0].Scans) != 1 || page.Items[0].Scans[0].Attachment != scan || page.Items[0].Scans[0].AddedBy != "p_secretary" {
				t.Errorf("%+v", page.Items[0].Scans)
			}
		})
	}
}

// TestBytesThatWereAlteredAreNeverShown: nobody reads one text and signs
// another.
func TestBytesThatWereAlteredAreNeverShown(t *testing.T) {
	c := newCaseWorld(t)
	caseID := c.opened()
	document := c.lay(caseID)[0]
	path := "/v1/cases/" + caseID + "/contracts/" + document.SHA256 + "/document.pdf"
	content, err := c.bucket.ReadAll(t.Context(), agreement.Key(document.SHA256))
	fatal(t, err)
	flipped := bytes.Clone(content)
	flipped[7] ^= 1
	fatal(t, c.bucket.WriteAll(t.Context(), agreement.Key(document.SHA256), flipped, nil))
	answer := c.read(c.handler, path)
	answer.want(t, 409, approval.StaleContent)
	if !strings.Contains(answer.Detail, document.Number) {
		t.Errorf("it is not said which: %s", answer.raw)
	}
	fatal(t, c.bucket.WriteAll(t.Context(), agreement.Key(document.SHA256), content, nil))
	c.read(c.handler, path).want(t, 200, "")
}

// room is where the activities of a case find what they need: the press, the
// attachments, the worker's store, a sealing key.
type room struct {
	*caseWorld
}

func (r room) Draw(_ context.Context, paper approval.Paper) ([]byte, error) {
	var out bytes.Buffer
	err := poster.Paper(&out, paper, font(r.t))
	return out.Bytes(), err
}

func (r room) KeepDocument(ctx context.Context, sha256 string, content []byte) error {
	return r.bucket.WriteAll(ctx, agreement.Key(sha256), content, nil)
}

func (r room) Document(ctx context.Context, sha256 string) ([]byte, error) {
	return r.bucket.ReadAll(ctx, agreement.Key(sha256))
}

// TestFromTermsToAVerifiedAgreement: drawn, signed through the API with a fresh
// proof, sealed, read by somebody with no more than the task, verified outside.
func TestFromTermsToAVerifiedAgreement(t *testing.T) {
	s := newSigningWorld(t)
	worker := s.engine.worker
	sealer := sealerOf(t, signature.SM2)
	effects := &activities.Activities{Press: room{s.caseWorld}, Documents: room{s.caseWorld}, Contracts: worker, Seals: sealer}
	order := agreement.DrawOrder{CaseID: s.caseID, At: s.now(), Terms: agreement.Terms{
		Operator:  agreement.Operator{Name: "示例运营公司", CreditCode: "91370303MA3C000018", Representative: "李某"},
		Community: "示例一社区居民委员会", Subdistrict: "车站街道办事处", Fund: "示例一社区发展基金", Charity: "淄博市慈善总会",
		Space: agreement.Space{Name: "东厅", Area: 12000}, FirstDay: "2026-04-01", LastDay: "2028-03-31",
		Services: []agreement.Service{{Name: "老年助餐", Price: 1200, Unit: "份", Discount60: 10}}, Share: "年度利润的30%", Reporting: "按季度",
	}}
	documents, err := effects.DrawContract(t.Context(), order)
	fatal(t, err)
	var signing agreement.State
	signing.Lay(documents, []agreement.Party{
		{Seat: "wang", Name: "示例运营公司", People: []agreement.Signatory{{Person: "p_wang", Capacity: "法定代表人"}}},
		{Seat: "liu", Name: "示例一社区居民委员会", People: []agreement.Signatory{{Person: "p_liu", Capacity: "社区党委书记"}}},
	})
	s.table(signing.Hash, "wang", "liu")
	for _, name := range []string{"wang", "liu"} {
		s.sign(name, s.key(), password(goodPassword), nil).want(t, 200, "")
		acts := s.engine.cases[s.caseID].state.Acts
		for _, order := range signing.Orders(s.caseID, signing.Sign(acts[len(acts)-1])) {
			for range 2 {
				fatal(t, effects.SealSignature(t.Context(), order))
			}
		}
		s.pass(time.Second)
	}
	if !signing.Complete() {
		t.Fatalf("missing %+v", signing.Missing())
	}
	keys, err := signature.ParsePublic([]byte(sealer.Public().Public))
	fatal(t, err)
	for _, document := range documents {
		path := "/v1/cases/" + s.caseID + "/contracts/" + document.SHA256
		pdf, file := s.read(s.who["wang"], path+"/document.pdf"), s.read(s.who["wang"], path+"/signatures.json")
		pdf.want(t, 200, "")
		report := signature.Verify(pdf.raw, file.raw, keys)
		if !report.Sound() || len(report.Valid) != 2 || report.Valid[0].Capacity != "法定代表人" || report.Valid[0].Name != "wang" || report.Valid[0].Reauthenticated != approval.ByPassword {
			t.Errorf("%s: %+v %+v", document.Number, report.Faults, report.Valid)
		}
		pdf.raw[len(pdf.raw)/2] ^= 1
		if signature.Verify(pdf.raw, file.raw, keys).Sound() {
			t.Error("a flipped byte passed")
		}
	}
}
