// Package crashpoint ends the process at a named line, so that a test can show
// what is left behind there. LINLI_CRASHPOINT=name:n kills it with SIGKILL the
// n-th time it passes Here(name); nothing is flushed, closed or rolled back.
//
// Without the variable a point is one comparison and has no effect. A value
// that cannot be read is as good as none: a typo must not stop a deployment.
package crashpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Variable arms a point when the process starts.
const Variable = "LINLI_CRASHPOINT"

var (
	armed string
	left  atomic.Int64
)

func init() {
	name, nth, _ := strings.Cut(os.Getenv(Variable), ":")
	if n, err := strconv.ParseInt(nth, 10, 64); err == nil && n > 0 {
		armed = name
		left.Store(n)
	}
}

// Here is a point a process may be killed at; its name is unique in Linli.
func Here(name string) {
	if armed != name || left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // a process may always kill itself
	select {}                                      // not one instruction further
}
