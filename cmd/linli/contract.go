package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"linli/approval"
	"linli/internal/signature"
)

type contractCmd struct {
	Verify contractVerify `cmd:"" help:"Verify a signed agreement with a public key alone. 用公钥验证已签署的协议"`
}

type contractVerify struct {
	Document string   `arg:"" help:"The agreement, FILE.pdf."`
	File     string   `arg:"" help:"Its signature file, FILE.sig.json."`
	Key      []string `help:"File with public keys (PEM) you got from a source you trust; repeatable. Without it the file's own keys are used." placeholder:"FILE"`
}

// Run fails unless the document is as it was signed, by everybody.
func (v contractVerify) Run() error { return v.verify(os.Stdout) }

func (v contractVerify) verify(out io.Writer) error {
	document, err := os.ReadFile(v.Document)
	if err != nil {
		return err
	}
	file, err := os.ReadFile(v.File)
	if err != nil {
		return err
	}
	var keys []signature.Key
	for _, name := range v.Key {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		more, err := signature.ParsePublic(text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		keys = append(keys, more...)
	}
	report := signature.Verify(document, file, keys)
	tell(out, report)
	if !report.Sound() {
		return errors.New("验证未通过 / not verified")
	}
	return nil
}

func tell(out io.Writer, r signature.Report) {
	fmt.Fprintf(out, "%s / %s  %s\nSHA-256 %s\n", r.File.Document.Title.ZH, r.File.Document.Title.EN, r.File.Document.Number, r.File.Document.SHA256)
	for _, s := range r.Valid {
		by := s.Name
		if s.For != "" {
			by += "（代 " + s.For + "）"
		}
		fmt.Fprintf(out, "  有效 valid: %s  %s  %s  %s\n", s.Party, by, s.Capacity, s.SignedAt.In(approval.Shanghai).Format("2006-01-02 15:04:05"))
	}
	for _, fault := range r.Faults {
		fmt.Fprintf(out, "  ✗ %s\n    %s\n", fault.ZH, fault.EN)
	}
	if r.Trusted {
		return
	}
	var ids []string
	for _, key := range r.File.Keys {
		ids = append(ids, key.Algorithm+" "+key.ID)
	}
	fmt.Fprintf(out, "  注意：使用的是文件自带的公钥（%[1]s），请与可信来源核对，或用 --key 指定。\n  Note: the file's own key was used (%[1]s); compare it with a source you trust, or give --key.\n", strings.Join(ids, "; "))
}
