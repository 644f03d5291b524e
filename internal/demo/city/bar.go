package city

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// bar shows how far a part of the city is, how fast it goes and how long it
// will take: in one line that is drawn over on a terminal, line by line
// elsewhere.
type bar struct {
	out   io.Writer
	live  bool
	every time.Duration
	title string
	total int
	begun time.Time
	now   func() time.Time
}

func (r *run) bar(title string, total int) *bar {
	b := &bar{out: r.Out, live: r.Live, every: 10 * time.Second, title: title, total: total, begun: time.Now(), now: time.Now}
	if b.live {
		b.every = 250 * time.Millisecond
	}
	return b
}

const barWidth = 24

func (b *bar) line(done int) string {
	spent := b.now().Sub(b.begun)
	filled := barWidth
	if b.total > 0 {
		filled = barWidth * done / b.total
	}
	line := fmt.Sprintf("%s [%s%s] %d/%d", b.title, strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled), done, b.total)
	rate := float64(done) / max(spent.Seconds(), 0.001)
	switch {
	case done == b.total:
		line += fmt.Sprintf("  %.1f/s  用时 / took %s", rate, spent.Round(100*time.Millisecond))
	case done == 0:
		line += "  …"
	default:
		left := time.Duration(float64(b.total-done) / rate * float64(time.Second))
		line += fmt.Sprintf("  %.1f/s  剩余约 / about %s left", rate, left.Round(time.Second))
	}
	return line
}

func (b *bar) show(done int) {
	if b.live {
		fmt.Fprint(b.out, "\r\033[K"+b.line(done))
		return
	}
	fmt.Fprintln(b.out, b.line(done))
}

func (b *bar) end(done int) {
	b.show(done)
	if b.live {
		fmt.Fprintln(b.out)
	}
}
