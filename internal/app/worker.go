package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"gocloud.dev/blob"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"linli/activities"
	"linli/approval/funduse"
	"linli/bank"
	"linli/config"
	"linli/store"
	"linli/worker"
	"linli/workflows"
)

// Work runs a worker until ctx ends, then lets running effects finish. A fault
// the worker cannot recover from, such as a lost permission, ends it too.
func Work(ctx context.Context, c config.Config, keys Keys, log *slog.Logger) error {
	seen, err := watch(ctx, c, "linli-worker", log)
	if err != nil {
		return err
	}
	defer seen.close(ctx)
	db, err := seen.database(ctx, workerDoor(c), c)
	if err != nil {
		return err
	}
	defer db.Close()
	connected, err := dial(ctx, c, seen)
	if err != nil {
		return err
	}
	defer connected.Close()
	bucket, err := openBucket(ctx, c)
	if err != nil {
		return err
	}
	defer bucket.Close()
	w, err := hands(ctx, c, keys, seen, db, connected, bucket)
	if err != nil {
		return err
	}
	seen.worker(db)
	health, err := announce(c.WorkerListen, map[string]probe{"database": db.Ping, "schema": db.Migrated, "temporal": reaches(connected), "attachments": holds(bucket)}, log)
	if err != nil {
		return err
	}
	defer health.Close()
	log.Info("The worker is running.", "queue", workflows.TaskQueue)
	return w.Run(ended(ctx))
}

// hands is the worker with everything its effects reach.
func hands(ctx context.Context, c config.Config, keys Keys, seen *sight, db *store.Store, connected client.Client, bucket *blob.Bucket) (sdkworker.Worker, error) {
	gateway, err := gateway(c)
	if err != nil {
		return nil, err
	}
	engine := workflows.NewClient(connected)
	if err := engine.KeepArchiving(ctx); err != nil {
		return nil, fmt.Errorf("scheduling the archive: %w", err)
	}
	books := &books{Store: db.Sealing(keys.Sealer), payer: c.CharityAccount}
	return worker.New(connected, &activities.Activities{
		Journal: books, Members: books, Ledger: books, FactSource: books, Rules: seen.rules(db), Board: books, Accounts: books,
		Bank: countedBank{gateway, seen.metrics.Paid}, Archive: books, Histories: engine, Envelopes: keys.Verifier,
		Press: press{openFont(c, seen)}, Documents: documents{bucket}, Contracts: books, Seals: keys.Seals,
		Register: books, Spaces: books, Calls: books, Engagements: books,
	}), nil
}

// ended is the end of ctx as the SDK's worker listens for it.
func ended(ctx context.Context) <-chan any {
	interrupt := make(chan any)
	context.AfterFunc(ctx, func() { close(interrupt) })
	return interrupt
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
