package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"linli/approval"
	"linli/bank/sandbox"
	"linli/config"
	"linli/examples"
	"linli/internal/app"
	"linli/internal/observe"
	"linli/rules"
)

type keys struct {
	Folder    string `arg:"" help:"Where to write them; those there already are kept."`
	Signing   string `help:"File for the signing key, if the folder is shared with processes that must not sign."`
	Contract  string `help:"File for the key that seals signatures under agreements, if the folder is shared with others than workers."`
	Algorithm string `default:"Ed25519" help:"Of that key: Ed25519 or SM2."`
}

func (k keys) Run() error {
	c := config.Config{SigningKeyFile: k.Signing, ContractKeyFile: k.Contract, ContractAlgorithm: k.Algorithm}
	if err := app.NewKeyFiles(k.Folder, &c); err != nil {
		return err
	}
	fmt.Printf("LINLI_SIGNING_KEY_FILE=%s\nLINLI_VERIFY_KEYS_FILE=%s\nLINLI_SEAL_KEY_FILE=%s\nLINLI_BANK_SECRET_FILE=%s\nLINLI_CONTRACT_KEY_FILE=%s\nLINLI_CONTRACT_ALGORITHM=%s\n",
		c.SigningKeyFile, c.VerifyKeysFile, c.SealKeyFile, c.BankSecretFile, c.ContractKeyFile, c.ContractAlgorithm)
	return nil
}

type admin struct {
	City         string `default:"370300" help:"Code of the city."`
	CityName     string `default:"淄博市" help:"Its name in Chinese."`
	CityNameEN   string `default:"Zibo" help:"Its name in English."`
	Username     string `default:"admin" help:"How the administrator logs in."`
	Name         string `default:"系统管理员" help:"The administrator's name."`
	PasswordFile string `required:"" help:"File holding the first password."`
}

func (a admin) Run(ctx context.Context) error {
	c, log, err := deployment(config.Admin)
	if err != nil {
		return err
	}
	password, err := os.ReadFile(a.PasswordFile)
	if err != nil {
		return err
	}
	city := approval.Division{Path: approval.Scope(a.City), NameZH: a.CityName, NameEN: a.CityNameEN}
	first := approval.NewAccount{Username: a.Username, Name: a.Name, Password: strings.TrimSpace(string(password))}
	if err := app.Bootstrap(ctx, c, city, first); err != nil {
		return err
	}
	log.Info("The administrator can log in.", "username", a.Username)
	return nil
}

type ruleCmd struct {
	Check ruleCheck `cmd:"" help:"Compile, lint and test every rule set of a folder. 编译、检查并测试规则"`
}

type ruleCheck struct {
	Folder string `arg:"" optional:"" help:"Folder with one sub-folder per district; default: the shipped samples."`
}

func (r ruleCheck) Run() error {
	tree := fs.FS(examples.RuleSets)
	if r.Folder != "" {
		tree = os.DirFS(r.Folder)
	}
	files, err := rules.LoadFiles(tree)
	if err != nil {
		return err
	}
	failed := 0
	for _, file := range files {
		results, err := rules.RunTests(file.Set, file.Tests)
		if err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
		fmt.Printf("%s  %s  %d tests\n", file.Path, file.Set.Title().ZH, len(results))
		for _, problem := range rules.Lint(file.Set) {
			fmt.Printf("  %s\n", problem)
		}
		for _, result := range results {
			for _, failure := range result.Failures {
				failed++
				fmt.Printf("  %s: %s\n", result.Name, failure.ZH)
			}
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d rule tests failed", failed)
	}
	return nil
}

type sandbank struct {
	Listen     string `default:"127.0.0.1:8090" help:"host:port"`
	Book       string `default:"bank-book.jsonl" help:"The bank's own book."`
	SecretFile string `required:"" help:"The secret shared with Linli."`
	Callback   string `help:"Where the bank reports, e.g. http://127.0.0.1:8080/v1/bank/callbacks."`
	AdminFile  string `help:"File with the token that programs the bank's behaviour."`
}

func (s sandbank) Run(ctx context.Context) error {
	secret, err := os.ReadFile(s.SecretFile)
	if err != nil {
		return err
	}
	settings := sandbox.Config{
		BookPath: s.Book, Secret: []byte(strings.TrimSpace(string(secret))), CallbackURL: s.Callback,
		Log: observe.NewLog(os.Stderr, slog.LevelInfo),
	}
	if s.AdminFile != "" {
		token, err := os.ReadFile(s.AdminFile)
		if err != nil {
			return err
		}
		settings.AdminToken = strings.TrimSpace(string(token))
	}
	bank, err := sandbox.New(settings)
	if err != nil {
		return err
	}
	return errors.Join(bank.Serve(ctx, s.Listen), bank.Close())
}
