package funduse

import "linli/approval"

// Messages are what people should hear about because of an accepted act.
func (s *State) Messages(act approval.Accepted) []approval.Message {
	return s.Course.Messages(act, s.Proposal.Title, s.Proposer)
}
