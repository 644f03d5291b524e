package app

import (
	"context"
	"fmt"
	"net/url"

	"linli/config"
	"linli/store"
)

// door is how one of the two roles reaches the database. No other role may:
// the owner passes row security, and a worker's grants are not the API's.
type door struct{ variable, address, role string }

func apiDoor(c config.Config) door {
	return door{"LINLI_API_DATABASE_URL", c.APIDatabaseURL, store.APIRole}
}

func workerDoor(c config.Config) door {
	return door{"LINLI_WORKER_DATABASE_URL", c.WorkerDatabaseURL, store.WorkerRole}
}

// open refuses an address that leads in as somebody else.
func (d door) open(ctx context.Context, options ...store.Option) (*store.Store, error) {
	db, err := store.Open(ctx, d.address, append(options, store.As(d.role))...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.variable, err)
	}
	return db, nil
}

// password is what migrating gives the role; another's would lock it out. It is
// empty where a client certificate takes its place. The errors do not show the
// address, which holds it.
func (d door) password() (string, error) {
	parsed, err := url.Parse(d.address)
	if err != nil {
		return "", fmt.Errorf("%s: 数据库地址无法读取 / the database address cannot be read", d.variable)
	}
	if user := parsed.User.Username(); user != d.role {
		return "", fmt.Errorf("%s: %w", d.variable, store.WrongRole(d.role, user))
	}
	password, _ := parsed.User.Password()
	if password == "" && !parsed.Query().Has("sslcert") {
		return "", fmt.Errorf("%s: 数据库地址缺少密码，也没有用 sslcert 指定客户端证书 / the database address has no password, nor a client certificate (sslcert)", d.variable)
	}
	return password, nil
}
