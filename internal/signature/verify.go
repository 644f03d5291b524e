package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"linli/approval"
	"linli/approval/contract"
)

// Report is what verifying came to.
type Report struct {
	File    contract.File
	Valid   []contract.Statement // signatures that hold, in the order of the file
	Faults  []approval.Text      // what was altered or is missing; none = as it was signed, by everybody
	Trusted bool                 // by keys from outside, not by those the file brings along
}

// Sound reports whether nothing was altered and nothing is missing.
func (r Report) Sound() bool { return len(r.Faults) == 0 }

func (r *Report) complain(zh, en string, args ...any) {
	r.Faults = append(r.Faults, approval.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
}

// Verify holds a document and its signature file against public keys. Without
// any, the file's own are used: then only the agreement of the parts is shown,
// not whose key it is.
func Verify(pdf, file []byte, keys []Key) Report {
	report := Report{Trusted: len(keys) > 0}
	if err := strictly(file, &report.File); err != nil {
		report.complain("签名文件无法读取：%[1]v", "The signature file cannot be read: %[1]v", err)
		return report
	}
	f := report.File
	if f.Format != contract.FileFormat {
		report.complain("签名文件格式“%[1]s”未知。", "The form of the signature file, %[1]q, is unknown.", f.Format)
	}
	if !bytes.Equal(file, f.Render()) {
		report.complain("签名文件与其原有写法不完全一致，已被改写。", "The signature file is not byte for byte as it was written.")
	}
	sum := sha256.Sum256(pdf)
	if drawn := hex.EncodeToString(sum[:]); drawn != f.Document.SHA256 {
		report.complain("文件内容已被改动：SHA-256 为 %[1]s，签署的是 %[2]s。", "The document was altered: its SHA-256 is %[1]s, signed was %[2]s.", drawn, f.Document.SHA256)
	}
	if int64(len(pdf)) != f.Document.Size {
		report.complain("文件长度为 %[1]d 字节，签署的是 %[2]d 字节。", "The document has %[1]d bytes, signed were %[2]d.", len(pdf), f.Document.Size)
	}
	if own := report.ownKeys(); len(keys) == 0 {
		keys = own
	}
	for i, signed := range f.Signatures {
		report.check(i, signed, keys)
	}
	report.count()
	return report
}

func (r *Report) ownKeys() []Key {
	var keys []Key
	for i, brought := range r.File.Keys {
		parsed, err := ParsePublic([]byte(brought.Public))
		if err != nil || len(parsed) != 1 || parsed[0].PublicKey != brought {
			r.complain("公钥 keys/%[1]d 已被改动。", "The public key keys/%[1]d was altered.", i)
			continue
		}
		keys = append(keys, parsed[0])
	}
	return keys
}

func (r *Report) check(i int, signed contract.Signed, keys []Key) {
	at := slices.IndexFunc(keys, func(k Key) bool { return k.ID == signed.Seal.Key })
	var statement contract.Statement
	readable := strictly([]byte(signed.Seal.Statement), &statement) == nil
	switch {
	case at < 0:
		r.complain("签名 signatures/%[1]d（%[2]s）所用的密钥 %[3]s 不在所信公钥之列。", "The key %[3]s of signatures/%[1]d (%[2]s) is none of those believed.", i, signed.Seat, signed.Seal.Key)
		return
	case !keys[at].vouches(signed.Seal):
		r.complain("签名 signatures/%[1]d（%[2]s）不成立：签署声明或签名值已被改动。", "signatures/%[1]d (%[2]s) does not hold: its statement or value was altered.", i, signed.Seat)
	case !readable || statement.Format != contract.StatementFormat:
		r.complain("签名 signatures/%[1]d（%[2]s）的声明格式未知。", "The statement of signatures/%[1]d (%[2]s) has an unknown form.", i, signed.Seat)
		return
	default:
		r.Valid = append(r.Valid, statement)
	}
	if readable {
		for _, field := range r.File.Difference(signed, statement) {
			r.complain("签名 signatures/%[1]d（%[2]s）：字段“%[3]s”与签署声明不符。", "signatures/%[1]d (%[2]s): the field %[3]q is not as the statement has it.", i, signed.Seat, field)
		}
	}
}

// count names parties that are missing or there twice.
func (r *Report) count() {
	if len(r.Valid) == 0 {
		r.complain("没有一个签名成立。", "No signature holds.")
		return
	}
	for _, seat := range r.Valid[0].Parties {
		held := 0
		for _, statement := range r.Valid {
			if statement.Seat == seat {
				held++
			}
		}
		if held > 1 {
			r.complain("“%[1]s”的签名出现 %[2]d 次。", "The signature of %[1]q is there %[2]d times.", seat, held)
		}
		if held == 0 {
			r.complain("缺少“%[1]s”的签名。", "The signature of %[1]q is missing.", seat)
		}
	}
	for _, statement := range r.Valid {
		if !slices.Equal(statement.Parties, r.Valid[0].Parties) || !slices.Contains(statement.Parties, statement.Seat) {
			r.complain("“%[1]s”签署的不是同一组当事方。", "%[1]q signed for other parties.", statement.Seat)
		}
	}
	if all := !slices.ContainsFunc(r.Valid[0].Parties, func(seat string) bool {
		return !slices.ContainsFunc(r.Valid, func(s contract.Statement) bool { return s.Seat == seat })
	}); all != r.File.Complete {
		r.complain("字段“complete”与签名不符。", "The field \"complete\" is not as the signatures have it.")
	}
}

// strictly reads one JSON value with known fields, and nothing behind it.
func strictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}
