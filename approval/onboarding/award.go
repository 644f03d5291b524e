package onboarding

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"linli/approval"
)

// Candidate is one application under a call, as its case reports it.
type Candidate struct {
	CaseID    string    `json:"case_id"`
	Operator  string    `json:"operator"` // name
	Result    Result    `json:"result"`
	AppliedAt time.Time `json:"applied_at"`
}

// Rank orders candidates, the best first, whatever order they came in: by the
// panel's result, then who applied first, then the case id, so that no two are
// alike.
func Rank(candidates []Candidate) []Ranked {
	ordered := slices.Clone(candidates)
	slices.SortFunc(ordered, func(a, b Candidate) int {
		return cmp.Or(CompareResults(a.Result, b.Result), a.AppliedAt.Compare(b.AppliedAt), cmp.Compare(a.CaseID, b.CaseID))
	})
	ranked := make([]Ranked, len(ordered))
	for i, candidate := range ordered {
		ranked[i] = Ranked{Candidate: candidate, Rank: i + 1}
	}
	return ranked
}

// Hear takes a case's report; a repeated or late one changes nothing. Whoever
// has left stays out.
func (s *CallState) Hear(report Report) {
	for i, known := range s.Reports {
		if known.Candidate.CaseID != report.Candidate.CaseID {
			continue
		}
		if known.Status == Scored {
			s.Reports[i] = report
		}
		return
	}
	s.Reports = append(s.Reports, report)
}

func (s *CallState) status(caseID string) ReportStatus {
	for _, report := range s.Reports {
		if report.Candidate.CaseID == caseID {
			return report.Status
		}
	}
	return ""
}

// Close takes the definite list of applications: no more come in.
func (s *CallState) Close(applicants []string, now time.Time) {
	s.Applicants = applicants
	if len(applicants) == 0 {
		s.End(approval.Lapsed, "截止时无人报名", now)
		return
	}
	s.Enter(Judging, now)
}

// Judged reports whether every application has been scored or is out.
func (s *CallState) Judged() bool {
	return !slices.ContainsFunc(s.Applicants, func(caseID string) bool { return s.status(caseID) == "" })
}

// Award ranks everybody who is still in; it is the first one's turn.
func (s *CallState) Award(now time.Time) {
	var candidates []Candidate
	for _, report := range s.Reports {
		if report.Status == Scored && slices.Contains(s.Applicants, report.Candidate.CaseID) {
			candidates = append(candidates, report.Candidate)
		}
	}
	if s.Ranked = Rank(candidates); len(s.Ranked) == 0 {
		s.End(approval.Lapsed, "没有通过评审的申请", now)
		return
	}
	s.Enter(Awarding, now)
}

// Turn is the case of the best candidate who has not left; "" if there is none.
func (s *CallState) Turn() string {
	for _, ranked := range s.Ranked {
		if s.status(ranked.CaseID) != Left {
			return ranked.CaseID
		}
	}
	return ""
}

// Decided reports whether the space is taken over, or nobody is left to.
func (s *CallState) Decided() bool {
	best := s.Turn()
	return best == "" || s.status(best) == TakenOver
}

// CloseAward ends the call: completed, or lapsed for want of candidates.
func (s *CallState) CloseAward(now time.Time) {
	if s.Turn() == "" {
		s.End(approval.Lapsed, "中选及候补申请均未能签约", now)
		return
	}
	s.End(approval.Completed, "", now)
}

// Told is a word for one candidate.
type Told struct {
	CaseID string `json:"case_id"`
	Word   Word   `json:"word"`
}

// Words are what the candidates must hear as things stand: their rank, whose
// turn it is, that it is over. Whoever has left hears nothing.
func (s *CallState) Words() []Told {
	var told []Told
	best := s.Turn()
	for _, ranked := range s.Ranked {
		if status := s.status(ranked.CaseID); status == Left || status == TakenOver {
			continue
		}
		word := Word{Place: Place{Rank: ranked.Rank, Of: len(s.Ranked), Turn: best == ranked.CaseID}}
		if s.Ended() {
			word.Over, word.Reason = true, s.overBecause(ranked.Rank)
		}
		told = append(told, Told{CaseID: ranked.CaseID, Word: word})
	}
	if s.Ended() && len(s.Ranked) == 0 {
		for _, caseID := range s.Applicants {
			told = append(told, Told{CaseID: caseID, Word: Word{Over: true, Reason: s.overBecause(0)}})
		}
	}
	return told
}

func (s *CallState) overBecause(rank int) string {
	if s.Status == approval.Completed {
		return fmt.Sprintf("招引结束，排名第%d，阵地已由排名在前的运营主体接收", rank)
	}
	return "招引未能完成：" + s.Reason
}
