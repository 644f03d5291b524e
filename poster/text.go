package poster

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
)

// moment renders a civil time in Shanghai; "" if it never came.
func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(approval.Shanghai).Format("2006年1月2日 15:04")
}

// end renders the end of a period: midnight reads as 24:00 of the day before,
// as people count days.
func end(at time.Time) string {
	local := at.In(approval.Shanghai)
	if local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
		return local.AddDate(0, 0, -1).Format("2006年1月2日") + "24时"
	}
	return moment(at)
}

func period(days int, kind approval.DayKind) string {
	if kind == approval.CalendarDays {
		return fmt.Sprintf("%d个自然日", days)
	}
	return fmt.Sprintf("%d个工作日", days)
}

var choices = map[approval.Choice]string{approval.For: "赞成", approval.Against: "反对", approval.Abstained: "弃权"}

// capital is the amount in words as vouchers have it.
func capital(amount approval.Fen) string { return "人民币（大写）：" + amount.Capital() }

func figures(amount approval.Fen) string { return amount.Yuan() + " 元" }

var seats = map[approval.Seat]string{
	"chair": "主任", "member": "委员", "resident": "居民代表", "donor": "捐赠方代表", "party": "党组织代表", "owner": "业主代表", "expert": "专业人士",
}

// seatNames names the usual seats; one of a district's own making keeps its
// code.
func seatNames(held []approval.Seat) string {
	names := make([]string, len(held))
	for i, seat := range held {
		if names[i] = seats[seat]; names[i] == "" {
			names[i] = seat
		}
	}
	return strings.Join(names, "、")
}

func pinned(pin approval.RulePin) string {
	return fmt.Sprintf("%s 第%d版", pin.ID, pin.Version)
}

func say(zh, en string) approval.Text { return approval.Text{ZH: zh, EN: en} }
