package chaos_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"linli/internal/crashpoint"
)

// life is how one life of a process is to go.
type life struct {
	point string        // where it dies by itself, "name:nth"; "" for nowhere
	pause time.Duration // between its death and the next life
}

// death is one end of a process.
type death struct {
	process string
	meant   string // the place this life was to die at, if any
	point   string // the same if it died there, "" when killed from outside
	at      time.Time
	killed  bool // by SIGKILL; else it gave up, as without its database
}

// process is a part of the system that is started again whenever it ends, as
// a deployment would.
type process struct {
	name   string
	args   []string
	env    []string
	lives  func() life
	deaths func(death)
	log    *os.File

	mu       sync.Mutex
	running  *exec.Cmd
	outside  bool // the running life was killed from outside
	current  life
	since    time.Time
	lived    int    // lives begun
	end      string // of the last life
	stopping chan struct{}
	ended    chan struct{}
}

func (p *process) start(t testing.TB, logs string) {
	t.Helper()
	var err error
	if p.log, err = os.OpenFile(filepath.Join(logs, p.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		t.Fatal(err)
	}
	p.stopping, p.ended = make(chan struct{}), make(chan struct{})
	go p.run()
	t.Cleanup(p.stop)
}

// run lives on one thread: the parent-death signal is tied to it.
func (p *process) run() {
	runtime.LockOSThread()
	defer close(p.ended)
	for {
		next := p.lives()
		pause := p.live(next)
		select {
		case <-p.stopping:
			return
		case <-time.After(pause):
		}
	}
}

func (p *process) live(l life) (pause time.Duration) {
	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Env = append(append(os.Environ(), p.env...), crashpoint.Variable+"="+l.point)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.mu.Lock()
	select {
	case <-p.stopping:
		p.mu.Unlock()
		return 0
	default:
	}
	err := cmd.Start()
	if err == nil {
		p.running, p.outside, p.current, p.since = cmd, false, l, time.Now()
		p.lived++
	}
	p.mu.Unlock()
	if err != nil {
		fmt.Fprintln(p.log, "starting:", err)
		return time.Second
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
	d := death{process: p.name, meant: l.point, at: time.Now(), killed: killed}
	p.mu.Lock()
	if killed && !p.outside {
		d.point = l.point
	}
	p.running, p.end = nil, fmt.Sprintf("%v, point %q", err, d.point)
	p.mu.Unlock()
	fmt.Fprintf(p.log, "--- ended: %v, point %q\n", err, d.point)
	p.deaths(d)
	if !killed {
		return 300 * time.Millisecond
	}
	return l.pause
}

// due reports whether the running life, not older than that, may still die
// where it was told to, if that is one of these points or they are nil.
func (p *process) due(points []string, age time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, _, _ := strings.Cut(p.current.point, ":")
	wanted := at != "" && (points == nil || slices.Contains(points, at))
	return p.running != nil && wanted && time.Since(p.since) < age
}

// kill ends the running life, if there is one.
func (p *process) kill() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return false
	}
	p.outside = true
	return p.running.Process.Kill() == nil
}

func (p *process) stop() {
	p.mu.Lock()
	close(p.stopping)
	if p.running != nil {
		_ = p.running.Process.Kill() // it may have ended this moment
	}
	p.mu.Unlock()
	<-p.ended
	_ = p.log.Close()
}
