package pg_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/internal/pg"
)

// TestMain lets a test run this binary again as a program that owns a cluster
// and can be killed: real processes, since the promises are about processes.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PG_TEST_OWN"); dir != "" {
		own(dir)
	}
	os.Exit(m.Run())
}

func own(dir string) {
	cluster, err := pg.Start(context.Background(), pg.Config{DataDir: dir})
	if err != nil {
		fmt.Println("refused", err)
		os.Exit(3)
	}
	fmt.Println("up", cluster.PID())
	select {}
}

// folder is a place the server's user may enter even when the test is root.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "linli-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, dir string) *pg.Cluster {
	t.Helper()
	return startWith(t, pg.Config{DataDir: dir, Disposable: true})
}

func startWith(t *testing.T, cfg pg.Config) *pg.Cluster {
	t.Helper()
	cfg.Log = func(line string) { t.Log(line) }
	cluster, err := pg.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, cluster) })
	return cluster
}

func stop(t *testing.T, cluster *pg.Cluster) {
	t.Helper()
	if err := cluster.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if exists(cluster.PID()) {
		t.Fatalf("server process %d survived Stop", cluster.PID())
	}
}

func exists(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(state), ") Z ")
}

func query(t *testing.T, dsn, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	text, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(text, ",")
}

func TestRestartKeepsDataPortAndPassword(t *testing.T) {
	dir := folder(t)
	first := start(t, dir)
	query(t, first.SuperDSN("postgres"), "CREATE TABLE kept AS SELECT 'yes' AS word")
	address := first.SuperDSN("postgres")
	stop(t, first)

	second := start(t, dir)
	if second.SuperDSN("postgres") != address {
		t.Errorf("address changed from %s to %s", address, second.SuperDSN("postgres"))
	}
	if got := query(t, address, "SELECT word FROM kept"); got != "yes" {
		t.Errorf("kept = %q after a restart", got)
	}
}

func TestClusterIsPrivateAndUTF8(t *testing.T) {
	dir := folder(t)
	cluster := start(t, dir)
	dsn := cluster.SuperDSN("postgres")
	for setting, want := range map[string]string{
		"server_encoding": "UTF8", "listen_addresses": "127.0.0.1", "password_encryption": "scram-sha-256", "TimeZone": "UTC",
	} {
		if got := query(t, dsn, "SHOW "+setting); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	if _, err := pgx.Connect(t.Context(), cluster.DSN(pg.Superuser, "wrong", "postgres")); err == nil {
		t.Error("a wrong password is let in")
	}
	info, err := os.Stat(filepath.Join(dir, "postgres", "password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v, %v; want mode 0600", info, err)
	}
}

func TestEnsureDatabaseIsRepeatableAndChangesThePassword(t *testing.T) {
	cluster := start(t, folder(t))
	for _, password := range []string{"one'; DROP", `two"%s`} {
		if err := cluster.EnsureDatabase(t.Context(), "linli", "linli", password); err != nil {
			t.Fatal(err)
		}
		if got := query(t, cluster.DSN("linli", password, "linli"), "SELECT current_user::text"); got != "linli" {
			t.Errorf("connected as %q", got)
		}
	}
	if err := cluster.EnsureDatabase(t.Context(), "other", "stranger", "pw"); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), cluster.DSN("stranger", "pw", "linli")); err == nil {
		t.Error("another role may enter the database")
	}
	if a, b := cluster.RolePassword("linli"), cluster.RolePassword("temporal"); a == b || len(a) < 32 {
		t.Errorf("role passwords %q and %q", a, b)
	}
}

func TestSecondStartIsRefusedWithoutHarm(t *testing.T) {
	dir := folder(t)
	cluster := start(t, dir)
	_, err := pg.Start(t.Context(), pg.Config{DataDir: dir})
	var running *pg.RunningError
	if !errors.As(err, &running) || running.PID != os.Getpid() {
		t.Fatalf("second start: %v; want a RunningError naming pid %d", err, os.Getpid())
	}
	if !strings.Contains(err.Error(), "已在运行") || !strings.Contains(err.Error(), "already running (pid") {
		t.Errorf("the refusal is not bilingual: %s", err)
	}
	if got := query(t, cluster.SuperDSN("postgres"), "SELECT 'well'"); got != "well" {
		t.Errorf("the first server answers %q", got)
	}
}

