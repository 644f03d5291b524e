package onboarding

import (
	"fmt"

	"linli/approval"
)

// writtenOff reports whether an item is settled as it is: a repair of it was
// closed as written off (核销), and both sides then stated the same of what is
// left. What was found again, whole and as listed, is not written off after all.
func (i Item) writtenOff() bool {
	return i.WrittenOff != "" && i.Agreed() && (!i.Receiving.sound() || i.Receiving.Quantity != i.Quantity)
}

// checkWriteOff refuses compensation for what is repaired, a count beside a
// write-off, which leaves the list as it was, and a write-off of photographs:
// they can be taken anew.
func (r RepairReport) checkWriteOff(item Item) error {
	switch {
	case !r.WrittenOff && r.Compensation != 0:
		return approval.Errorf(approval.Invalid, "赔偿金额仅用于核销。", "Compensation belongs to a write-off only.").At("repaired/compensation")
	case !r.WrittenOff:
		return nil
	case item.Kind == ItemPhoto:
		return approval.Errorf(approval.Invalid, "照片应当补拍，不能核销。", "Photographs are taken anew; they are not written off.").At("repaired/written_off")
	case r.Quantity != 0:
		return approval.Errorf(approval.Invalid, "核销不更改清单数量，剩余数量由双方重新确认。", "A write-off leaves the listed quantity; both sides then state what is left.").At("repaired/quantity")
	case r.Compensation != 0:
		return r.Compensation.Validate("repaired/compensation")
	}
	return nil
}

// disputed is the side that does not agree to the write-off, if any.
func (i Item) disputed() (why approval.Text) {
	for _, side := range Sides {
		if reading := i.read(side.Side); reading != nil && reading.Disputed {
			return approval.Text{
				ZH: fmt.Sprintf("%s：%s不同意核销，%s", i.Name, side.Name.ZH, reading.Note),
				EN: fmt.Sprintf("%s: the %s does not agree to the write-off, %s", i.Name, side.Name.EN, reading.Note),
			}
		}
	}
	return why
}

// done says in words what became of a repair.
func (c Checklist) done(repair Repair) string {
	switch item := c.item(repair.ItemID); {
	case !repair.WrittenOff:
		return repair.Report
	case item.WrittenOff != repair.ID || !item.writtenOff():
		return "提出核销（未采用）：" + repair.Report
	case repair.Compensation == 0:
		return "核销，不赔偿：" + repair.Report
	}
	return "核销，赔偿" + repair.Compensation.Yuan() + "元：" + repair.Report
}
