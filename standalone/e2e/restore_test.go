package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"linli/approval"
	"linli/approval/funduse"
	"linli/internal/app"
	"linli/internal/pg"
	"linli/internal/pg/pgtest"
	"linli/standalone/e2e/stack"
	"linli/standalone/temporal"
	"linli/store"
	"linli/workflows"
)

// TestRestoreOnAnEmptyMachine takes a deployment's backup to another machine:
// a PostgreSQL and a Temporal that have never seen it. Everything is there to
// the byte, and the cases go on from where they stood. Temporal's part of the
// backup is older, as it is when nobody stopped the processes: a ballot was cast
// in between.
func TestRestoreOnAnEmptyMachine(t *testing.T) {
	w := open(t, stack.Options{})
	paid, voting := w.propose("zd", w.draft("zd", 120_000, "application", "budget")), w.propose("zd", w.draft("zd", 80_000, "application", "budget"))
	w.payAfter(paid, "zd-m1", "zd-m2")
	ballot := deed{as: "zd-m1", stage: funduse.Committee, seat: "@zd-m1", do: approval.Approve}
	task := w.task(ballot.as, voting, ballot.stage, ballot.seat)
	key, path, stated := w.key(), "/v1/tasks/"+task.ID+"/acts", body(ballot, task.ContentHash)
	var cast approval.Receipt
	w.settled(ballot.as, w.write(ballot.as, "POST", path, key, stated)).into(t, &cast)

	early, folder := filepath.Join(t.TempDir(), "early"), filepath.Join(t.TempDir(), "backup")
	between := w.propose("zd", w.draft("zd", 60_000, "application", "budget"))
	w.reach(between, funduse.Committee)
	w.backUp(early)
	w.act(between, ballot)
	w.API.Stop(t)
	w.Worker.Stop(t)
	w.backUp(folder)
	w.age(folder, early)
	machine := emptyMachine(t)
	w.refusesDamage(machine, folder)
	w.restore(machine, folder)
	w.moveTo(machine)

	var again approval.Receipt
	repeated := w.write(ballot.as, "POST", path, key, stated)
	repeated.into(t, &again)
	if again != cast || repeated.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the ballot cast before the backup: %s, want %+v again", repeated, cast)
	}
	w.payAfter(voting, "zd-m2")
	w.heals(between, ballot)
	seat := w.object(paid, "座椅位置挡住了消防通道（示例）")
	w.act(paid, deed{as: "zd-objections", stage: funduse.NoticeAfter, seat: seat, do: approval.Overrule, comment: "现场核查，通道宽度符合要求"})
	for caseID, amount := range map[string]approval.Fen{paid: 120_000, voting: 80_000, between: 60_000} {
		ledger, bank, notice := w.ledgerSays("zd", caseID), w.bankSays(caseID), w.noticeSays(caseID)
		if ledger.paid != amount || bank.paid != amount || notice.paid != amount {
			t.Errorf("case %s: the ledger says %+v, the bank %+v, the notice %+v, want %d fen", caseID, ledger, bank, notice, amount)
		}
	}
	if differences, err := w.Store.Reconcile(t.Context()); err != nil || len(differences) > 0 {
		t.Errorf("the books differ after the restore: %v %v", differences, err)
	}
}

// age puts Temporal's databases of an earlier backup into a later one.
func (w *world) age(folder, early string) {
	w.t.Helper()
	for _, dump := range []string{"temporal.dump", "temporal_visibility.dump"} {
		if err := os.Rename(filepath.Join(early, dump), filepath.Join(folder, dump)); err != nil {
			w.t.Fatal(err)
		}
	}
	sum := exec.CommandContext(w.t.Context(), "sh", "-c", "rm SHA256SUMS && sha256sum -- * >../sums && mv ../sums SHA256SUMS")
	sum.Dir = folder
	if output, err := sum.CombinedOutput(); err != nil {
		w.t.Fatalf("summing up: %v\n%s", err, output)
	}
}

// heals: the history does not know the ballot cast in between. The next step
// supersedes it, visibly, its caster casts it again, and it counts once.
func (w *world) heals(caseID string, lost deed) {
	w.t.Helper()
	w.act(caseID, deed{as: "zd-m2", stage: funduse.Committee, seat: "@zd-m2", do: approval.Approve})
	w.payAfter(caseID, lost.as)
	superseded := 0
	for _, step := range w.steps(caseID) {
		if step.Superseded {
			superseded++
		}
	}
	if cast := w.ballots(caseID, lost.as); superseded == 0 || cast != 1 {
		w.t.Errorf("%d steps are superseded, %d ballots of %s count, want some and 1", superseded, cast, lost.as)
	}
}

