package server_test

import (
	"bytes"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
)

// What is lost for good is written off over the API: proposed by the operator,
// disputed and then agreed to by the community, shown with reason and amount.
func TestSomethingLostIsWrittenOffAtTheHandBack(t *testing.T) {
	w := newTenancy(t)
	ending := taskSeen{ID: approval.TaskID(w.id, approval.CaseDesk, 1, engagement.SeatEnding)}
	w.actOn(ending, "sub", "terminate", details(map[string]any{"ground": "misuse"})).want(t, 200, "")

	var sound []map[string]any
	for _, item := range w.view().HandBack.Items {
		reading := map[string]any{"item_id": item.ID, "quantity": item.Quantity, "state": "intact"}
		if item.Kind == onboarding.ItemPhoto {
			reading["photos"] = []string{strings.Repeat("1", 64), strings.Repeat("2", 64), strings.Repeat("3", 64), strings.Repeat("4", 64)}
		}
		if item.Kind != onboarding.ItemKeys {
			sound = append(sound, reading)
		}
	}
	reads := func(who, seat string, readings ...map[string]any) {
		t.Helper()
		w.on(who, seat, "confirm", details(map[string]any{"handover": map[string]any{"readings": readings}})).want(t, 200, "")
	}
	gone := map[string]any{"item_id": "keys-1", "quantity": 0, "state": "missing", "note": "丢失"}
	reads("operator", "giving", append(sound, gone)...)
	reads("handler", "receiving", sound...)

	writesOff := func(repair string, more map[string]any) answered {
		form := map[string]any{"report": "钥匙丢失，无法找回", "written_off": true}
		for field, value := range more {
			form[field] = value
		}
		return w.on("operator", repair, "submit", details(map[string]any{"handover": map[string]any{"repaired": form}}))
	}
	writesOff("repair-1", map[string]any{"compensation": -1}).want(t, 422, approval.Invalid)
	writesOff("repair-1", map[string]any{"quantity": 1}).want(t, 422, approval.Invalid)
	writesOff("repair-1", nil).want(t, 200, "")
	reads("operator", "giving", gone)
	disputed := map[string]any{"item_id": "keys-1", "quantity": 0, "state": "missing", "note": "应赔偿换锁费用", "disputed": true}
	reads("handler", "receiving", disputed)
	w.read(w.who["operator"], "/v1/engagements/"+w.id+"/hand-back.pdf").want(t, 409, approval.Conflict)

	writesOff("repair-2", map[string]any{"compensation": 12_000}).want(t, 200, "")
	reads("operator", "giving", gone)
	reads("handler", "receiving", map[string]any{"item_id": "keys-1", "quantity": 0, "state": "missing"})
	back := w.view().HandBack
	if !back.Complete() || len(back.Repairs) != 2 || !back.Repairs[1].WrittenOff || back.Repairs[1].Compensation != 12_000 {
		t.Errorf("the hand-back stands at %+v", back.Repairs)
	}
	certificate := w.read(w.who["operator"], "/v1/engagements/"+w.id+"/hand-back.pdf")
	if certificate.status != 200 || !bytes.HasPrefix(certificate.raw, []byte("%PDF")) {
		t.Errorf("the certificate: %d", certificate.status)
	}
}
