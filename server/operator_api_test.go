package server_test

import (
	"linli/approval"
)

// newOperator is an invented operator as a handler registers it.
func newOperator(scope approval.Scope, code, name string) map[string]any {
	return map[string]any{
		"scope": scope, "name": name, "credit_code": code, "kind": "company", "legal_representative": "李示例",
		"founded_on": "2021-05-01", "contact": "王示例", "phone": "13800001234",
	}
}
