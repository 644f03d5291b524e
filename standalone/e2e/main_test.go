package e2e

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"linli/standalone/e2e/stack"
)

var record = flag.Bool("record", false, "write the histories of TestRecord to workflows/testdata/histories")

// storiesAtOnce: they wait for clocks and for each other's processes more than
// they compute.
const storiesAtOnce = "6"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", storiesAtOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := stack.Forget(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