// killed runs a program that owns dir's cluster, kills it with SIGKILL and
// returns the pid of the server it had.
func killed(t *testing.T, dir string) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.Command(self)
	program.Env = append(os.Environ(), "PG_TEST_OWN="+dir)
	output, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	word, number, _ := strings.Cut(strings.TrimSpace(line), " ")
	pid, err := strconv.Atoi(number)
	if word != "up" || err != nil {
		t.Fatalf("the program said %q", line)
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait() // it was killed: its exit status is known
	return pid
}

func TestServerDiesWithItsKilledParent(t *testing.T) {
	pid := killed(t, folder(t))
	deadline := time.Now().Add(20 * time.Second)
	for exists(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("server %d outlived its killed parent", pid)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestRestartRightAfterAKilledParent(t *testing.T) {
	dir := folder(t)
	old := killed(t, dir)
	cluster := start(t, dir)
	if exists(old) {
		t.Errorf("the old server %d still runs beside the new one %d", old, cluster.PID())
	}
	if got := query(t, cluster.SuperDSN("postgres"), "SELECT 'well'"); got != "well" {
		t.Errorf("the server answers %q", got)
	}
}

func TestOrphanThatIgnoredTheFirstSignalIsStopped(t *testing.T) {
	dir := folder(t)
	first := start(t, dir)
	// A server that no living process holds the lock for: what remains if the
	// parent-death signal were lost.
	pg.Abandon(first)
	second := start(t, dir)
	if exists(first.PID()) {
		t.Errorf("orphan %d still runs beside %d", first.PID(), second.PID())
	}
}

func TestKilledServerIsNoticedAndLosesNothing(t *testing.T) {
	durable := pg.Config{DataDir: folder(t)}
	first := startWith(t, durable)
	query(t, first.SuperDSN("postgres"), "CREATE TABLE kept AS SELECT 'yes' AS word")
	if err := syscall.Kill(first.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-first.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("Done is not closed though the server was killed")
	}
	stop(t, first)
	second := startWith(t, durable)
	if got := query(t, second.SuperDSN("postgres"), "SELECT word FROM kept"); got != "yes" {
		t.Errorf("kept = %q after recovery", got)
	}
}

func TestStalePIDFileNamingALivingStrangerIsNoObstacle(t *testing.T) {
	dir := folder(t)
	stop(t, start(t, dir))
	file := filepath.Join(dir, "postgres", "cluster", "postmaster.pid")
	if err := os.WriteFile(file, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
}

func TestDataOfAnotherMajorVersionIsNotOpened(t *testing.T) {
	dir := folder(t)
	t.Setenv("PATH", "") // neither apt-get nor npm may be tried
	data := filepath.Join(dir, "postgres", "cluster")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pg.Start(t.Context(), pg.Config{DataDir: dir})
	if err == nil {
		t.Fatal("data of version 9 was opened")
	}
	for _, way := range []string{"PostgreSQL 9", "/usr/lib/postgresql", "apt-get", "@embedded-postgres"} {
		if !strings.Contains(err.Error(), way) {
			t.Errorf("the refusal does not name %s: %v", way, err)
		}
	}
}

func TestLongDataPathStillHasASocket(t *testing.T) {
	dir := filepath.Join(folder(t), strings.Repeat("long", 30))
	cluster := start(t, dir)
	sockets := query(t, cluster.SuperDSN("postgres"), "SHOW unix_socket_directories")
	t.Cleanup(func() {
		if err := os.RemoveAll(sockets); err != nil {
			t.Error(err)
		}
	})
	conn, err := pgx.Connect(t.Context(), fmt.Sprintf("host=%s port=%d user=postgres database=postgres password=wrong", sockets, cluster.Port()))
	if err == nil {
		conn.Close(context.Background())
		t.Fatal("the socket lets a wrong password in")
	}
	if !strings.Contains(err.Error(), "password authentication failed") {
		t.Errorf("the server did not answer on its socket: %v", err)
	}
}

func TestAttachReachesARunningCluster(t *testing.T) {
	dir := folder(t)
	if _, err := pg.Attach(dir); err == nil {
		t.Error("attached to a folder without a cluster")
	}
	running := start(t, dir)
	attached, err := pg.Attach(dir)
	if err != nil {
		t.Fatal(err)
	}
	if attached.SuperDSN("postgres") != running.SuperDSN("postgres") || attached.RolePassword("r") != running.RolePassword("r") {
		t.Error("an attached cluster has other addresses or passwords")
	}
}
