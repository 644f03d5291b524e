package pg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"linli/internal/port"
)

// PostgreSQL's own names of its ways down.
const (
	fast      = syscall.SIGINT  // ends sessions, writes a checkpoint
	immediate = syscall.SIGQUIT // ends at once, recovers on the next start
)

// startWait covers crash recovery after a power cut, not only a clean start.
const startWait = 3 * time.Minute

// errStillInUse is a start too soon: the server processes of a killed
// postmaster have not all noticed its death yet.
var errStillInUse = errors.New("an earlier server's processes are still ending")

// postmaster is the server's main process, a child of this one.
type postmaster struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // its exit, readable after done
}

func (c *Cluster) launch(ctx context.Context, bin string, cfg Config) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	begun := time.Now()
	for {
		err := c.launchOnce(ctx, bin, cfg)
		if err == nil {
			cfg.Log(fmt.Sprintf("PostgreSQL 已启动，端口 %[1]d（%[2]s） / PostgreSQL is up on port %[1]d (%[2]s)", c.port, elapsed(begun)))
			return nil
		}
		if !errors.Is(err, errStillInUse) || pause(ctx) != nil {
			return err
		}
	}
}

func (c *Cluster) launchOnce(ctx context.Context, bin string, cfg Config) error {
	chosen, err := c.place.choosePort()
	if err != nil {
		return err
	}
	sockets, err := c.place.sockets()
	if err != nil {
		return fmt.Errorf("making the socket folder: %w", err)
	}
	log, err := os.OpenFile(c.place.log(), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the database log: %w", err)
	}
	defer log.Close()
	begin, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	cmd := c.place.owner.command(context.Background(), filepath.Join(bin, "postgres"), settings(c.place.cluster(), sockets, chosen, cfg.Disposable)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr.Pdeathsig = fast
	if cfg.Disposable {
		cmd.SysProcAttr.Pdeathsig = immediate
	}
	c.port = chosen
	if c.server, err = spawn(cmd); err != nil {
		return fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	return c.ready(ctx, log, begin)
}

// spawn starts the server and waits for it on one thread of its own: the
// parent-death signal is tied to the starting thread, and Go would be free to
// end any other one while this process lives on.
func spawn(cmd *exec.Cmd) (*postmaster, error) {
	server := &postmaster{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			server.err = cmd.Wait()
			close(server.done)
		}
	}()
	return server, <-started
}

// ready waits until the server takes the superuser's connection.
func (c *Cluster) ready(ctx context.Context, log *os.File, begin int64) error {
	for {
		conn, err := pgx.Connect(ctx, c.SuperDSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.server.done:
			return startFailure(c.server.err, log, begin)
		default:
		}
		if pause(ctx) != nil {
			c.server.kill(immediate)
			<-c.server.done
			return errors.Join(fmt.Errorf("waiting for PostgreSQL: %w", err), startFailure(ctx.Err(), log, begin))
		}
	}
}

func startFailure(cause error, log *os.File, begin int64) error {
	text, err := io.ReadAll(io.NewSectionReader(log, begin, 4096))
	if err != nil {
		return errors.Join(cause, err)
	}
	if strings.Contains(string(text), "pre-existing shared memory block") {
		return errStillInUse
	}
	return fmt.Errorf("PostgreSQL 启动失败 / PostgreSQL did not start: %w\n%s", cause, text)
}

// stop asks for a fast shutdown, then, past ctx's deadline, for an immediate one.
func (m *postmaster) stop(ctx context.Context) error {
	m.kill(fast)
	select {
	case <-m.done:
		return nil // the exit status after a requested stop says nothing new
	case <-ctx.Done():
	}
	m.kill(immediate)
	select {
	case <-m.done:
	case <-time.After(5 * time.Second):
		m.kill(syscall.SIGKILL)
		<-m.done
	}
	return fmt.Errorf("PostgreSQL did not stop in time and was cut off: %w", ctx.Err())
}

func (m *postmaster) kill(sig syscall.Signal) {
	select {
	case <-m.done: // its pid may already belong to somebody else
	default:
		_ = m.cmd.Process.Signal(sig) // it can only fail because the process has just ended
	}
}

func (p place) choosePort() (int, error) {
	last := 0
	if text, err := os.ReadFile(p.portFile()); err == nil {
		last, _ = strconv.Atoi(strings.TrimSpace(string(text))) // unreadable: choose anew
	}
	chosen, err := port.Free(last)
	if err != nil {
		return 0, err
	}
	return chosen, os.WriteFile(p.portFile(), []byte(strconv.Itoa(chosen)+"\n"), 0o644)
}

// settings are given on the command line, so that the files of the cluster
// stay as initdb wrote them and every start applies the current ones.
func settings(cluster, sockets string, port int, disposable bool) []string {
	values := []string{
		"port=" + strconv.Itoa(port),
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=" + sockets,
		"unix_socket_permissions=0700",
		"max_connections=250", // four Temporal services with a pool each, the program's own, and people
		"timezone=UTC",
		"log_timezone=UTC",
		"log_checkpoints=off",
		"log_line_prefix=%m [%p] %q%u@%d ",
	}
	if disposable {
		values = append(values, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"shared_buffers=32MB", "max_wal_size=256MB", "log_min_messages=fatal")
	}
	args := []string{"-D", cluster}
	for _, value := range values {
		args = append(args, "-c", value)
	}
	return args
}

// pause waits between two looks at something that gives no notice.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(30 * time.Millisecond):
		return nil
	}
}
