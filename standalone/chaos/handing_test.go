package chaos_test

import (
	"fmt"
	"math/rand/v2"

	"linli/approval"
)

// handing is a list of a space's things both sides go through one by one, as
// each of them remembers it.
type handing struct {
	at     map[string]int // the next item of each side
	mended bool
}

var things = []string{"room-1", "asset-1", "meter-1", "keys-1", "fire_equipment-1", "photo-1"}

func (h *handing) items() []map[string]any {
	return []map[string]any{
		{"kind": "asset", "name": "工作台", "quantity": 1}, {"kind": "meter", "name": "电表", "unit": "kWh", "quantity": 1}, {"kind": "keys", "name": "钥匙", "quantity": 1},
		{"kind": "fire_equipment", "name": "灭火器", "quantity": 1}, {"kind": "photo", "name": "照片", "quantity": 4},
	}
}

// confirm states the next item; whoever has come to the end begins again with
// what was repaired meanwhile.
func (h *handing) confirm(dice *rand.Rand, side string) deedOf {
	if h.at == nil {
		h.at = map[string]int{}
	}
	item := things[h.at[side]%len(things)]
	reading := map[string]any{"item_id": item, "quantity": 1, "state": "intact"}
	switch {
	case item == "photo-1":
		reading["quantity"], reading["photos"] = 4, []string{fmt.Sprintf("%064x", 1), fmt.Sprintf("%064x", 2), fmt.Sprintf("%064x", 3), fmt.Sprintf("%064x", 4)}
	case item == "asset-1" && side == "receiving" && !h.mended && dice.IntN(3) == 0:
		reading["state"], reading["note"] = "defective", "示例缺陷"
	}
	return say(approval.Confirm).with(map[string]any{"handover": map[string]any{"readings": []map[string]any{reading}}})
}

func (h *handing) repaired() deedOf {
	h.mended = true
	return say(approval.Submit).with(map[string]any{"handover": map[string]any{"repaired": map[string]any{"report": "已更换（示例）"}}})
}

// heard goes on to the next item whatever the answer: one that was agreed on or
// is under repair is refused.
func (h *handing) heard(side string, d *deed) {
	if d.answered {
		h.at[side]++
	}
}
