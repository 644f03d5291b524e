package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestMain lets a test run this binary as the program itself: what is promised
// is about processes, so processes are what is tested.
func TestMain(m *testing.M) {
	if args := os.Getenv("STANDALONE_TEST_ARGS"); args != "" {
		os.Exit(command(strings.Split(args, "\n")))
	}
	os.Exit(m.Run())
}

type program struct {
	cmd    *exec.Cmd
	output *bufio.Reader
	errors bytes.Buffer
	said   strings.Builder
}

func launch(t *testing.T, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{cmd: exec.Command(self)}
	p.cmd.Env = append(os.Environ(), "STANDALONE_TEST_ARGS="+strings.Join(args, "\n"))
	p.cmd.Stderr = &p.errors
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.output = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // only still there when the test failed
	return p
}

// until reads what the program says up to a line with the given word.
func (p *program) until(t *testing.T, word string) {
	t.Helper()
	for {
		line, err := p.output.ReadString('\n')
		p.said.WriteString(line)
		if strings.Contains(line, word) {
			return
		}
		if err != nil {
			t.Fatalf("the program ended without saying %q:\n%s%s", word, &p.said, &p.errors)
		}
	}
}

func (p *program) exit(t *testing.T) int {
	t.Helper()
	rest, err := io.ReadAll(p.output)
	if err != nil {
		t.Fatal(err)
	}
	p.said.Write(rest)
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *program) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "linli-standalone-")
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

// postmaster returns the database server's process id.
func postmaster(t *testing.T, data string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "postgres", "cluster", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func exists(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(state), ") Z ")
}

// super runs SQL as the administrator, whose password is in the data folder.
func super(t *testing.T, data, sql string) string {
	t.Helper()
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(data, "postgres", name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	conn, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%s/linli", read("password"), read("port")))
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

const sampled = "SELECT (SELECT count(*) FROM cases) || ' cases, ' || (SELECT count(*) FROM accounts) || ' people, ' || (SELECT count(*) FROM operations) || ' writes'"

func TestOneMachineThroughItsLife(t *testing.T) {
	data := folder(t)
	first := launch(t, "run", "--data", data)
	first.until(t, "ready, Ctrl-C stops")
	super(t, data, "CREATE TABLE kept AS SELECT 'yes' AS word")

	second := launch(t, "run", "--data", data)
	if code := second.exit(t); code != 1 || !strings.Contains(second.errors.String(), fmt.Sprintf("already running (pid %d", first.cmd.Process.Pid)) {
		t.Errorf("a second start ended with %d and said %s", code, &second.errors)
	}

	cases := super(t, data, sampled)

	first.signal(t, syscall.SIGKILL)
	first.exit(t)
	if err := os.WriteFile(filepath.Join(data, "sample-data.version"), []byte("of an older program\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	third := launch(t, "run", "--data", data)
	third.until(t, "ready, Ctrl-C stops")
	if got := super(t, data, "SELECT word FROM kept"); got != "yes" {
		t.Errorf("kept = %q after kill -9", got)
	}
	if said, got := third.said.String(), super(t, data, sampled); !strings.Contains(said, "another version of the sample data") || got != cases {
		t.Errorf("over older sample data, %s, the program said\n%s\nand left %s", cases, said, got)
	}

	server := postmaster(t, data)
	third.signal(t, syscall.SIGINT)
	if code := third.exit(t); code != 0 {
		t.Errorf("exit code %d after SIGINT: %s", code, &third.errors)
	}
	if exists(server) {
		t.Errorf("database server %d survived SIGINT to the program", server)
	}
	if said := third.said.String(); strings.Index(said, "stopping Temporal") > strings.Index(said, "stopping PostgreSQL") {
		t.Errorf("not stopped in reverse order:\n%s", said)
	}
}

func TestLostDatabaseEndsTheProgramAndSecondInterruptCutsShort(t *testing.T) {
	data := folder(t)
	p := launch(t, "run", "--data", data)
	p.until(t, "ready, Ctrl-C stops")
	if err := syscall.Kill(postmaster(t, data), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.until(t, "stopping Temporal")
	p.signal(t, syscall.SIGINT)
	p.signal(t, syscall.SIGTERM) // two of one kind may arrive as one
	code := p.exit(t)
	for _, part := range []string{"ended unexpectedly", "did not wait for it to stop"} {
		if code != 1 || !strings.Contains(p.errors.String(), part) {
			t.Errorf("exit code %d, no %q in what it said: %s", code, part, &p.errors)
		}
	}
}

func TestInterruptDuringTheStartIsNoError(t *testing.T) {
	data := folder(t)
	p := launch(t, "run", "--data", data)
	p.until(t, "creating the database cluster")
	p.signal(t, syscall.SIGINT)
	if code := p.exit(t); code != 0 {
		t.Errorf("exit code %d: %s", code, &p.errors)
	}
	again := launch(t, "run", "--data", data)
	again.until(t, "ready, Ctrl-C stops")
	again.signal(t, syscall.SIGINT)
	if code := again.exit(t); code != 0 {
		t.Errorf("the start after an interrupted one ended with %d: %s", code, &again.errors)
	}
}

func TestWrongArgumentsShowTheUsage(t *testing.T) {
	for _, args := range [][]string{{"walk"}, {"run", "--nonsense"}, {"run", "extra"}} {
		p := launch(t, args...)
		if code := p.exit(t); code != 2 || !strings.Contains(p.errors.String(), "linli-standalone run [--data DIR]") {
			t.Errorf("%v: exit code %d, said %s", args, code, &p.errors)
		}
	}
}
