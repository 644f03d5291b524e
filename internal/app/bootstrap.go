package app

import (
	"context"
	"time"

	"linli/approval"
	"linli/config"
	"linli/internal/password"
	"linli/store"
)

// Bootstrap creates the city and its first administrator in an empty system.
// In one that has that administrator it changes nothing. It is run by whoever
// has the database address, before anybody can log in.
func Bootstrap(ctx context.Context, c config.Config, city approval.Division, first approval.NewAccount) error {
	db, err := apiDoor(c).open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	const system = "system"
	ctx = store.WithPerson(ctx, approval.Person{ID: system, Grants: []approval.Grant{{Role: approval.Administrator, Scope: city.Path}}})
	_, err = db.AccountID(ctx, first.Username)
	if approval.CodeOf(err) != approval.NotFound {
		return err
	}
	if err := approval.CheckPassword(first.Username, first.Password); err != nil {
		return err
	}
	now := time.Now().UTC()
	if err := db.AddDivision(ctx, city, system, now); err != nil && approval.CodeOf(err) != approval.Conflict {
		return err
	}
	hash, err := password.Hash(first.Password)
	if err != nil {
		return err
	}
	first.Scope = city.Path
	first.Grants = []approval.Grant{{Role: approval.Administrator, Scope: city.Path}, {Role: approval.RuleKeeper, Scope: city.Path}}
	_, err = db.CreateAccount(ctx, first, hash, system, now)
	return err
}
