// Command linli-standalone is the whole system in one program for one machine:
// a private PostgreSQL, a Temporal server inside the process and, on top of
// both, Linli itself. Everything it needs to remember is in one data folder.
//
// The first interrupt stops the parts in reverse order and waits for them; the
// second one cuts the waiting short. Either way no process is left behind.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `用法 / usage: linli-standalone run [--data DIR]

  --data DIR   数据目录，默认 .linli / data folder, default .linli
`

func main() {
	os.Exit(command(os.Args[1:]))
}

func command(args []string) int {
	options := flag.NewFlagSet("linli-standalone run", flag.ContinueOnError)
	options.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	data := options.String("data", ".linli", "")
	if len(args) == 0 || args[0] != "run" {
		options.Usage()
		return 2
	}
	if err := options.Parse(args[1:]); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil || options.NArg() > 0 {
		options.Usage()
		return 2
	}
	running, stopping := interrupts()
	if err := run(running, stopping, *data); err != nil {
		fmt.Fprintf(os.Stderr, "\n出错 / error: %v\n", err)
		return 1
	}
	return 0
}

// interrupts returns two contexts: the first interrupt ends the first, the
// second interrupt ends the second.
func interrupts() (running, stopping context.Context) {
	running, stop := context.WithCancel(context.Background())
	stopping, cut := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		stop()
		<-signals
		cut()
	}()
	return running, stopping
}
