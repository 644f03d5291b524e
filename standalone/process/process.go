// Package process runs Linli for tests as a deployment does: the program built
// once, started as real processes with settings in their environment, killed
// at any moment or asked to end.
//
// A process dies with the test that started it. What it wrote is told when the
// test fails.
package process

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a process may take to end on a machine that is busy;
// the program gives running work 20 s.
const patience = 40 * time.Second

// Build compiles the program linli and returns its path. It ends with the test.
func Build(t testing.TB) string {
	t.Helper()
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "linli").Output()
	if err != nil {
		t.Fatalf("finding the main module: %v", err)
	}
	program := filepath.Join(t.TempDir(), "linli")
	build := exec.Command("go", "build", "-o", program, "./cmd/linli")
	build.Dir = strings.TrimSpace(string(module))
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building linli: %v\n%s", err, said)
	}
	return program
}

// Process is one running process.
type Process struct {
	Name string

	cmd   *exec.Cmd
	said  said
	ended chan struct{}
	err   error // of Wait; read after ended
}

// Start runs the program with these settings and no others.
func Start(t testing.TB, name, program string, settings []string, args ...string) *Process {
	t.Helper()
	p := &Process{Name: name, ended: make(chan struct{})}
	p.cmd = exec.Command(program, args...)
	p.cmd.Env = append([]string{}, settings...)
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	go p.live(started)
	if err := <-started; err != nil {
		t.Fatalf("starting %s: %v", name, err)
	}
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s said last:\n%s", name, p.said.tail())
		}
	})
	return p
}

// live keeps to one thread: the death signal of the child is tied to it.
func (p *Process) live(started chan<- error) {
	runtime.LockOSThread()
	defer close(p.ended)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.err = p.cmd.Wait()
	}
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the process with SIGKILL and waits until it is gone; one that is
// gone already stays so.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended this moment
	<-p.ended
}

// End asks the process to end, as an orchestrator does, and waits: it must do
// so in time and without an error.
func (p *Process) End(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("%s was gone before it was asked to end: %v", p.Name, err)
		return
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Errorf("%s did not end in %s", p.Name, patience)
		return
	}
	if p.err != nil {
		t.Errorf("%s ended with: %v", p.Name, p.err)
	}
}

// Killed tells whether SIGKILL ended the process, rather than a fault of its
// own; it waits for the end.
func (p *Process) Killed() bool {
	<-p.ended
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signal() == syscall.SIGKILL
}

// said is what a process wrote; safe while it still writes.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps what the process writes.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

const tailSize = 4 << 10

func (s *said) tail() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.text.Bytes()
	return string(text[max(0, len(text)-tailSize):])
}
