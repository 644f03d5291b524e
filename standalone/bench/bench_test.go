package bench_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/bench"
)

// sizes are how much is measured.
type sizes struct {
	full    bool
	clients []int
	rounds  int           // slices of each line at each number of clients
	slice   time.Duration // of acts
	cases   time.Duration // of whole cases
	open    int           // cases opened beforehand per line
	acts    int           // on each of them
	inbox   int           // open tasks
	funds   int           // the ledger is spread over
	waiting int           // cases waiting at the restart
}

// small is real in everything but its numbers.
var small = sizes{
	clients: []int{1, 2}, rounds: 1, slice: 400 * time.Millisecond, cases: 2 * time.Second,
	open: 4, acts: 8, inbox: 600, funds: 2, waiting: 6,
}

func wanted(t testing.TB) sizes {
	if os.Getenv("BENCH") != "full" {
		return small
	}
	s := sizes{
		full: true, rounds: number(t, "BENCH_ROUNDS", 3), slice: length(t, "BENCH_SLICE", 5*time.Second), cases: length(t, "BENCH_CASES", 8*time.Second),
		open: number(t, "BENCH_OPEN", 400), acts: 25, inbox: number(t, "BENCH_INBOX", 100_000), funds: number(t, "BENCH_FUNDS", 64), waiting: number(t, "BENCH_WAITING", 10_000),
	}
	for _, each := range strings.Fields(cmp.Or(os.Getenv("BENCH_CLIENTS"), "1 8 32")) {
		var clients int
		if _, err := fmt.Sscan(each, &clients); err != nil || clients < 1 {
			t.Fatalf("BENCH_CLIENTS: %q is not a number of clients", each)
		}
		s.clients = append(s.clients, clients)
	}
	return s
}

// run is one measurement of everything.
type run struct {
	*system
	sizes
	people *bench.People
	lines  []*bench.Line
}

// TestBench measures. Every line is played by the same loop on the same
// machine, in turn; what is printed is what docs/performance.md shows.
func TestBench(t *testing.T) {
	begun := time.Now()
	r := &run{sizes: wanted(t), system: start(t)}
	people, err := bench.Assemble(t.Context(), r.config.PublicURL, shortDay)
	r.must("assembling the people", err)
	r.people = people
	r.say("%s", machine())
	r.say("started in %.0f s", time.Since(begun).Seconds())
	r.enlist(bench.WholeActs)
	r.wholeCases()
	r.histories()
	r.memory()
	r.stopLinli() // deadlines are the calendar's from here on
	r.startLinli(0)
	r.enlist(r.acts)
	r.actsAlone()
	r.memory()
	r.ledger()
	r.inboxes()
	r.restart()
	r.say("took %.0f s in all", time.Since(begun).Seconds())
}

// enlist makes the four lines; acts is how many a case of the bare ones takes.
func (r *run) enlist(acts int) {
	r.lines = []*bench.Line{
		bench.NewBare(r.engine, "a", "Temporal, bare Update", acts, false),
		bench.NewBare(r.engine, "b", "Temporal, Update + one row", acts, true),
		bench.NewLinli(r.people, "c", "Linli through HTTP", acts),
		bench.NewPlain(r.rows, "d", "PostgreSQL transaction", acts),
	}
}

func (r *run) say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// machine is what it was measured on.
func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, found := strings.CutPrefix(line, "model name"); found {
				model = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
				break
			}
		}
	}
	release, _ := exec.Command("uname", "-sr").Output()
	load, _ := os.ReadFile("/proc/loadavg")
	return fmt.Sprintf("\n%s; %d × %s; %s; %s; load at the start %s", time.Now().UTC().Format("2006-01-02 15:04 MST"),
		runtime.NumCPU(), model, strings.TrimSpace(string(release)), runtime.Version(), strings.Join(strings.Fields(string(load))[:3], " "))
}

// interleaved plays the lines in turn, round after round, at each number of
// clients, and prints them side by side.
func (r *run) interleaved(title string, heading []string, play func(line *bench.Line, clients int, length time.Duration) (bench.Sample, error), length time.Duration, row func(line *bench.Line, sample, bare bench.Sample) []string) {
	r.t.Helper()
	var rows, costs [][]string
	for _, clients := range r.clients {
		samples := make([]bench.Sample, len(r.lines))
		used := make([]map[string]time.Duration, len(r.lines))
		for round := range r.rounds + 1 {
			for i, line := range r.lines {
				before := r.used()
				sample, err := play(line, clients, length)
				r.must(fmt.Sprintf("playing %s with %d clients", line.Name, clients), err)
				if round == 0 && r.full { // the first round warms up
					continue
				}
				samples[i].Add(sample)
				used[i] = added(used[i], before, r.used())
			}
		}
		for i, line := range r.lines {
			rows = append(rows, append([]string{fmt.Sprint(clients), line.Key + " " + line.Name}, row(line, samples[i], samples[0])...))
			costs = append(costs, append([]string{fmt.Sprint(clients), line.Key + " " + line.Name}, r.shares(used[i], len(samples[i].Took))...))
		}
	}
	r.say("\n%s\n\n%s", title, bench.Table(append([]string{"clients", "line"}, heading...), rows))
	names := []string{"clients", "line", "in all"}
	for _, part := range r.parts() {
		names = append(names, part.name)
	}
	r.say("\nwhere the time goes: processor ms per act / 每项操作的处理器时间\n\n%s", bench.Table(names, costs))
}

