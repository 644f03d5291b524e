package app

import (
	"context"
	"errors"

	"linli/config"
	"linli/store"
)

// Migrate brings the database to this version and gives the two roles the
// passwords their addresses name. An address for somebody else is refused.
func Migrate(ctx context.Context, c config.Config) error {
	if c.OwnerDatabaseURL == "" {
		return errors.New("LINLI_OWNER_DATABASE_URL is required to migrate")
	}
	api, err := apiDoor(c).password()
	if err != nil {
		return err
	}
	worker, err := workerDoor(c).password()
	if err != nil {
		return err
	}
	return store.Migrate(ctx, c.OwnerDatabaseURL, store.Passwords{API: api, Worker: worker})
}
