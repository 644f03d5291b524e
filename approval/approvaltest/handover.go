package approvaltest

import (
	"fmt"
	"slices"

	"linli/approval/onboarding"
)

// AsListed are readings of a side that finds everything as the list has it.
func AsListed(list onboarding.Checklist) (readings []onboarding.Reading) {
	for _, item := range list.Items {
		reading := onboarding.Reading{ItemID: item.ID, Quantity: item.Quantity, State: onboarding.Intact}
		for n := int64(0); item.Kind == onboarding.ItemPhoto && n < item.Quantity; n++ {
			reading.Photos = append(reading.Photos, fmt.Sprintf("%064x", n))
		}
		readings = append(readings, reading)
	}
	return readings
}

// SpaceItems are the items a community lists of a space with one room, as the
// API takes them: one of each kind.
func SpaceItems() []map[string]any {
	return []map[string]any{
		{"kind": "asset", "name": "冰箱", "quantity": 1}, {"kind": "meter", "name": "电表", "unit": "kWh", "quantity": 1},
		{"kind": "keys", "name": "钥匙", "quantity": 1}, {"kind": "fire_equipment", "name": "灭火器", "quantity": 1},
		{"kind": "photo", "name": "照片", "quantity": 4},
	}
}

// SpaceReadings are one side's readings of the room and SpaceItems, in this
// order; the items named are found defective.
func SpaceReadings(defective ...string) (readings []map[string]any) {
	for _, id := range []string{"room-1", "asset-1", "meter-1", "keys-1", "fire_equipment-1", "photo-1"} {
		reading := map[string]any{"item_id": id, "quantity": 1, "state": "intact"}
		if id == "photo-1" {
			var sums []string
			for n := range 4 {
				sums = append(sums, fmt.Sprintf("%064x", n))
			}
			reading["quantity"], reading["photos"] = len(sums), sums
		}
		if slices.Contains(defective, id) {
			reading["state"], reading["note"] = "defective", "示例缺陷"
		}
		readings = append(readings, reading)
	}
	return readings
}
