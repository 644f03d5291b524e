package city

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"linli/approval"
	"linli/internal/demo"
)

// Options say where to make which city.
type Options struct {
	URL           string
	AdminPassword string
	Percent       int // of the full city, 1 to 100
	Seed          uint64
	Workers       int       // things made side by side
	Out           io.Writer // progress
	Live          bool      // Out is a terminal
}

// Report is what was made and how long it took.
type Report struct {
	Scale Scale
	Took  time.Duration
}

type run struct {
	Options
	people
	plan   Plan
	tag    string            // before every key
	ids    map[string]string // of people, by username; see id
	funds  []string          // ids, by number in the plan
	payees []string
}

var errPending = errors.New("not answered yet")

// errNotPractice is why a city is refused.
var errNotPractice = approval.Errorf(approval.Forbidden,
	"这不是演练系统，不能生成示例城市。演练系统以 LINLI_DAY_LENGTH 启动，例如 LINLI_DAY_LENGTH=20s make run。",
	"This is not a practice system; no sample city is made in it. A practice system runs with LINLI_DAY_LENGTH, such as LINLI_DAY_LENGTH=20s make run.")

// Make makes the city, or what is missing of it. Run again after an
// interruption with the same seed and percent, it goes on.
func Make(ctx context.Context, options Options) (Report, error) {
	begun := time.Now()
	if err := practises(ctx, options.URL); err != nil {
		return Report{}, err
	}
	ground, err := demo.Read()
	if err != nil {
		return Report{}, err
	}
	r := &run{Options: options, people: people{url: options.URL, admin: options.AdminPassword, sessions: map[string]*session{}}, ids: map[string]string{}, tag: fmt.Sprintf("city-%d-%d-", options.Seed, options.Percent)}
	scale := Full.Part(options.Percent)
	if r.plan, err = NewPlan(ground, scale, options.Seed); err != nil {
		return Report{}, err
	}
	if _, err := demo.Load(ctx, demo.Options{
		URL: options.URL, AdminPassword: options.AdminPassword, GroundOnly: true, Log: func(line string) { fmt.Fprintln(options.Out, line) },
	}); err != nil {
		return Report{}, err
	}
	for _, part := range []func(context.Context) error{r.makeCommunities, r.openAccounts, r.openFunds, r.prepareCommunities, r.playCases, r.compare} {
		if err := part(ctx); err != nil {
			return Report{}, err
		}
	}
	return Report{Scale: scale, Took: time.Since(begun)}, nil
}

// practises refuses a system where people work.
func practises(ctx context.Context, url string) error {
	var system struct {
		Practice bool `json:"practice"`
	}
	if err := demo.Anonymous(url).Read(ctx, "/v1/system", &system); err != nil {
		return err
	}
	if !system.Practice {
		return errNotPractice
	}
	return nil
}
