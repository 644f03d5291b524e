package crashpoint_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"linli/internal/crashpoint"
)

// TestMain lets the test run this binary as the process that is to die.
func TestMain(m *testing.M) {
	if os.Getenv("CRASHPOINT_TEST_CHILD") == "" {
		os.Exit(m.Run())
	}
	for _, name := range []string{"a", "b", "a", "a"} {
		os.Stdout.WriteString(name)
		crashpoint.Here(name)
	}
}

func TestTheProcessDiesAtTheNamedPassage(t *testing.T) {
	for _, test := range []struct{ armed, passed string }{
		{"a:1", "a"}, {"a:2", "aba"}, {"b:1", "ab"},
		{"", "abaa"}, {"a", "abaa"}, {"a:0", "abaa"}, {"a:x", "abaa"}, {"c:1", "abaa"}, {"b:2", "abaa"},
	} {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "CRASHPOINT_TEST_CHILD=1", crashpoint.Variable+"="+test.armed)
		said, err := child.Output()
		var exit *exec.ExitError
		killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		if err != nil && !killed {
			t.Fatalf("%q: %v", test.armed, err)
		}
		passed, _, _ := strings.Cut(string(said), "\n")
		if passed != test.passed || killed != (test.passed != "abaa") {
			t.Errorf("%q: passed %q, killed %v; want %q", test.armed, passed, killed, test.passed)
		}
	}
}
