package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"
	tlog "go.temporal.io/sdk/log"

	"linli/activities"
	"linli/approval/funduse"
	"linli/bank"
	"linli/config"
	"linli/store"
	"linli/worker"
	"linli/workflows"
)

// dial connects to Temporal.
func dial(ctx context.Context, c config.Config, log *slog.Logger) (client.Client, error) {
	connected, err := client.DialContext(ctx, client.Options{
		HostPort: c.TemporalAddress, Namespace: c.TemporalNamespace, Logger: tlog.NewStructuredLogger(log),
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to Temporal at %s: %w", c.TemporalAddress, err)
	}
	return connected, nil
}

// Work runs a worker until ctx ends, then lets running effects finish.
func Work(ctx context.Context, c config.Config, keys Keys, log *slog.Logger) error {
	db, err := store.Open(ctx, c.WorkerDatabaseURL, store.WithDayLength(c.DayLength))
	if err != nil {
		return err
	}
	defer db.Close()
	connected, err := dial(ctx, c, log)
	if err != nil {
		return err
	}
	defer connected.Close()
	gateway, err := gateway(c)
	if err != nil {
		return err
	}
	engine := workflows.NewClient(connected)
	if err := engine.KeepArchiving(ctx); err != nil {
		return fmt.Errorf("scheduling the archive: %w", err)
	}
	books := &books{Store: db.Sealing(keys.Sealer), payer: c.CharityAccount}
	w := worker.New(connected, &activities.Activities{
		Journal: books, Members: books, Ledger: books, FactSource: books, Rules: newRulebook(db), Board: books, Accounts: books,
		Bank: gateway, Archive: books, Histories: engine, Envelopes: keys.Verifier,
	})
	if err := w.Start(); err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}
	log.Info("The worker is running.", "queue", workflows.TaskQueue)
	<-ctx.Done()
	w.Stop()
	return nil
}

// gateway is the bank's interface, or one that refuses where cases are paid by
// hand: those never ask it.
func gateway(c config.Config) (activities.Gateway, error) {
	if c.Gateway != funduse.HTTP {
		return noBank{}, nil
	}
	secret, err := secretFile(c.BankSecretFile)
	if err != nil {
		return nil, err
	}
	return bank.New(bank.Config{BaseURL: c.BankURL, Secret: secret})
}

// noBank answers a case that was started while the deployment had a bank: it
// waits until the bank is configured again.
type noBank struct{}

func (noBank) Pay(context.Context, bank.Order) (bank.Receipt, error) {
	return bank.Receipt{}, errNoBank
}

func (noBank) Query(context.Context, string) (bank.Receipt, error) {
	return bank.Receipt{}, errNoBank
}

// books adapts the store to what activities ask for.
type books struct {
	*store.Store
	payer string
}

// FundFacts gathers the money facts of one question.
func (b *books) FundFacts(ctx context.Context, q funduse.FactQuestion) (funduse.MoneyFacts, error) {
	var facts funduse.MoneyFacts
	var err error
	facts.Fund, facts.Earmark, facts.Payee, facts.Community, err = b.Store.FundFacts(ctx, q.FundID, q.EarmarkID, q.PayeeID, q.At)
	return facts, err
}

// PayerAccount is the charity's account; every fund is kept in it.
func (b *books) PayerAccount(context.Context, string) (string, error) { return b.payer, nil }

var errNoBank = errors.New("no bank is configured")
