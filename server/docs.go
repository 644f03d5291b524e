package server

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"linli/approval"
)

//go:embed docs.html
var docsHTML string

var docsPage = template.Must(template.New("docs").Parse(docsHTML))

func (s *Server) docsRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/openapi.yaml", Operation: "contract", Allow: Public(), Handle: s.yaml, Outside: true},
		{Method: "GET", Path: "/docs", Operation: "docs", Allow: Public(), Handle: s.docs, Outside: true},
	}
}

func (s *Server) yaml(ec echo.Context) error {
	return ec.Blob(http.StatusOK, "application/yaml; charset=utf-8", openapiYAML)
}

// docs shows the contract as a page without scripts or anything from
// elsewhere.
func (s *Server) docs(ec echo.Context) error {
	var page bytes.Buffer
	if err := docsPage.Execute(&page, s.documented()); err != nil {
		return err
	}
	ec.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	return ec.HTMLBlob(http.StatusOK, page.Bytes())
}

type documentation struct {
	Title, Description string
	Groups             []documentedGroup
	Schemas            []documentedSchema
	Codes              []documentedCode
}

type documentedGroup struct {
	Name       string
	Operations []documentedOperation
}

type documentedOperation struct {
	ID, Method, Path, Summary, Description, Allow, Body, Answer string
	Parameters                                                  []documentedField
}

type documentedSchema struct {
	Name, Description string
	Fields            []documentedField
}

type documentedField struct {
	Name, Type, Description string
	Required                bool
}

type documentedCode struct {
	Code   approval.Code
	Status int
}

func (s *Server) documented() documentation {
	doc := s.contract.doc
	page := documentation{Title: doc.Info.Title, Description: doc.Info.Description}
	for _, route := range s.Routes() {
		if !route.Outside {
			page.add(describe(route, doc.Paths.Value(route.Path)))
		}
	}
	for name, schema := range doc.Components.Schemas {
		page.Schemas = append(page.Schemas, documentedSchema{Name: name, Description: schema.Value.Description, Fields: fieldsOf(schema.Value)})
	}
	slices.SortFunc(page.Schemas, func(a, b documentedSchema) int { return strings.Compare(a.Name, b.Name) })
	for code, status := range statuses {
		page.Codes = append(page.Codes, documentedCode{code, status})
	}
	slices.SortFunc(page.Codes, func(a, b documentedCode) int {
		return (a.Status-b.Status)*1000 + strings.Compare(string(a.Code), string(b.Code))
	})
	return page
}

func (d *documentation) add(group string, operation documentedOperation) {
	for i := range d.Groups {
		if d.Groups[i].Name == group {
			d.Groups[i].Operations = append(d.Groups[i].Operations, operation)
			return
		}
	}
	d.Groups = append(d.Groups, documentedGroup{Name: group, Operations: []documentedOperation{operation}})
}

func describe(route Route, item *openapi3.PathItem) (group string, described documentedOperation) {
	operation := item.GetOperation(route.Method)
	described = documentedOperation{
		ID: operation.OperationID, Method: route.Method, Path: route.Path, Summary: operation.Summary,
		Description: operation.Description, Allow: route.Allow.String(), Answer: answerOf(operation),
	}
	for _, parameters := range []openapi3.Parameters{item.Parameters, operation.Parameters} {
		for _, parameter := range parameters {
			described.Parameters = append(described.Parameters, documentedField{
				Name: parameter.Value.Name, Type: parameter.Value.In + " · " + typeOf(parameter.Value.Schema),
				Description: parameter.Value.Description, Required: parameter.Value.Required,
			})
		}
	}
	if operation.RequestBody != nil {
		described.Body = contentOf(operation.RequestBody.Value.Content)
	}
	if len(operation.Tags) > 0 {
		group = operation.Tags[0]
	}
	return group, described
}

// String says in both languages who may call.
func (p Permission) String() string {
	if p.public {
		return "公开 public"
	}
	if len(p.roles) == 0 {
		return "已登录 signed in"
	}
	var names []string
	for _, role := range approval.Roles {
		if slices.Contains(p.roles, role.Role) {
			names = append(names, role.Name.ZH+" "+role.Name.EN)
		}
	}
	return strings.Join(names, "、")
}

func answerOf(operation *openapi3.Operation) string {
	for _, status := range []string{"200", "204", "303"} {
		if answer := operation.Responses.Value(status); answer != nil {
			return strings.TrimSpace(status + " " + contentOf(answer.Value.Content))
		}
	}
	return ""
}

func contentOf(content openapi3.Content) string {
	var kinds []string
	for media, kind := range content {
		if kind.Schema != nil && media == "application/json" {
			media = typeOf(kind.Schema)
		}
		kinds = append(kinds, media)
	}
	slices.Sort(kinds)
	return strings.Join(kinds, ", ")
}

// fieldsOf lists an object's fields; schemas put together with allOf show
// those of their parts.
func fieldsOf(schema *openapi3.Schema) []documentedField {
	var fields []documentedField
	for _, part := range schema.AllOf {
		fields = append(fields, fieldsOf(part.Value)...)
	}
	for name, property := range schema.Properties {
		fields = append(fields, documentedField{
			Name: name, Type: typeOf(property), Description: property.Value.Description, Required: slices.Contains(schema.Required, name),
		})
	}
	slices.SortFunc(fields, func(a, b documentedField) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

func typeOf(schema *openapi3.SchemaRef) string {
	if schema == nil {
		return ""
	}
	if _, name, ok := strings.Cut(schema.Ref, "#/components/schemas/"); ok {
		return name
	}
	value := schema.Value
	switch {
	case value.Type.Is("array"):
		return typeOf(value.Items) + "[]"
	case len(value.Enum) > 0:
		var choices []string
		for _, choice := range value.Enum {
			if text, ok := choice.(string); ok {
				choices = append(choices, text)
			}
		}
		return strings.Join(choices, " | ")
	case value.Format != "":
		return value.Format
	}
	return strings.Join(value.Type.Slice(), "|")
}
