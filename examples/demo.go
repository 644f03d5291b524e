package examples

import (
	"embed"

	"linli/approval"
)

//go:embed demo
var demoFiles embed.FS

// Demo holds the demonstration: divisions.yaml, people.yaml, funds.yaml and
// cases.yaml.
var Demo = mustSub(demoFiles, "demo")

// City is the root of the scope tree.
var City = approval.Division{Path: "370300", NameZH: "淄博市", NameEN: "Zibo"}

// AdminUsername is how the first administrator logs in.
const AdminUsername = "admin"

// Administrator is the first account of a fresh system.
func Administrator(password string) approval.NewAccount {
	return approval.NewAccount{Username: AdminUsername, Name: "系统管理员", Password: password}
}
