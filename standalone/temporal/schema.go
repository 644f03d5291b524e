package temporal

import (
	"context"
	"fmt"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/tools/common/schema"
	toolsql "go.temporal.io/server/tools/sql"

	"linli/internal/pg"
)

// role owns Temporal's databases and can reach no other.
const role = "temporal"

// databases maps each database to its versioned schema in the library.
var databases = []struct{ name, schema string }{
	{"temporal", "postgresql/v12/temporal"},
	{"temporal_visibility", "postgresql/v12/visibility"},
}

// prepareDatabases creates what is missing and upgrades what is old; where
// nothing changed it only reads the versions. It returns the role's password.
func prepareDatabases(ctx context.Context, cluster *pg.Cluster, logger log.Logger) (string, error) {
	password := cluster.RolePassword(role)
	for _, database := range databases {
		if err := cluster.EnsureDatabase(ctx, database.name, role, password); err != nil {
			return "", err
		}
		if err := upgrade(store(cluster.Port(), password, database.name), database.schema, logger); err != nil {
			return "", fmt.Errorf("upgrading the schema of %s: %w", database.name, err)
		}
	}
	return password, nil
}

func upgrade(sql *config.SQL, name string, logger log.Logger) error {
	conn, err := toolsql.NewConnection(sql, logger)
	if err != nil {
		return err
	}
	defer conn.Close()
	setup := schema.NewSetupSchemaTask(conn, &schema.SetupConfig{InitialVersion: "0.0"}, logger)
	if err := setup.Run(); err != nil {
		return err
	}
	return schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{DBName: sql.DatabaseName, SchemaName: name}, logger).Run()
}

func store(port int, password, database string) *config.SQL {
	return &config.SQL{
		PluginName:      postgresql.PluginNamePGX,
		DatabaseName:    database,
		ConnectAddr:     address(port),
		ConnectProtocol: "tcp",
		User:            role,
		Password:        password,
	}
}
