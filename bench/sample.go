package bench

import (
	"slices"
	"time"
)

// Sample is what was seen of one line: how long each act took, and how many
// cases came to their end.
type Sample struct {
	Took    []time.Duration
	Cases   int
	Opened  int // cases that had to be opened while it was timed
	Elapsed time.Duration
}

// Add puts another slice of the same line to this one.
func (s *Sample) Add(other Sample) {
	s.Took = append(s.Took, other.Took...)
	s.Cases += other.Cases
	s.Opened += other.Opened
	s.Elapsed += other.Elapsed
}

// Rate is acts per second.
func (s Sample) Rate() float64 { return per(len(s.Took), s.Elapsed) }

// CaseRate is whole cases per second.
func (s Sample) CaseRate() float64 { return per(s.Cases, s.Elapsed) }

// Quantile is the time within which that share of the acts was taken, such as
// 0.95; zero when there were none.
func (s Sample) Quantile(share float64) time.Duration {
	if len(s.Took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.Took))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func per(count int, elapsed time.Duration) float64 {
	if elapsed <= 0 {
		return 0
	}
	return float64(count) / elapsed.Seconds()
}