// payAfter takes a case from its ballots to the notice after the payment.
func (w *world) payAfter(caseID string, voters ...string) {
	w.t.Helper()
	for _, voter := range voters {
		w.act(caseID, deed{as: voter, stage: funduse.Committee, seat: "@" + voter, do: approval.Approve})
	}
	w.act(caseID, deed{as: "zb-officer1", stage: funduse.CharityReview, seat: "officer-1", do: approval.Approve})
	w.act(caseID, deed{as: "zb-cashier", stage: funduse.Payout, seat: funduse.SeatMaker, do: approval.Approve})
	w.act(caseID, deed{as: "zb-checker", stage: funduse.Payout, seat: funduse.SeatChecker, do: approval.Approve})
	w.reach(caseID, funduse.NoticeAfter)
}

// other is a machine to restore to.
type other struct {
	cluster     *pg.Cluster
	blobs, keys string
}

const linliDatabase, ownerRole = "linli", "linli_owner"

// emptyMachine has a PostgreSQL with the roles and empty databases that an
// operator makes first, and nothing else.
func emptyMachine(t *testing.T) other {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cluster, err := pg.Start(ctx, pg.Config{DataDir: filepath.Join(t.TempDir(), "postgres"), Disposable: true})
	if err != nil {
		t.Fatalf("starting another PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(context.Background()); err != nil {
			t.Errorf("stopping the other PostgreSQL: %v", err)
		}
	})
	for database, owner := range map[string]string{linliDatabase: ownerRole, "temporal": "temporal", "temporal_visibility": "temporal"} {
		if err := cluster.EnsureDatabase(ctx, database, owner, cluster.RolePassword(owner)); err != nil {
			t.Fatal(err)
		}
	}
	if err := cluster.AllowRoles(ctx, ownerRole); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	return other{cluster: cluster, blobs: filepath.Join(home, "blobs"), keys: filepath.Join(home, "keys")}
}

// script runs one of the scripts an operator runs, against a cluster.
func script(t *testing.T, cluster *pg.Cluster, name, folder string, settings ...string) (output string, err error) {
	t.Helper()
	address, err := url.Parse(cluster.SuperDSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := address.User.Password()
	command := exec.CommandContext(t.Context(), "sh", filepath.Join("..", "..", "deploy", name), folder)
	command.Env = append(os.Environ(), "PATH="+tools(t, cluster)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"PGHOST="+address.Hostname(), "PGPORT="+address.Port(), "PGUSER="+address.User.Username(), "PGPASSWORD="+password)
	command.Env = append(command.Env, settings...)
	raw, err := command.CombinedOutput()
	return string(raw), err
}

// tools is the folder of the programs that came with the running server.
func tools(t *testing.T, cluster *pg.Cluster) string {
	t.Helper()
	server, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", cluster.PID()))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(server)
}

func (w *world) backUp(folder string) {
	w.t.Helper()
	output, err := script(w.t.(*testing.T), pgtest.Cluster(w.t), "backup.sh", folder,
		"LINLI_DATABASE="+w.database(), "LINLI_BLOBS="+w.blobs(), "LINLI_KEYS="+filepath.Dir(w.Config.SealKeyFile))
	if err != nil {
		w.t.Fatalf("backing up: %v\n%s", err, output)
	}
}

func (w *world) database() string {
	address, err := url.Parse(w.Config.OwnerDatabaseURL)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimPrefix(address.Path, "/")
}

func (w *world) blobs() string {
	address, err := url.Parse(w.Config.BlobURL)
	if err != nil {
		w.t.Fatal(err)
	}
	return address.Path
}

// refusesDamage: of a backup with one wrong byte nothing is restored.
func (w *world) refusesDamage(machine other, folder string) {
	w.t.Helper()
	dump := filepath.Join(folder, "linli.dump")
	whole, err := os.ReadFile(dump)
	if err != nil {
		w.t.Fatal(err)
	}
	damaged := append([]byte(nil), whole...)
	damaged[len(damaged)/2] ^= 1
	for _, content := range [][]byte{damaged, whole} {
		if err := os.WriteFile(dump, content, 0o600); err != nil {
			w.t.Fatal(err)
		}
		if &content[0] == &whole[0] {
			return
		}
		if output, err := script(w.t.(*testing.T), machine.cluster, "restore.sh", folder, "LINLI_BLOBS="+machine.blobs, "LINLI_KEYS="+machine.keys); err == nil {
			w.t.Errorf("a damaged backup was restored:\n%s", output)
		}
	}
}

// restore brings the backup to the machine, where it is the same to the byte,
// and will not do so twice.
func (w *world) restore(machine other, folder string) {
	w.t.Helper()
	output, err := script(w.t.(*testing.T), machine.cluster, "restore.sh", folder, "LINLI_BLOBS="+machine.blobs, "LINLI_KEYS="+machine.keys)
	if err != nil {
		w.t.Fatalf("restoring: %v\n%s", err, output)
	}
	before, after := fingerprints(w.t, pgtest.Cluster(w.t).SuperDSN(w.database())), fingerprints(w.t, machine.cluster.SuperDSN(linliDatabase))
	if len(before) < 30 {
		w.t.Fatalf("only %d tables were compared", len(before))
	}
	for table, content := range before {
		if after[table] != content {
			w.t.Errorf("table %s was %q and is %q", table, content, after[table])
		}
	}
	if output, err := script(w.t.(*testing.T), machine.cluster, "restore.sh", folder, "LINLI_BLOBS="+filepath.Join(w.t.(*testing.T).TempDir(), "blobs"), "LINLI_KEYS=none"); err == nil {
		w.t.Errorf("a backup was restored over another:\n%s", output)
	}
}

// fingerprints is how many rows each table has and what they hold.
func fingerprints(t testing.TB, dsn string) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, table := range tables {
		var content string
		err := conn.QueryRow(ctx, "SELECT count(*) || ' rows ' || coalesce(md5(string_agg(r::text, E'\\n' ORDER BY r::text)), '') FROM "+
			pgx.Identifier{table}.Sanitize()+" AS r").Scan(&content)
		if err != nil {
			t.Fatal(err)
		}
		found[table] = content
	}
	return found
}