// part is a process that is measured.
type part struct {
	name string
	pid  int
}

func (r *run) parts() []part {
	return []part{
		{"API", r.api.PID()}, {"worker", r.worker.PID()}, {"Temporal", r.temporal.PID()}, {"PostgreSQL", r.cluster.PID()},
		{"bank", r.bank.PID()}, {"bare worker", r.bare.PID()}, {"clients", os.Getpid()},
	}
}

// used is the processor time of every part until now. PostgreSQL and the parts
// are children of the clients' process, but count for themselves.
func (r *run) used() map[string]time.Duration {
	r.t.Helper()
	used := map[string]time.Duration{}
	for _, part := range r.parts() {
		read := bench.CPU
		if part.pid == os.Getpid() {
			read = bench.OwnCPU
		}
		spent, err := read(part.pid)
		r.must("reading the processor time of "+part.name, err)
		used[part.name] = spent
	}
	return used
}

func added(sum, before, after map[string]time.Duration) map[string]time.Duration {
	if sum == nil {
		sum = map[string]time.Duration{}
	}
	for name := range after {
		sum[name] += after[name] - before[name]
	}
	return sum
}

// shares are what one act cost, in all and part by part.
func (r *run) shares(used map[string]time.Duration, acts int) []string {
	var all time.Duration
	cells := []string{""}
	for _, part := range r.parts() {
		all += used[part.name]
		cells = append(cells, bench.Millis(used[part.name]/time.Duration(max(1, acts))))
	}
	cells[0] = bench.Millis(all / time.Duration(max(1, acts)))
	return cells
}

func (r *run) wholeCases() {
	ctx := r.t.Context()
	r.interleaved("whole cases / 完整事项", []string{"cases/s", "ratio to a", "acts/s", "ratio to a", "p50 ms", "p95 ms", "p99 ms", "p50 ratio"},
		func(line *bench.Line, clients int, length time.Duration) (bench.Sample, error) {
			return line.Cases(ctx, clients, length)
		}, r.cases,
		func(_ *bench.Line, s, bare bench.Sample) []string {
			return []string{fmt.Sprintf("%.1f", s.CaseRate()), bench.Ratio(s.CaseRate(), bare.CaseRate()), fmt.Sprintf("%.1f", s.Rate()), bench.Ratio(s.Rate(), bare.Rate()),
				bench.Millis(s.Quantile(0.5)), bench.Millis(s.Quantile(0.95)), bench.Millis(s.Quantile(0.99)), bench.Ratio(s.Quantile(0.5).Seconds(), bare.Quantile(0.5).Seconds())}
		})
}

// histories are those of whole cases.
func (r *run) histories() {
	ctx := r.t.Context()
	var rows [][]string
	for _, line := range r.lines[:3] {
		whole, err := bench.OpenAndPlay(ctx, line)
		r.must("playing a case of "+line.Key, err)
		events, size, err := bench.History(ctx, r.engine, whole)
		r.must("reading a history of "+line.Key, err)
		rows = append(rows, []string{line.Key + " " + line.Name, fmt.Sprint(events), fmt.Sprintf("%.1f", float64(size)/1000)})
	}
	r.say("\nhistory of one whole case / 一件事项的历史\n\n%s", bench.Table([]string{"line", "events", "kB"}, rows))
}

func (r *run) actsAlone() {
	ctx := r.t.Context()
	for _, line := range r.lines {
		r.must("opening cases of "+line.Key, line.Fill(ctx, r.open, 16))
	}
	r.interleaved("acts on open cases / 单项操作", []string{"acts/s", "ratio to a", "p50 ms", "p95 ms", "p99 ms", "p50 ratio", "opened meanwhile"},
		func(line *bench.Line, clients int, length time.Duration) (bench.Sample, error) {
			return line.Acts(ctx, clients, length)
		}, r.slice,
		func(_ *bench.Line, s, bare bench.Sample) []string {
			return []string{fmt.Sprintf("%.1f", s.Rate()), bench.Ratio(s.Rate(), bare.Rate()), bench.Millis(s.Quantile(0.5)), bench.Millis(s.Quantile(0.95)), bench.Millis(s.Quantile(0.99)),
				bench.Ratio(s.Quantile(0.5).Seconds(), bare.Quantile(0.5).Seconds()), fmt.Sprint(s.Opened)}
		})
}

