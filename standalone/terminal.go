package main

import (
	"fmt"
	"time"
)

// heartbeat is how often a long step says that it is still going on.
const heartbeat = 5 * time.Second

// terminal prints what the program is doing, each line with the seconds since
// the start.
type terminal struct{ begun time.Time }

func newTerminal() *terminal { return &terminal{begun: time.Now()} }

func (t *terminal) say(line string) {
	fmt.Printf("[%6.1f s] %s\n", time.Since(t.begun).Seconds(), line)
}

// step announces what f does and says every few seconds that it goes on.
func (t *terminal) step(what string, f func() error) error {
	t.say(what + "…")
	begun := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
			t.say(fmt.Sprintf("%s… 已 %.0[2]f 秒 / %.0[2]f s so far", what, time.Since(begun).Seconds()))
		}
	}
}