// moveTo starts Linli on the machine: migrate, Temporal, worker, API. The bank
// is where it was and keeps its own book.
func (w *world) moveTo(machine other) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	address := func(role string) string {
		return machine.cluster.DSN(role, machine.cluster.RolePassword(role), linliDatabase)
	}
	w.Config.OwnerDatabaseURL, w.Config.APIDatabaseURL, w.Config.WorkerDatabaseURL = address(ownerRole), address(store.APIRole), address(store.WorkerRole)
	w.Config.BlobURL = (&url.URL{Scheme: "file", Path: machine.blobs, RawQuery: "no_tmp_dir=true"}).String()
	for _, file := range []*string{&w.Config.SigningKeyFile, &w.Config.VerifyKeysFile, &w.Config.SealKeyFile, &w.Config.BankSecretFile, &w.Config.ContractKeyFile} {
		*file = filepath.Join(machine.keys, filepath.Base(*file))
	}
	var err error
	check := func(doing string) {
		if err != nil {
			w.t.Fatalf("%s: %v", doing, err)
		}
	}
	err = app.Migrate(ctx, w.Config)
	check("migrating")
	engine, err := temporal.Start(ctx, temporal.Config{Cluster: machine.cluster, Namespace: w.Config.TemporalNamespace, LogFile: os.DevNull})
	check("starting Temporal")
	w.t.Cleanup(func() {
		if err := engine.Stop(); err != nil {
			w.t.Errorf("stopping Temporal: %v", err)
		}
	})
	w.Config.TemporalAddress = engine.FrontendAddress()
	w.Keys, err = app.LoadKeys(w.Config)
	check("reading the keys")
	w.Temporal, err = client.DialContext(ctx, client.Options{HostPort: w.Config.TemporalAddress, Namespace: w.Config.TemporalNamespace, Logger: quiet{}})
	check("dialling Temporal")
	w.t.Cleanup(w.Temporal.Close)
	w.Engine = workflows.NewClient(w.Temporal)
	w.Store, err = store.Open(ctx, w.Config.WorkerDatabaseURL)
	check("opening the database")
	w.t.Cleanup(w.Store.Close)
	w.Worker.Start(w.t)
	w.API.Start(w.t)
	// Before their databases go.
	w.t.Cleanup(func() { w.API.Stop(w.t); w.Worker.Stop(w.t) })
	w.Ready(w.t)
}

// quiet hears what the client logs and keeps it to itself.
type quiet struct{ sdklog.Logger }

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
