package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"linli/config"
	"linli/store"
)

// Migrate brings the database to this version and gives the two roles the
// passwords their addresses name.
func Migrate(ctx context.Context, c config.Config) error {
	if c.OwnerDatabaseURL == "" {
		return errors.New("LINLI_OWNER_DATABASE_URL is required to migrate")
	}
	api, err := passwordIn(c.APIDatabaseURL)
	if err != nil {
		return err
	}
	worker, err := passwordIn(c.WorkerDatabaseURL)
	if err != nil {
		return err
	}
	return store.Migrate(ctx, c.OwnerDatabaseURL, store.Passwords{API: api, Worker: worker})
}

func passwordIn(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", errors.New("a database address cannot be read") // the address holds a password: not in an error
	}
	password, ok := parsed.User.Password()
	if !ok {
		return "", fmt.Errorf("the database address for %s has no password", parsed.User.Username())
	}
	return password, nil
}
