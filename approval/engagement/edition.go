package engagement

import (
	"time"

	"linli/approval"
)

// Edition counts what the procedure has learnt since engagements began to run.
// A workflow takes it up behind a version, so that what ran before replays as
// it was.
//
//  1. Services and prices may be changed; a renewal may be asked for at any
//     time and is refused with the reason; a report or payment that stays out
//     goes up to the community's secretary and then to the subdistrict.
const Edition = 1

// Outdated reports whether a running engagement knows less than the procedure.
func (s *State) Outdated() bool { return s.Edition < Edition && !s.Ended() }

// Adopt takes up the present edition: what the operator may do at any time
// gets its standing tasks, and the list of the contract is the first on record.
func (s *State) Adopt(now time.Time) {
	if !s.Outdated() {
		return
	}
	s.Edition = Edition
	s.Lists = []PriceList{{From: s.StartsOn, Services: s.Start.Services, Begun: true}}
	if s.Stage == Exit {
		return
	}
	s.welcomePrices(approval.Standing, now)
	if len(s.OpenAt(Renewal)) == 0 && !s.renewing() {
		s.welcomeRenewal(approval.Standing, now)
	}
}
