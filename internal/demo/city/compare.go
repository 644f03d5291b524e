package city

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"linli/approval"
	"linli/approval/statistics"
	"linli/examples"
)

// wanted are the figures of the communities of the plan.
func (p Plan) wanted() map[approval.Scope]statistics.Figures {
	figures := map[approval.Scope]statistics.Figures{}
	change := func(community int, how func(*statistics.Figures)) {
		scope := p.Communities[community].Scope
		now := figures[scope]
		how(&now)
		figures[scope] = now
	}
	for i := range p.Communities {
		change(i, func(f *statistics.Figures) { f.Communities = 1 })
	}
	for _, fund := range p.Funds {
		change(fund.Community, func(f *statistics.Figures) {
			f.Funds, f.Coverage = 1, 10_000
			for _, income := range fund.Incomes {
				f.Income = f.Income.With(income.Kind, income.Amount)
				f.Balance += income.Amount
			}
		})
	}
	for _, operator := range p.Operators {
		change(p.Funds[operator.Fund].Community, func(f *statistics.Figures) {
			f.Operators++
			f.Engagements++
			f.Services += int64(operator.Services)
			f.FitOut += operator.FitOut
			f.RunningCost += operator.RunningCost
		})
	}
	for _, project := range p.Projects {
		community := p.Funds[project.Fund].Community
		change(community, func(f *statistics.Figures) {
			f.Balance -= project.Amount
			f.Spent += project.Amount
			if p.Communities[community].Age == statistics.Old {
				f.MicroProjects.Old++
			} else {
				f.MicroProjects.New++
			}
		})
	}
	return figures
}

// catchUp is how often a figure that is not right yet is looked at again.
const catchUp = 30

// compare holds the system's own statistics against the plan, community by
// community, to the fen.
func (r *run) compare(ctx context.Context) error {
	wanted := r.plan.wanted()
	var jobs []job
	for _, office := range r.plan.Offices {
		tries := 0
		jobs = append(jobs, job{office.Name, func(ctx context.Context) (time.Duration, error) {
			var report statistics.Report
			if err := r.read(ctx, examples.AdminUsername, "/v1/statistics?by=year&scope="+url.QueryEscape(string(office.Scope)), &report); err != nil {
				return 0, err
			}
			for _, part := range report.Parts {
				want, planned := wanted[part.Scope]
				if !planned || part.Figures == want {
					continue
				}
				if tries++; tries < catchUp {
					return time.Second, nil // an engagement begins a moment after its handover
				}
				return 0, fmt.Errorf("%s stands at %+v, planned was %+v", part.Scope, part.Figures, want)
			}
			return 0, nil
		}})
	}
	return r.work(ctx, "核对 / comparing", jobs)
}
