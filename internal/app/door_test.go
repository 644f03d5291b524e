package app_test

import (
	"log/slog"
	"strings"
	"testing"

	"linli/approval"
	"linli/config"
	"linli/internal/app"
	"linli/store/storetest"
)

// TestAProcessTakesNoOtherRole: the owner's address in the API's place would
// switch row security off, and nobody would notice.
func TestAProcessTakesNoOtherRole(t *testing.T) {
	address := storetest.Database(t)
	log := slog.New(slog.DiscardHandler)
	for name, other := range map[string]config.Config{
		"owner": {Listen: "127.0.0.1:0", APIDatabaseURL: address.Owner, WorkerDatabaseURL: address.Owner},
		"swap":  {Listen: "127.0.0.1:0", APIDatabaseURL: address.Worker, WorkerDatabaseURL: address.API},
	} {
		other.OwnerDatabaseURL = address.Owner
		for act, err := range map[string]error{
			"API serve":     app.Serve(t.Context(), other, app.Keys{}, log),
			"WORKER work":   app.Work(t.Context(), other, app.Keys{}, log),
			"API bootstrap": app.Bootstrap(t.Context(), other, approval.Division{}, approval.NewAccount{}),
			"API migrate":   app.Migrate(t.Context(), other),
		} {
			part, _, _ := strings.Cut(act, " ")
			if err == nil || !strings.HasPrefix(err.Error(), "LINLI_"+part+"_DATABASE_URL: 数据库用户必须是 linli_"+strings.ToLower(part)) ||
				!strings.Contains(err.Error(), "the database user must be linli_") {
				t.Errorf("%s, %s: %v", name, act, err)
			}
		}
	}
}

// TestMigrateTakesNoOtherUsersPassword: it would lock the role out.
func TestMigrateTakesNoOtherUsersPassword(t *testing.T) {
	address := storetest.Database(t)
	for name, c := range map[string]config.Config{
		"LINLI_WORKER_DATABASE_URL: 数据库用户必须是 linli_worker": {APIDatabaseURL: address.API, WorkerDatabaseURL: address.API},
		"LINLI_WORKER_DATABASE_URL: 数据库地址缺少密码":             {APIDatabaseURL: address.API, WorkerDatabaseURL: "postgres://linli_worker@127.0.0.1/x"},
		"LINLI_API_DATABASE_URL: 数据库地址无法读取":                {APIDatabaseURL: "postgres://linli_api:s3cret@%zz/", WorkerDatabaseURL: address.Worker},
	} {
		c.OwnerDatabaseURL = address.Owner
		if err := app.Migrate(t.Context(), c); err == nil || !strings.HasPrefix(err.Error(), name) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("want %s, got %v", name, err)
		}
	}
	if err := app.Migrate(t.Context(), config.Config{OwnerDatabaseURL: address.Owner, APIDatabaseURL: address.API, WorkerDatabaseURL: address.Worker}); err != nil {
		t.Errorf("with their own: %v", err)
	}
}
