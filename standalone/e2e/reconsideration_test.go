package e2e

import (
	"strings"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
)

// checked enters a look at the credit lists: the entry if one is named, else
// none.
func (w *world) checked(operator string, lists ...string) {
	w.t.Helper()
	entries := []map[string]any{}
	for _, list := range lists {
		entries = append(entries, map[string]any{"list": list, "subject": "operator", "listed_on": day(-5, 0)})
	}
	var stored struct{ ID string }
	w.write("zd-handler", "POST", "/v1/operators/"+operator+"/credit-checks", w.key(), map[string]any{
		"source": "示例信用平台", "checked_on": day(0, 0), "entries": entries,
	}).into(w.t, &stored)
}

// reconsidered is an operator that is rejected for an entry in a credit list,
// objects, is heard, and is listed again just before it signs.
func (w *world) reconsidered(operator, spaceID string) string {
	w.t.Helper()
	const owner = "owner-5"
	w.checked(operator, "judgment_defaulter")
	caseID := w.apply(owner, operator, spaceID, nil)
	w.act(caseID, deed{as: owner, stage: onboarding.Correction, seat: "applicant", do: approval.Correct, details: w.application(owner, operator, spaceID, nil)})
	if view := w.reach(caseID, onboarding.Reconsideration); !strings.Contains(view.Reason, "仍在名单") {
		w.t.Errorf("rejected because of %q", view.Reason)
	}
	w.act(caseID, deed{as: owner, stage: onboarding.Reconsideration, seat: "applicant", do: approval.Object, comment: "已履行判决并移出名单",
		details: map[string]any{"attachments": w.application(owner, operator, spaceID, nil)["attachments"].([]paper)[:1]}})
	w.checked(operator)
	w.act(caseID, deed{as: "zd-objections", stage: onboarding.Reconsideration, seat: onboarding.SeatReviewer, do: approval.Uphold, comment: "核查属实"})
	w.reviewed(caseID)
	w.checked(operator, "serious_violation")
	w.reach(caseID, onboarding.Signing)
	task := w.task(owner, caseID, onboarding.Signing, "applicant-1")
	if view := w.view(caseID); !strings.Contains(view.Reason, "签约前复核未通过") || task.Offers(approval.Sign) {
		w.t.Errorf("stands still because of %q", view.Reason)
	}
	w.checked(operator)
	w.act(caseID, deed{as: owner, stage: onboarding.Signing, seat: "applicant-1", do: approval.Submit, comment: "已移出名单"})
	w.signs(owner, caseID, contract.SeatOperator)
	w.signs("zd-secretary", caseID, contract.SeatCommunity)
	w.signs("zd-street", caseID, contract.SeatSubdistrict)
	w.reach(caseID, onboarding.Handover)
	w.act(caseID, deed{as: "admin", stage: approval.CaseDesk, seat: onboarding.SeatAdministrator, do: approval.Terminate, comment: "示例到此为止"})
	w.ends(caseID, approval.Terminated)
	return caseID
}
