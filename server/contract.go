package server

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"linli/approval"
)

//go:embed openapi.yaml
var openapiYAML []byte

// contract is the OpenAPI document every request is checked against.
type contract struct {
	doc *openapi3.T
}

// loadContract reads the embedded document, the same for every server.
var loadContract = sync.OnceValues(func() (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapiYAML)
	if err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("checking the contract: %w", err)
	}
	return &contract{doc: doc}, nil
})

// described is one operation of the contract.
type described struct {
	route *routers.Route
}

func (c *contract) operation(route Route) (described, error) {
	item := c.doc.Paths.Value(route.Path)
	if item == nil || item.GetOperation(route.Method) == nil {
		return described{}, fmt.Errorf("route %s %s is not in the contract", route.Method, route.Path)
	}
	operation := item.GetOperation(route.Method)
	if operation.OperationID != route.Operation {
		return described{}, fmt.Errorf("route %s %s is %q here and %q in the contract", route.Method, route.Path, route.Operation, operation.OperationID)
	}
	return described{route: &routers.Route{
		Spec: c.doc, Path: route.Path, PathItem: item, Method: route.Method, Operation: operation,
	}}, nil
}

// checked refuses what the contract does not describe: parameters, types,
// fields, also query parameters nobody declared, since a misspelt filter must
// not silently widen a list.
func (d described) checked(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		for name := range ec.QueryParams() {
			if !d.declares(name) {
				return approval.Errorf(approval.Invalid, "没有查询参数“%s”。", "There is no query parameter %q.", name).At(name)
			}
		}
		raw, buffered := ec.Get(string(keyBody)).([]byte)
		input := d.input(ec)
		input.Options.ExcludeRequestBody = !buffered || len(raw) == 0 && !d.requiresBody()
		if buffered {
			ec.Request().Body = io.NopCloser(bytes.NewReader(raw))
		} else { // an upload: the checker would read all of it into memory
			input.Request = ec.Request().Clone(ec.Request().Context())
			input.Request.Body = http.NoBody
		}
		if err := openapi3filter.ValidateRequest(ec.Request().Context(), input); err != nil {
			return violation(err)
		}
		if field, ok := unstorable(raw); ok {
			return approval.Errorf(approval.Invalid, "字段“%s”含有无法保存的字符。", "The field %q holds a character that cannot be stored.", field).At(field)
		}
		return next(ec)
	}
}

func (d described) input(ec echo.Context) *openapi3filter.RequestValidationInput {
	params := map[string]string{}
	for i, name := range ec.ParamNames() {
		params[name] = ec.ParamValues()[i]
	}
	return &openapi3filter.RequestValidationInput{
		Request: ec.Request(), PathParams: params, Route: d.route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc, // permitted has done that
			RejectWhenRequestBodyNotSpecified: true,
			SkipSettingDefaults:               true,
		},
	}
}

func (d described) requiresBody() bool {
	body := d.route.Operation.RequestBody
	return body != nil && body.Value.Required
}

func (d described) declares(query string) bool {
	return d.route.Operation.Parameters.GetByInAndName("query", query) != nil ||
		d.route.PathItem.Parameters.GetByInAndName("query", query) != nil
}

// violation words what the contract checker found, without echoing values.
func violation(err error) error {
	var request *openapi3filter.RequestError
	if !errors.As(err, &request) {
		return approval.Errorf(approval.Invalid, "请求不符合接口约定。", "The request does not fit the contract.")
	}
	var schema *openapi3.SchemaError
	field := ""
	if request.Parameter != nil {
		field = request.Parameter.Name
	}
	if field == idempotencyHeader {
		return checkKey(requestHeader(request, idempotencyHeader))
	}
	if errors.As(err, &schema) {
		if pointer := strings.Join(schema.JSONPointer(), "/"); pointer != "" {
			field = strings.TrimPrefix(field+"/"+pointer, "/")
		}
		return schemaRefusal(schema, field)
	}
	if errors.Is(err, openapi3filter.ErrInvalidRequired) {
		if field == "" {
			return approval.Errorf(approval.Invalid, "缺少请求内容。", "The body is missing.")
		}
		return approval.Errorf(approval.Invalid, "缺少参数“%s”。", "The parameter %q is missing.", field).At(field)
	}
	if request.Parameter != nil {
		return approval.Errorf(approval.Invalid, "参数“%s”的格式不正确。", "The parameter %q is malformed.", field).At(field)
	}
	if strings.Contains(request.Reason, "content-type") || strings.Contains(request.Reason, "Content-Type") {
		return approval.Errorf(approval.UnsupportedMedia, "不支持此内容类型。", "This content type is not supported.").At("Content-Type")
	}
	return approval.Errorf(approval.Invalid, "请求内容不是有效的 JSON。", "The body is not valid JSON.")
}

func requestHeader(request *openapi3filter.RequestError, name string) string {
	return request.Input.Request.Header.Get(name)
}

// schemaRefusal words one broken schema keyword for people.
func schemaRefusal(broken *openapi3.SchemaError, field string) *approval.Error {
	refuse := func(zh, en string, args ...any) *approval.Error {
		return approval.Errorf(approval.Invalid, zh, en, append([]any{field}, args...)...).At(field)
	}
	s := broken.Schema
	switch broken.SchemaField {
	case "properties":
		if _, rest, ok := strings.Cut(broken.Reason, `property "`); ok {
			unknown, _, _ := strings.Cut(rest, `"`)
			field = strings.TrimPrefix(field+"/"+unknown, "/")
		}
		return refuse("没有字段“%[1]s”。", "There is no field %[1]q.")
	case "required":
		return refuse("缺少字段“%[1]s”。", "The field %[1]q is missing.")
	case "type", "nullable":
		return refuse("字段“%[1]s”的类型不正确。", "The field %[1]q has the wrong type.")
	case "enum":
		return refuse("字段“%[1]s”的取值不在允许范围内。", "The field %[1]q has a value that is not allowed.")
	case "minLength", "maxLength":
		return refuse("字段“%[1]s”的长度不正确。", "The field %[1]q has a wrong length.")
	case "minItems":
		return refuse("字段“%[1]s”至少要有%[2]d项。", "The field %[1]q needs at least %[2]d items.", s.MinItems)
	case "maxItems":
		return refuse("字段“%[1]s”的项数过多。", "The field %[1]q has too many items.")
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		return refuse("字段“%[1]s”的数值超出范围。", "The field %[1]q is out of range.")
	case "pattern", "format":
		return refuse("字段“%[1]s”的格式不正确。", "The field %[1]q is malformed.")
	}
	return refuse("字段“%[1]s”不符合要求。", "The field %[1]q does not fit.")
}
