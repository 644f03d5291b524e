package observe

import (
	"testing"

	"linli/internal/importrule"
)

// Observing knows the words of the domain and the libraries it counts for; it
// reaches nothing by itself: what it shows is handed to it.
var imports = importrule.Rule{
	importrule.Allow("linli/approval"),
	importrule.Allow("github.com/jackc/pgx/v5"), // the interface a statement is traced by
	importrule.Refuse("what is shown is handed over by the wiring; observing asks nobody", "linli/...", "database/sql", "github.com/jackc/pgx/v5/..."),
	importrule.Allow(importrule.Standard, "github.com/prometheus/client_golang/...", "go.opentelemetry.io/...", "github.com/exaring/otelpgx", "go.temporal.io/sdk/..."),
	importrule.Refuse("metrics are Prometheus, traces OpenTelemetry: a further library needs its reason here", importrule.Anything),
}

func TestImports(t *testing.T) {
	imports.Check(t, ".")
	imports.Bites(t,
		[]string{"log/slog", "linli/approval", "github.com/prometheus/client_golang/prometheus/promhttp", "go.temporal.io/sdk/client"},
		[]string{"linli/store", "linli/server", "linli/approval/funduse", "github.com/jackc/pgx/v5/pgxpool", "github.com/labstack/echo/v4"})
}