func (r *run) memory() {
	var rows [][]string
	for _, each := range r.parts() {
		if each.pid == r.cluster.PID() {
			continue
		}
		resident, err := bench.Memory(each.pid)
		r.must("measuring "+each.name, err)
		rows = append(rows, []string{each.name, fmt.Sprintf("%.0f", float64(resident)/(1<<20))})
	}
	if family, err := bench.FamilyMemory(r.cluster.PID()); err == nil { // it may belong to another user
		rows = append(rows, []string{"PostgreSQL, all processes", fmt.Sprintf("%.0f", float64(family)/(1<<20))})
	}
	r.say("\nmemory / 内存\n\n%s", bench.Table([]string{"process", "MiB"}, rows))
}

func (r *run) ledger() {
	ctx := r.t.Context()
	funds, err := bench.OpenFunds(ctx, r.books, r.funds)
	r.must("opening funds", err)
	var rows [][]string
	for _, writers := range r.clients {
		for _, each := range []struct {
			name  string
			funds []string
		}{{fmt.Sprintf("spread over %d funds", len(funds)), funds}, {"one hot fund", funds[:1]}} {
			s, err := bench.Ledger(ctx, r.store, each.funds, writers, r.slice)
			r.must("booking", err)
			rows = append(rows, []string{fmt.Sprint(writers), each.name, fmt.Sprintf("%.0f", s.Rate()), bench.Millis(s.Quantile(0.5)), bench.Millis(s.Quantile(0.95)), bench.Millis(s.Quantile(0.99))})
		}
	}
	r.say("\nledger, reserves / 账本\n\n%s", bench.Table([]string{"writers", "funds", "tx/s", "p50 ms", "p95 ms", "p99 ms"}, rows))
}

func (r *run) inboxes() {
	ctx := r.t.Context()
	super := r.cluster.SuperDSN(databaseName)
	r.must("filling inboxes", bench.FillInboxes(ctx, super, r.people, r.inbox))
	var rows [][]string
	for _, clients := range r.clients {
		for _, counted := range []bool{false, true} { // the first time warms up
			s, err := bench.Inbox(ctx, r.people, clients, r.slice)
			r.must("reading inboxes", err)
			if counted {
				rows = append(rows, []string{fmt.Sprint(clients), fmt.Sprintf("%.0f", s.Rate()), bench.Millis(s.Quantile(0.5)), bench.Millis(s.Quantile(0.95)), bench.Millis(s.Quantile(0.99))})
			}
		}
	}
	r.say("\nfirst page of the inbox, %d open tasks / 待办列表\n\n%s", r.inbox, bench.Table([]string{"clients", "reads/s", "p50 ms", "p95 ms", "p99 ms"}, rows))
	r.must("emptying inboxes", bench.EmptyInboxes(ctx, super))
}

// restart lets cases wait, ends every process and starts all again.
func (r *run) restart() {
	ctx, line := r.t.Context(), r.lines[2]
	begun := time.Now()
	if missing := r.waiting - len(line.Waiting()); missing > 0 {
		r.must("opening cases", line.Fill(ctx, missing, 32))
	}
	waiting := line.Waiting()
	r.say("\nrestart with %d waiting cases / 重启 (opening the missing ones took %.0f s)\n", len(waiting), time.Since(begun).Seconds())
	for _, each := range []interface{ Kill() }{r.api, r.worker, r.bare, r.temporal} {
		each.Kill()
	}
	r.must("stopping PostgreSQL", r.cluster.Stop(ctx))
	begun = time.Now()
	since := func() string { return fmt.Sprintf("%.1f", time.Since(begun).Seconds()) }
	r.startPostgres()
	rows := [][]string{{"PostgreSQL answers", since()}}
	r.startTemporal()
	rows = append(rows, []string{"Temporal answers", since()})
	r.startLinli(0)
	rows = append(rows, []string{"API and worker are ready", since()})
	r.must("taking the first act", waiting[0].Act(ctx))
	rows = append(rows, []string{"the first act is accepted", since()})
	sample := bench.Sample{}
	for _, each := range slices.Backward(waiting[max(1, len(waiting)-100):]) {
		at := time.Now()
		r.must("acting on a case nobody has touched since", each.Act(ctx))
		sample.Took = append(sample.Took, time.Since(at))
	}
	r.say("%s\nacts on %d further cases, one after the other, each for the first time since: p50 %s ms, p95 %s ms", bench.Table([]string{"after the start", "s"}, rows),
		len(sample.Took), bench.Millis(sample.Quantile(0.5)), bench.Millis(sample.Quantile(0.95)))
}
