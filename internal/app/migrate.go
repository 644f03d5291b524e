package app

import (
	"context"
	"errors"

	"linli/config"
	"linli/store"
)

// Migrate brings the database to this version and gives the two roles the
// passwords their addresses name. An address for somebody else is refused. A role
// whose address has a client certificate instead of a password keeps the one it
// has, or is made without.
func Migrate(ctx context.Context, c config.Config) error {
	if c.OwnerDatabaseURL == "" {
		return errors.New("LINLI_OWNER_DATABASE_URL: 必须设置 / required to migrate")
	}
	api, apiErr := apiDoor(c).password()
	worker, workerErr := workerDoor(c).password()
	if err := errors.Join(apiErr, workerErr); err != nil {
		return err
	}
	return store.Migrate(ctx, c.OwnerDatabaseURL, store.Passwords{API: api, Worker: worker})
}
