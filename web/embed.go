package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed style.css
var style []byte

//go:embed icon.svg
var icon []byte

// Asset is a file a page links to. Its path changes with its content, so it
// may be cached for ever.
type Asset struct {
	Path      string
	MediaType string
	Body      []byte
}

// Pages renders every public page; safe for concurrent use.
type Pages struct {
	parsed map[string]*template.Template
	assets []Asset
}

// Policy is the Content-Security-Policy all pages are written for: no script,
// nothing inline, nothing from elsewhere.
const Policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const (
	noticesPage   = "notices"
	noticePage    = "notice"
	receiptPage   = "receipt"
	objectionPage = "objection"
	problemPage   = "problem"
	bulletinsPage = "bulletins"
	bulletinPage  = "bulletin"
	callsPage     = "calls"
	callPage      = "call"
)

// New parses the templates built into the program.
func New() (*Pages, error) {
	p := &Pages{parsed: map[string]*template.Template{}, assets: []Asset{
		asset("style", "css", "text/css; charset=utf-8", style),
		asset("icon", "svg", "image/svg+xml", icon),
	}}
	for _, name := range []string{noticesPage, noticePage, receiptPage, objectionPage, problemPage, bulletinsPage, bulletinPage, callsPage, callPage} {
		parsed, err := template.New("layout.html").ParseFS(templates, "templates/layout.html", "templates/services.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parsing page %s: %w", name, err)
		}
		p.parsed[name] = parsed
	}
	return p, nil
}

// Assets lists the files the pages link to.
func (p *Pages) Assets() []Asset { return p.assets }

func asset(name, extension, mediaType string, body []byte) Asset {
	sum := sha256.Sum256(body)
	path := "/static/" + name + "." + hex.EncodeToString(sum[:6]) + "." + extension
	return Asset{Path: path, MediaType: mediaType, Body: body}
}
