package workflows_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/engagement"
)

func TestARenewalProlongsTheAllocationOrIsRefused(t *testing.T) {
	for _, taken := range []bool{false, true} {
		w := newTenancy(t, nil)
		w.taken = taken
		w.reported("2026-04-02 09:00", "2026-03", 1, 0, 0)
		w.moves = w.moves[:2]
		w.reported("2026-05-06 09:00", "2026-04", 2, 0, 0)
		w.moves = w.moves[:4]
		var sheet []engagement.Score
		for _, item := range engagement.Sheet {
			sheet = append(sheet, engagement.Score{Item: item.ID, Points: item.Most})
		}
		w.at("2026-06-02 09:00", "sec", "evaluation.1.community", approval.Submit, engagement.Details{Scores: sheet})
		w.at("2026-06-02 10:00", "sub", "evaluation.1.subdistrict", approval.Approve, engagement.Details{})
		w.at("2026-06-02 11:00", "op1", "renewal.2.operator", approval.Submit, engagement.Details{Renewal: &engagement.Extension{
			EndsOn: "2026-09-30", Papers: []approval.Attached{{ID: "a2", Kind: "contract", Name: "补充协议.pdf", SHA256: "bb", Size: 1}}}})
		w.at("2026-06-02 12:00", "sec", "renewal.2.community", approval.Approve, engagement.Details{})
		w.at("2026-06-02 13:00", "sub", "renewal.2.subdistrict", approval.Approve, engagement.Details{})
		w.at("2026-08-03 09:00", "op1", "case.1.operator", approval.Withdraw, engagement.Details{})
		if taken {
			w.moves[len(w.moves)-1].wants = approval.Conflict // the term is over and the exit under way
		}
		w.handsBack("2026-08-04 09:00")
		for turn := 3; turn <= 6; turn++ {
			m := w.at("2026-10-09 09:00", "sub", fmt.Sprintf("reporting.%d.arrears", turn), approval.Approve, engagement.Details{})
			if taken && turn > 4 {
				m.wants = approval.NotFound
			}
		}
		result := w.play()
		if taken {
			require.Equal(t, approval.Completed, result.Status)
			require.Equal(t, engagement.RequestRefused, w.view.Renewal.Status)
			require.Empty(t, w.extended)
		} else {
			require.Equal(t, approval.Withdrawn, result.Status)
			require.Equal(t, []string{"2026-09-30"}, w.extended)
		}
	}
}
