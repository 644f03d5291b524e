package store

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"linli/approval"
)

// cursorOf hides the sort key of the last row of a page.
func cursorOf(parts ...string) string {
	raw, err := json.Marshal(parts)
	if err != nil {
		panic("store: rendering a cursor of strings: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// cursorParts reads a cursor of n parts back; without one, all are "". A
// cursor only says where to go on: what may be seen is row security's matter.
func cursorParts(page approval.Page, n int) ([]string, error) {
	if page.Cursor == "" {
		return make([]string, n), nil
	}
	var parts []string
	raw, err := base64.RawURLEncoding.DecodeString(page.Cursor)
	if err != nil || json.Unmarshal(raw, &parts) != nil || len(parts) != n {
		return nil, badCursor()
	}
	for _, part := range parts {
		if !utf8.ValidString(part) || strings.ContainsRune(part, 0) { // PostgreSQL takes neither
			return nil, badCursor()
		}
	}
	return parts, nil
}

func badCursor() *approval.Error {
	return approval.Errorf(approval.Invalid, "翻页位置无效，请从第一页重新查询。",
		"The cursor is not valid; start again from the first page.").At("cursor")
}

// pageOf cuts rows, asked for with one more than the limit, to the page and
// returns the cursor of the next; "" when this is the last.
func pageOf[T any](rows []T, page approval.Page, key func(last T) string) ([]T, string) {
	if len(rows) <= page.Limit {
		return rows, ""
	}
	rows = rows[:page.Limit]
	return rows, key(rows[len(rows)-1])
}
