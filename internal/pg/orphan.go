package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopOrphan ends a server that outlived the process that started it. The
// folder's lock is held, so whatever postmaster.pid names has no master. Of a
// dead server only the file is left; it is removed when its pid belongs to
// somebody else by now, since PostgreSQL would take that process for a server.
func (p place) stopOrphan(ctx context.Context, log func(string)) error {
	file := filepath.Join(p.cluster(), "postmaster.pid")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading postmaster.pid: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return fmt.Errorf("postmaster.pid begins with %q, not with a process id", first)
	}
	if !p.serves(pid) {
		if alive(pid) {
			return os.Remove(file)
		}
		return nil
	}
	log(fmt.Sprintf("正在停止上次遗留的 PostgreSQL（进程 %[1]d）… / stopping the PostgreSQL a killed run left behind (pid %[1]d)…", pid))
	for _, sig := range []syscall.Signal{fast, immediate, syscall.SIGKILL} {
		if p.end(ctx, pid, sig) {
			return nil
		}
	}
	return fmt.Errorf("无法停止遗留的 PostgreSQL 进程 %[1]d / PostgreSQL process %[1]d does not stop", pid)
}

// end reports whether the server was gone within the patience one signal gets.
func (p place) end(ctx context.Context, pid int, sig syscall.Signal) bool {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	_ = syscall.Kill(pid, sig) // it may end between the look and the signal
	for p.serves(pid) {
		if pause(ctx) != nil {
			return false
		}
	}
	return true
}

// serves reports whether pid is the postmaster of this very cluster: the
// server makes the data directory its working directory.
func (p place) serves(pid int) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil || cwd != p.cluster() {
		return false
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.HasPrefix(string(name), "postgres")
}

func alive(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
