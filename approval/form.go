package approval

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// DetailsOf decodes the procedure's part of a form strictly: an unknown field
// is refused, never dropped, since a dropped field could be the one that
// mattered. An absent form is the zero value.
func DetailsOf[Form any](entry Entry) (form Form, err error) {
	if len(entry.Details) == 0 {
		return form, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(entry.Details))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&form); err != nil {
		return form, Errorf(Invalid, "表单内容有误:%[1]s", "The form cannot be read: %[1]s", err).At("form/details")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return form, Errorf(Invalid, "表单内容后有多余字符。", "Something follows the form.").At("form/details")
	}
	return form, nil
}
