package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/contract"
	"linli/internal/signature"
)

// signedFiles writes a signed document with its signature file and key.
func signedFiles(t *testing.T, algorithm string) (pdf, file, key string) {
	t.Helper()
	private, err := signature.Generate(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := signature.NewSealer(private)
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("%PDF-1.7 agreement")
	document := contract.Draft{Document: contract.Document{Number: "on_1-operating", Title: contract.Kinds[0].Name}}.Drawn(content)
	order := contract.SealOrder{CaseID: "on_1", Document: document, Parties: []contract.Party{{Seat: contract.SeatOperator, Name: "示例运营公司"}},
		Signature: contract.Signature{Seat: contract.SeatOperator, Person: "p_li", Capacity: "法定代表人", At: time.Date(2026, 3, 2, 9, 0, 0, 0, approval.Shanghai)}}
	seal, err := sealer.Seal(approval.CanonicalJSON(order.Statement("李某", "")))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := contract.NewFile("on_1", document, "", []contract.Sealed{order.Sealed(seal)}, []contract.PublicKey{sealer.Public()})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, raw := range map[string][]byte{"a.pdf": content, "a.sig.json": signed.Render(), "key.pem": []byte(sealer.Public().Public)} {
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "a.pdf"), filepath.Join(folder, "a.sig.json"), filepath.Join(folder, "key.pem")
}

func TestContractVerify(t *testing.T) {
	for _, algorithm := range signature.Algorithms {
		pdf, file, key := signedFiles(t, algorithm)
		_, _, other := signedFiles(t, algorithm)
		for name, c := range map[string]struct {
			command contractVerify
			passes  bool
			says    string
		}{
			"with the key":           {contractVerify{pdf, file, []string{key}}, true, "有效 valid: 示例运营公司  李某  法定代表人  2026-03-02 09:00:00"},
			"with several":           {contractVerify{pdf, file, []string{other, key}}, true, "有效"},
			"with the file's own":    {contractVerify{pdf, file, nil}, true, "the file's own key was used"},
			"with another key":       {contractVerify{pdf, file, []string{other}}, false, "is none of those believed"},
			"another document":       {contractVerify{key, file, []string{key}}, false, "The document was altered"},
			"something else as file": {contractVerify{pdf, pdf, []string{key}}, false, "cannot be read"},
			"something else as key":  {contractVerify{pdf, file, []string{pdf}}, false, ""},
			"no such file":           {contractVerify{pdf + "x", file, nil}, false, ""},
		} {
			var out bytes.Buffer
			if err := c.command.verify(&out); (err == nil) != c.passes || !strings.Contains(out.String(), c.says) {
				t.Errorf("%s, %s: %v\n%s", algorithm, name, err, out.String())
			}
		}
	}
}
