package app

import (
	"strings"
	"testing"

	"linli/config"
	"linli/store"
)

// Both addresses are looked at before the database is, by name and without
// what they hold.
func TestARoleNeedsAPasswordOrACertificate(t *testing.T) {
	for tail, says := range map[string]string{
		"@127.0.0.1:1/linli":           "数据库地址缺少密码",
		":@127.0.0.1:1/linli":          "数据库地址缺少密码",
		":hidden@127.0.0.1:1:1%/linli": "数据库地址无法读取 / the database address cannot be read",
	} {
		err := Migrate(t.Context(), config.Config{OwnerDatabaseURL: "postgres://o:p@127.0.0.1:1/linli",
			APIDatabaseURL: "postgres://" + store.APIRole + tail, WorkerDatabaseURL: "postgres://" + store.WorkerRole + tail})
		if err == nil || strings.Contains(err.Error(), "hidden") {
			t.Fatalf("%s: %v", tail, err)
		}
		for _, setting := range []string{"LINLI_API_DATABASE_URL: ", "LINLI_WORKER_DATABASE_URL: "} {
			if !strings.Contains(err.Error(), setting) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %q and %q are not in %v", tail, setting, says, err)
			}
		}
	}
}
