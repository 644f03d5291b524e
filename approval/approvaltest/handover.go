package approvaltest

import (
	"fmt"

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
