package engagement

import (
	"slices"
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
//  2. At the exit a payment that stays out is the subdistrict's to close, even
//     where the report before it was late as well. A period that has not
//     begun on the day of leaving owes nothing. Periods of a term that is yet
//     to be planned are the contract's, whatever the district's rules say.
//     Hours that were promised and not given are counted; they stand in the
//     way of a renewal.
const Edition = 2

// Outdated reports whether a running engagement knows less than an edition.
func (s *State) Outdated(edition int) bool { return s.Edition < edition && !s.Ended() }

// Adopt takes up the editions up to this one.
func (s *State) Adopt(edition int, now time.Time) {
	if !s.Outdated(edition) {
		return
	}
	before := s.Edition
	s.Edition = edition
	if before < 1 {
		s.welcome(now)
	}
	if edition < 2 {
		return
	}
	if s.unplanned() {
		s.Periods, s.Agenda = nil, nil
		s.begin()
	}
	s.askArrears(now) // where an older edition had lost them
}

// unplanned reports whether an engagement has only just begun: the clock was
// not yet asked about any of its dates.
func (s *State) unplanned() bool {
	return len(s.Acts) == 0 && s.Stage == Operating && !slices.ContainsFunc(s.Agenda, func(o Occasion) bool { return !o.At.IsZero() })
}

// Forgotten reports whether an engagement that leaves waits for ever for an
// operator that does not pay: before edition 2 nobody was asked.
func (s *State) Forgotten() bool {
	return s.Edition < 2 && s.Stage == Exit && slices.ContainsFunc(s.Tasks, func(t approval.Task) bool {
		return late(t) && !s.arrearsOpen(t.Round)
	})
}

// welcome brings edition 1: what the operator may do at any time gets its
// standing tasks, and the list of the contract is the first on record.
func (s *State) welcome(now time.Time) {
	s.Lists = []PriceList{{From: s.StartsOn, Services: s.Start.Services, Begun: true}}
	if s.Stage == Exit {
		return
	}
	s.welcomePrices(approval.Standing, now)
	if len(s.OpenAt(Renewal)) == 0 && !s.renewing() {
		s.welcomeRenewal(approval.Standing, now)
	}
}
