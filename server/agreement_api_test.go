package server_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"gocloud.dev/blob"

	"linli/approval"
	agreement "linli/approval/contract"
	"linli/internal/signature"
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
			c.pass(1e9)
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
