package contract

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"text/template"

	"linli/approval"
)

// Sample is the mark every document filled from these templates carries.
const Sample = "示例文本"

// Template is one version of a sample text. A published version never changes;
// another wording is another version.
//
// A line is a heading ("# …"), a directive ("[space]") or a paragraph with
// fields. What fills a field stays on its line: nothing an operator enters can
// become a heading, an article or another party.
type Template struct {
	Kind    Kind
	Version int
	Title   approval.Text
	text    string
}

//go:embed templates/*.txt
var texts embed.FS

// Templates are the texts in force, one per kind, in the order of signing.
func Templates() []Template { return []Template{load(Operating, 2), load(Donation, 1)} }

// templates are the texts that state these terms. The first operating agreement
// promised what no rule said; a case that began to draw it keeps it.
func (t Terms) templates() []Template {
	if t.Rules == nil {
		return []Template{load(Operating, 1), load(Donation, 1)}
	}
	return Templates()
}

func load(kind Kind, version int) Template {
	text, err := texts.ReadFile(fmt.Sprintf("templates/%s.%d.txt", kind, version))
	if err != nil {
		panic("contract: reading an embedded template: " + err.Error())
	}
	loaded := Template{Kind: kind, Version: version, text: string(text)}
	for _, known := range Kinds {
		if known.Kind == kind {
			loaded.Title = known.Name
		}
	}
	return loaded
}

// Pin names the template by kind, version and hash.
func (t Template) Pin() Pin {
	sum := sha256.Sum256([]byte(t.text))
	return Pin{Kind: t.Kind, Version: t.Version, Hash: hex.EncodeToString(sum[:])}
}

// Fill makes the document a case's terms ask for.
func (t Template) Fill(order DrawOrder) (approval.Paper, error) {
	if err := order.Terms.Validate(); err != nil {
		return approval.Paper{}, err
	}
	filling := newFilling(order.Terms)
	paper := approval.Paper{
		Issuer: filling.Community, Title: t.Title, Subject: filling.Space, Sample: Sample, Number: order.number(t.Kind), At: order.At,
		Hash: approval.ContentHash(struct {
			Template Pin   `json:"template"`
			Terms    Terms `json:"terms"`
		}{t.Pin(), order.Terms}),
	}
	for line := range strings.Lines(t.text) {
		blocks, err := t.line(strings.TrimSpace(line), filling)
		if err != nil {
			return approval.Paper{}, fmt.Errorf("filling template %s %d: %w", t.Kind, t.Version, err)
		}
		paper.Blocks = append(paper.Blocks, blocks...)
	}
	return paper, nil
}

func (t Template) line(line string, filling filling) ([]approval.Block, error) {
	if heading, is := strings.CutPrefix(line, "# "); is {
		return []approval.Block{{Heading: approval.Text{ZH: heading}}}, nil
	}
	if directive, is := strings.CutPrefix(line, "["); is {
		words := strings.Fields(strings.TrimSuffix(directive, "]"))
		return filling.directive(words[0], words[1:])
	}
	paragraph, err := template.New(string(t.Kind)).Parse(line)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	if err := paragraph.Execute(&out, filling); err != nil {
		return nil, err
	}
	if out.Len() == 0 {
		return nil, nil
	}
	return []approval.Block{{Text: out.String()}}, nil
}

// number is the document's own; the case tells the documents of another apart.
func (o DrawOrder) number(kind Kind) string { return o.CaseID + "-" + string(kind) }

// Draft is a document that has not been drawn yet: everything but its bytes.
type Draft struct {
	Document Document // without SHA256 and Size
	Paper    approval.Paper
}

// Drafts fills every template the terms ask for.
func (o DrawOrder) Drafts() ([]Draft, error) {
	var drafts []Draft
	for _, t := range o.Terms.templates() {
		paper, err := t.Fill(o)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, Draft{Document: Document{Number: o.number(t.Kind), Title: t.Title, Template: t.Pin()}, Paper: paper})
	}
	return drafts, nil
}

// Drawn is the document once its bytes are there.
func (d Draft) Drawn(pdf []byte) Document {
	sum := sha256.Sum256(pdf)
	drawn := d.Document
	drawn.SHA256, drawn.Size = hex.EncodeToString(sum[:]), int64(len(pdf))
	return drawn
}
