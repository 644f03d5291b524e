package server

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// unstorable finds text no database column takes (NUL), before it gets into a
// history it could never be copied out of. It names the field.
func unstorable(raw []byte) (field string, found bool) {
	if !bytes.Contains(raw, []byte(`\u0000`)) {
		return "", false
	}
	var body any
	if json.Unmarshal(raw, &body) != nil {
		return "", false // the handler says what is wrong with it
	}
	return withNUL(body, "")
}

func withNUL(value any, at string) (field string, found bool) {
	switch value := value.(type) {
	case string:
		return at, strings.ContainsRune(value, 0)
	case []any:
		for i, item := range value {
			if field, found := withNUL(item, strings.TrimPrefix(at+"/"+strconv.Itoa(i), "/")); found {
				return field, true
			}
		}
	case map[string]any:
		for name, item := range value {
			if field, found := withNUL(item, strings.TrimPrefix(at+"/"+name, "/")); found {
				return field, true
			}
			if strings.ContainsRune(name, 0) {
				return at, true
			}
		}
	}
	return "", false
}
