package signature_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/contract"
	"linli/internal/signature"
)

var pdf = []byte("%PDF-1.7 合作运营协议 " + strings.Repeat("第一条 ", 50))

func sealer(t testing.TB, algorithm string) *signature.Sealer {
	t.Helper()
	text, err := signature.Generate(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := signature.NewSealer(text)
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

func believed(t testing.TB, sealers ...*signature.Sealer) []signature.Key {
	t.Helper()
	var text string
	for _, s := range sealers {
		text += s.Public().Public
	}
	keys, err := signature.ParsePublic([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// signed is a document all three parties have signed.
func signed(t testing.TB, s *signature.Sealer, seats ...string) contract.File {
	t.Helper()
	document := contract.Draft{Document: contract.Document{
		Number: "on_1-operating", Title: contract.Kinds[0].Name, Template: contract.Templates()[0].Pin(),
	}}.Drawn(pdf)
	parties := []contract.Party{
		{Seat: contract.SeatOperator, Name: "示例运营公司"}, {Seat: contract.SeatCommunity, Name: "示例一社区居民委员会"}, {Seat: contract.SeatSubdistrict, Name: "车站街道办事处"},
	}
	if len(seats) == 0 {
		seats = []string{contract.SeatOperator, contract.SeatCommunity, contract.SeatSubdistrict}
	}
	setHash := contract.SetHash([]contract.Document{document})
	var seals []contract.Sealed
	for i, seat := range seats {
		order := contract.SealOrder{CaseID: "on_1", Document: document, Parties: parties, Signature: contract.Signature{
			Seat: seat, Person: "p_" + seat, Capacity: "经办人", ActID: seat + "/key-0001", Hash: setHash,
			At: time.Date(2026, 3, 2, 9, i, 0, 0, approval.Shanghai), Reauthenticated: approval.ByPassword,
		}}
		seal, err := s.Seal(approval.CanonicalJSON(order.Statement("姓名"+seat, "")))
		if err != nil {
			t.Fatal(err)
		}
		seals = append(seals, order.Sealed(seal))
	}
	file, err := contract.NewFile("on_1", document, setHash, seals, []contract.PublicKey{s.Public()})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func faults(r signature.Report) string {
	var all []string
	for _, fault := range r.Faults {
		all = append(all, fault.EN)
	}
	return strings.Join(all, "\n")
}

func TestASignedDocumentVerifiesWithThePublicKeyAlone(t *testing.T) {
	for _, algorithm := range signature.Algorithms {
		s := sealer(t, algorithm)
		file := signed(t, s)
		if s.Public().Algorithm != algorithm || !file.Complete {
			t.Errorf("%s: %+v", algorithm, file)
		}
		report := signature.Verify(pdf, file.Render(), believed(t, sealer(t, signature.Ed25519), sealer(t, signature.SM2), s))
		if !report.Sound() || !report.Trusted || len(report.Valid) != 3 || report.Valid[2].Name != "姓名subdistrict" {
			t.Errorf("%s: %s", algorithm, faults(report))
		}
		if alone := signature.Verify(pdf, file.Render(), nil); !alone.Sound() || alone.Trusted {
			t.Errorf("%s with the file's own key: %s", algorithm, faults(alone))
		}
	}
}

// TestEveryFlippedByteIsNoticed: no byte of the document or of the file can
// change and still pass.
func TestEveryFlippedByteIsNoticed(t *testing.T) {
	for _, algorithm := range signature.Algorithms {
		s := sealer(t, algorithm)
		file, keys := signed(t, s).Render(), believed(t, s)
		for i := range pdf {
			flipped := bytes.Clone(pdf)
			flipped[i] ^= 1 << (i % 8)
			if report := signature.Verify(flipped, file, keys); report.Sound() || !strings.Contains(faults(report), "The document was altered") {
				t.Fatalf("%s: byte %d of the document: %s", algorithm, i, faults(report))
			}
		}
		for i := range file {
			flipped := bytes.Clone(file)
			flipped[i] ^= 1 << (i % 8)
			if signature.Verify(pdf, flipped, keys).Sound() {
				t.Fatalf("%s: byte %d of the file, %q", algorithm, i, file[max(0, i-20):i+1])
			}
		}
	}
}

func TestWhatWasAlteredIsNamed(t *testing.T) {
	s := sealer(t, signature.Ed25519)
	stranger := signed(t, sealer(t, signature.Ed25519))
	for name, c := range map[string]struct {
		change func(f *contract.File)
		named  string
	}{
		"title":             {func(f *contract.File) { f.Document.Title.ZH = "捐赠协议" }, `signatures/0 (operator): the field "document/title"`},
		"number":            {func(f *contract.File) { f.Document.Number = "on_2-operating" }, `the field "document/number"`},
		"template":          {func(f *contract.File) { f.Document.Template.Version++ }, `the field "document/template"`},
		"hash":              {func(f *contract.File) { f.Document.SHA256 = strings.Repeat("0", 64) }, `the field "document/sha256"`},
		"size":              {func(f *contract.File) { f.Document.Size++ }, `the field "document/size"`},
		"case":              {func(f *contract.File) { f.CaseID = "on_2" }, `the field "case_id"`},
		"set":               {func(f *contract.File) { f.SetHash = "0" }, `the field "set_hash"`},
		"seat":              {func(f *contract.File) { f.Signatures[1].Seat = "charity" }, `signatures/1 (charity): the field "seat"`},
		"party":             {func(f *contract.File) { f.Signatures[1].Party = "别的社区" }, `signatures/1 (community): the field "party"`},
		"name":              {func(f *contract.File) { f.Signatures[2].Name = "别人" }, `signatures/2 (subdistrict): the field "name"`},
		"substituted":       {func(f *contract.File) { f.Signatures[2].For = "别人" }, `the field "for"`},
		"capacity":          {func(f *contract.File) { f.Signatures[0].Capacity = "法定代表人" }, `signatures/0 (operator): the field "capacity"`},
		"time":              {func(f *contract.File) { f.Signatures[0].SignedAt = f.Signatures[0].SignedAt.Add(time.Second) }, `the field "signed_at"`},
		"statement":         {func(f *contract.File) { replace(f, "经办人", "见证人") }, "signatures/0 (operator) does not hold"},
		"statement's field": {func(f *contract.File) { replace(f, "经办人", "见证人") }, `the field "capacity"`},
		"value":             {func(f *contract.File) { f.Signatures[0].Seal.Value = f.Signatures[1].Seal.Value }, "signatures/0 (operator) does not hold"},
		"algorithm":         {func(f *contract.File) { f.Signatures[0].Seal.Algorithm = signature.SM2 }, "signatures/0 (operator) does not hold"},
		"key id":            {func(f *contract.File) { f.Signatures[0].Seal.Key = "0" }, "The key 0 of signatures/0"},
		"format":            {func(f *contract.File) { f.Format = "linli-contract-signatures/2" }, "form of the signature file"},
		"one taken out":     {func(f *contract.File) { f.Signatures = f.Signatures[:2] }, `The signature of "subdistrict" is missing`},
		"one there twice":   {func(f *contract.File) { f.Signatures = append(f.Signatures, f.Signatures[0]) }, `"operator" is there 2 times`},
		"all taken out":     {func(f *contract.File) { f.Signatures = nil }, "No signature holds"},
		"complete":          {func(f *contract.File) { f.Complete = false }, `The field "complete"`},
		"a stranger's seal": {func(f *contract.File) { f.Signatures[0].Seal = stranger.Signatures[0].Seal }, "none of those believed"},
	} {
		file := signed(t, s)
		c.change(&file)
		if report := signature.Verify(pdf, file.Render(), believed(t, s)); !strings.Contains(faults(report), c.named) {
			t.Errorf("%s: %q is not named in:\n%s", name, c.named, faults(report))
		}
	}
	for name, raw := range map[string][]byte{
		"no JSON": []byte("{"), "a field more": bytes.Replace(signed(t, s).Render(), []byte(`"case_id"`), []byte(`"note": 1, "case_id"`), 1),
		"something behind": append(signed(t, s).Render(), []byte("{}")...), "another spelling": bytes.Replace(signed(t, s).Render(), []byte("  "), []byte("   "), 1),
		"a field twice": bytes.Replace(signed(t, s).Render(), []byte(`"case_id"`), []byte(`"case_id": "on_2", "case_id"`), 1),
	} {
		if signature.Verify(pdf, raw, believed(t, s)).Sound() {
			t.Errorf("%s passed", name)
		}
	}
}

func replace(f *contract.File, old, new string) {
	f.Signatures[0].Seal.Statement = strings.ReplaceAll(f.Signatures[0].Seal.Statement, old, new)
}

func TestAFileThatBringsAnAlteredKeyIsNoticed(t *testing.T) {
	file, other := signed(t, sealer(t, signature.Ed25519)), sealer(t, signature.Ed25519)
	file.Keys[0].Public = other.Public().Public
	if report := signature.Verify(pdf, file.Render(), nil); !strings.Contains(faults(report), "keys/0 was altered") || len(report.Valid) != 0 {
		t.Errorf("%s", faults(report))
	}
}

func TestASignatureThatIsStillMissingIsNamed(t *testing.T) {
	s := sealer(t, signature.SM2)
	file := signed(t, s, contract.SeatOperator)
	report := signature.Verify(pdf, file.Render(), believed(t, s))
	if file.Complete || len(report.Valid) != 1 || !strings.Contains(faults(report), `"community" is missing`) || len(report.Faults) != 2 {
		t.Errorf("%s", faults(report))
	}
}

// TestSM2IsRandomised: the reason why the first value kept must stand.
func TestSM2IsRandomised(t *testing.T) {
	for algorithm, same := range map[string]bool{signature.Ed25519: true, signature.SM2: false} {
		s := sealer(t, algorithm)
		one, _ := s.Seal([]byte("x"))
		other, _ := s.Seal([]byte("x"))
		if (one == other) != same {
			t.Errorf("%s gives the same value twice: %v", algorithm, one == other)
		}
	}
}

func TestForeignKeysAreRefused(t *testing.T) {
	nist, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, _ := x509.MarshalPKCS8PrivateKey(nist)
	public, _ := x509.MarshalPKIXPublicKey(nist.Public())
	good, _ := signature.Generate(signature.Ed25519)
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	for name, text := range map[string][]byte{
		"nothing": nil, "no PEM": []byte("key"), "P-256": block("PRIVATE KEY", private), "broken": block("PRIVATE KEY", private[:20]),
		"public": block("PUBLIC KEY", public), "two": slices.Concat(good, good),
	} {
		if _, err := signature.NewSealer(text); err == nil {
			t.Errorf("%s sealed", name)
		}
	}
	for name, text := range map[string][]byte{
		"nothing": nil, "no PEM": []byte("key"), "P-256": block("PUBLIC KEY", public), "private": good, "text behind": append([]byte(sealer(t, signature.SM2).Public().Public), 'x'),
	} {
		if _, err := signature.ParsePublic(text); err == nil {
			t.Errorf("%s was believed", name)
		}
	}
	if _, err := signature.Generate("RSA"); err == nil {
		t.Error("made an RSA key")
	}
}
