package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"linli/internal/demo"
)

type demoCmd struct {
	URL               string `default:"http://127.0.0.1:8080" help:"The running system."`
	AdminPasswordFile string `required:"" help:"File holding the administrator's password."`
}

func (d demoCmd) Run(ctx context.Context) error {
	password, err := os.ReadFile(d.AdminPasswordFile)
	if err != nil {
		return err
	}
	report, err := demo.Load(ctx, demo.Options{URL: d.URL, AdminPassword: strings.TrimSpace(string(password)), Log: func(line string) { fmt.Println(line) }})
	for _, line := range append(report.Logins, report.Requests...) {
		fmt.Println(line)
	}
	return err
}
