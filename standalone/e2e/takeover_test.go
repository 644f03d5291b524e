package e2e

import (
	"time"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/approval/statistics"
)

// takeover is a contract of a year and a half ago, handed over and settled on
// paper up to the month that runs.
func (w *world) takeover(operator, spaceID, title string) map[string]any {
	w.t.Helper()
	today := time.Now().In(approval.Shanghai)
	return w.application("zd-handler", operator, spaceID, map[string]any{
		"title": title, "starts_on": day(-18, 0), "ends_on": day(18, -1), "attachments": w.papers("zd", "contract", "handover"),
		"takeover": map[string]any{
			"signed_on": day(-19, 0), "settled_to": today.AddDate(0, 0, -today.Day()).Format(time.DateOnly),
			"signed_by": []map[string]any{{"seat": "operator", "name": "示例负责人", "capacity": "经营者"}, {"seat": "community", "name": "示例书记"}},
			"handover":  map[string]any{"on": day(-18, -1), "items": []map[string]any{{"kind": "keys", "name": "大门钥匙", "unit": "把", "quantity": 2}}},
		},
	})
}

// takenOver registers an existing contract, which is returned once and then
// confirmed: the engagement goes on where the paper left it, its past year is
// evaluated at once, and the district counts it.
func (w *world) takenOver(operator, spaceID string) string {
	w.t.Helper()
	caseID := w.begin("zd-handler", "/v1/takeovers", w.takeover(operator, spaceID, "存量合同（示例）"))
	w.reach(caseID, onboarding.DeskReview)
	w.act(caseID, deed{as: "zd-secretary", stage: onboarding.DeskReview, seat: "community", do: approval.Return, comment: "标题有误", to: onboarding.Correction})
	w.act(caseID, deed{as: "zd-handler", stage: onboarding.Correction, seat: "applicant", do: approval.Correct, details: w.takeover(operator, spaceID, "存量合同接续（示例）")})
	counted := w.figures().Engagements
	w.reviewed(caseID)
	w.ends(caseID, approval.Completed)
	engaged := engagement.ID(caseID)
	w.standing(engaged, "runs", func(view approval.CaseView) bool { return view.Procedure == engagement.Procedure })
	w.task("zd-secretary", engaged, engagement.Evaluation, engagement.SeatCommunity)
	view := read[engagement.View](w, "zd-handler", "/v1/engagements/"+engaged)
	if view.TakenOver == nil || len(view.TakenOver.ConfirmedBy) != 2 || view.Term.From != day(-18, 0) {
		w.t.Fatalf("taken over as %+v from %s", view.TakenOver, view.Term.From)
	}
	for _, period := range view.Periods {
		if onPaper := period.To <= view.TakenOver.SettledTo; onPaper != (period.Status == engagement.Settled) {
			w.t.Errorf("%s stands at %s", period.Name, period.Status)
		}
	}
	if now := w.figures().Engagements; now <= counted {
		w.t.Errorf("%d engagements are counted, %d before the takeover", now, counted)
	}
	return caseID
}

func (w *world) figures() statistics.Figures {
	w.t.Helper()
	return read[statistics.Report](w, "zb-auditor", "/v1/statistics?scope=370300/370303&as_of="+day(0, 0)).Total.Figures
}
