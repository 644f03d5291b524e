package workflows_test

import (
	"fmt"
	"strings"

	"linli/approval"
	"linli/approval/approvaltest"
	"linli/approval/onboarding"
)

func deskReview(round int) []admissionMove {
	task := func(level string) string { return fmt.Sprintf("desk_review.%d.%s", round, level) }
	return []admissionMove{
		{who: "sec", task: task("community"), action: approval.Approve}, {who: "sub", task: task("subdistrict"), action: approval.Approve},
	}
}

func signatures() []admissionMove {
	return []admissionMove{
		{who: "p1", task: "signing.1.operator", action: approval.Sign}, {who: "sec", task: "signing.1.community", action: approval.Sign},
		{who: "sub", task: "signing.1.subdistrict", action: approval.Sign},
	}
}

func sheets(round int, points int64) []admissionMove {
	var moves []admissionMove
	for _, scorer := range []string{"m1", "m2", "m3"} {
		moves = append(moves, admissionMove{who: scorer, task: fmt.Sprintf("scoring.%d.%s", round, scorer), action: approval.Submit,
			details: with(onboarding.Details{Scores: []onboarding.Score{{Item: "all", Points: points}}})})
	}
	return moves
}

func with(d onboarding.Details) func() onboarding.Details {
	return func() onboarding.Details { return d }
}

func handover(form onboarding.HandoverForm) func() onboarding.Details {
	return with(onboarding.Details{Handover: &form})
}

// takesOver draws the list up and lets both sides confirm it.
func takesOver() []admissionMove {
	var items []onboarding.Item
	for _, item := range handedOver.Items {
		if item.Kind != onboarding.ItemRoom {
			items = append(items, onboarding.Item{Kind: item.Kind, Name: item.Name, Quantity: item.Quantity})
		}
	}
	readings := handover(onboarding.HandoverForm{Readings: approvaltest.AsListed(handedOver)})
	return []admissionMove{
		{who: "h1", task: "handover.1.list", action: approval.Submit, details: handover(onboarding.HandoverForm{Items: items})},
		{who: "h1", task: "handover.1.giving", action: approval.Confirm, details: readings},
		{who: "p1", task: "handover.1.receiving", action: approval.Confirm, details: readings},
	}
}

// seatsOf names the open tasks a case waits for.
func seatsOf(waiting approval.Waiting) string { return strings.Join(seats(waiting), " ") }
