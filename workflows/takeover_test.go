package workflows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/onboarding"
)

// onPaper makes the case one of a contract that was signed on paper; handed
// over on paper, too, if it says so.
func onPaper(handedOver bool) func(*onboarding.Start) {
	return func(s *onboarding.Start) {
		s.Application.StartsOn, s.Application.EndsOn = "2025-01-01", "2027-12-31"
		s.Application.Attachments = []approval.Attached{{ID: "at-1", Kind: "contract", Name: "合同.pdf", SHA256: strings.Repeat("a", 64), Size: 100}}
		s.Application.Takeover = &onboarding.Takeover{
			SignedOn: "2024-12-20", SettledTo: "2025-12-31",
			SignedBy: []onboarding.PaperSigner{{Seat: "operator", Name: "示例负责人"}, {Seat: "community", Name: "示例书记"}},
		}
		if handedOver {
			s.Application.Attachments = append(s.Application.Attachments, approval.Attached{ID: "at-2", Kind: "handover", Name: "移交书.pdf", SHA256: strings.Repeat("b", 64), Size: 100})
			s.Application.Takeover.Handover = &onboarding.PaperHandover{On: "2024-12-30"}
		}
	}
}

func TestAnExistingContractIsTakenOver(t *testing.T) {
	w := newAdmission(t, onPaper(true))
	w.inOrder("2026-03-03 09:00", deskReview(1)...)

	result := w.play()

	require.Equal(t, approval.Completed, result.Status)
	require.Equal(t, map[string]string{"c1/space/1": "allotted"}, w.holds)
	require.True(t, w.existing, "an existing contract is held whatever functions it costs")
	require.Empty(t, w.notices)
	require.Empty(t, w.sealed)
	require.Empty(t, w.facts, "nothing is screened")
	require.Equal(t, []string{"opened", "registered", "acted", "reviewed", "acted", "reviewed", "held", "taken_over", "vacant", "closed"}, w.kinds())
	start := w.engaged[0].Start
	require.NoError(t, start.Validate())
	require.Equal(t, []string{"sec", "sub"}, start.TakenOver.ConfirmedBy)
	require.Equal(t, "2025-12-31", start.TakenOver.SettledTo)
	require.Equal(t, strings.Repeat("a", 64), start.Contract)
	require.Equal(t, strings.Repeat("b", 64), start.Handover.Paper)
	require.Equal(t, []string{"p1"}, start.People)
	require.Equal(t, "f1", start.FundID)
}

func TestASpaceOfATakenOverContractIsStillHandedOver(t *testing.T) {
	w := newAdmission(t, onPaper(false))
	w.lost = map[string]int{"HoldSpace": 1, "AllotSpace": 1, "Record taken_over": 1}
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.inOrder("2026-03-18 09:00", takesOver()...)

	require.Equal(t, approval.Completed, w.play().Status)
	require.Empty(t, w.engaged[0].Start.Handover.Paper)
	require.NoError(t, w.engaged[0].Start.Validate())
}

func TestTheInterestedDoNotConfirmATakeover(t *testing.T) {
	w := newAdmission(t, onPaper(true))
	w.register.Interested = []string{"sub"}
	moves := deskReview(1)
	moves[1].wants = approval.SamePerson
	w.inOrder("2026-03-03 09:00", append(moves, admissionMove{who: "h1", task: "case.1.applicant", action: approval.Withdraw})...)

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Empty(t, w.holds)
}

func TestATakeoverOfATakenSpaceIsRejected(t *testing.T) {
	w := newAdmission(t, onPaper(true))
	w.taken = true
	w.inOrder("2026-03-03 09:00", deskReview(1)...)

	result := w.play()

	require.Equal(t, approval.Rejected, result.Status)
	require.Contains(t, result.Reason, "示例某店")
	require.NotContains(t, w.orders, "FreeSpace", "nothing was held, nothing is given back")
}

func TestATakeoverWaitsForAFund(t *testing.T) {
	w := newAdmission(t, onPaper(true))
	w.signing.FundID = ""
	w.inOrder("2026-03-03 09:00", deskReview(1)...)
	w.ask("2026-03-04 09:00", func(waiting approval.Waiting) {
		require.NotNil(t, waiting.Blocked)
		require.Equal(t, approval.Conflict, waiting.Blocked.Code)
	})
	w.at("2026-03-05 09:00", admissionMove{who: "h1", task: "case.1.applicant", action: approval.Withdraw})

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Equal(t, map[string]string{"c1/space/1": "free"}, w.holds)
}
