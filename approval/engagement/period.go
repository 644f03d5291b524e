package engagement

import (
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// PeriodStatus is how far a period's share has come.
type PeriodStatus string

// The states of a period.
const (
	Running   PeriodStatus = "running"   // has not ended
	Due       PeriodStatus = "due"       // 待报送
	Reported  PeriodStatus = "reported"  // 待社区确认
	Confirmed PeriodStatus = "confirmed" // 待缴款
	Paid      PeriodStatus = "paid"      // 待开票入账
	Booking   PeriodStatus = "booking"   // 入账中
	Settled   PeriodStatus = "settled"   // 已结
	Unsettled PeriodStatus = "unsettled" // 退出时未结，另行追缴
)

// PeriodStatuses lists every state with its display name.
var PeriodStatuses = []struct {
	Status PeriodStatus
	Name   approval.Text
}{
	{Running, approval.Text{ZH: "进行中", EN: "running"}},
	{Due, approval.Text{ZH: "待报送", EN: "report due"}},
	{Reported, approval.Text{ZH: "待社区确认", EN: "awaiting confirmation"}},
	{Confirmed, approval.Text{ZH: "待缴款", EN: "awaiting payment"}},
	{Paid, approval.Text{ZH: "待开票入账", EN: "awaiting receipt"}},
	{Booking, approval.Text{ZH: "入账中", EN: "being booked"}},
	{Settled, approval.Text{ZH: "已结", EN: "settled"}},
	{Unsettled, approval.Text{ZH: "未结，另行追缴", EN: "closed unpaid"}},
}

// Period is one reporting period and what became of its share.
type Period struct {
	Name      string        `json:"name"` // "2026-12" or "2026-Q4", by its last day
	From      string        `json:"from"` // civil date
	To        string        `json:"to"`   // civil date, last day
	TermStart string        `json:"term_start"`
	Status    PeriodStatus  `json:"status"`
	EndsAt    time.Time     `json:"ends_at,omitzero"` // when the clock takes it as over
	Turn      int           `json:"turn,omitempty"`   // round of the tasks that are open on it
	Report    *Report       `json:"report,omitempty"`
	Payment   *Payment      `json:"payment,omitempty"`
	Receipt   *Booked       `json:"receipt,omitempty"`
	Reason    string        `json:"reason,omitempty"` // why it was returned, refused or left unpaid
	Share     *approval.Fen `json:"share,omitempty"`  // fen, once confirmed
	// HoursOwed is the period's part of the promised hours of service; only in
	// the copy people read.
	HoursOwed *int64 `json:"hours_owed,omitempty"`
	// ConfirmedBy are the people who confirmed the report; they do not book it.
	ConfirmedBy []string `json:"confirmed_by,omitempty"`
}

// Open reports whether something is still to be done about the period.
func (p Period) Open() bool {
	return p.Status != Running && p.Status != Settled && p.Status != Unsettled
}

// ahead reports whether a period has not begun today, by the calendar and by a
// clock that lets days last otherwise, see DateQuestion.
func (p Period) ahead(today string) bool {
	return today < p.From && (p.EndsAt.IsZero() || p.EndsAt.In(approval.Shanghai).Format(time.DateOnly) > p.From)
}

// periods cuts a term into calendar months or quarters, the first and the last
// as short as the term makes them.
func periods(termStart, termEnd string, months int) []Period {
	var cut []Period
	last := day(termEnd)
	for from := day(termStart); !from.After(last); {
		month := int(from.Month()) - 1
		next := time.Date(from.Year(), time.Month(month-month%months+months+1), 1, 0, 0, 0, 0, time.UTC)
		to := earlier(next.AddDate(0, 0, -1), last)
		cut = append(cut, Period{
			Name: periodName(to, months), From: from.Format(time.DateOnly), To: to.Format(time.DateOnly), TermStart: termStart, Status: Running,
		})
		from = next
	}
	return cut
}

func periodName(to time.Time, months int) string {
	if months == 3 {
		return fmt.Sprintf("%d-Q%d", to.Year(), (int(to.Month())+2)/3)
	}
	return to.Format("2006-01")
}

// months is how long a period is, as the contract says. Before edition 2 the
// district's word went before it.
func (s *State) months() int {
	if s.Share.Period != onboarding.Quarterly || s.Edition < 2 && s.Parameters.ReportMonths == 1 {
		return 1
	}
	return 3
}

func (s *State) period(name string) *Period {
	for i := range s.Periods {
		if s.Periods[i].Name == name {
			return &s.Periods[i]
		}
	}
	return nil
}

// onTurn is the period a task of this round is about.
func (s *State) onTurn(turn int) *Period {
	for i := range s.Periods {
		if s.Periods[i].Turn == turn && s.Periods[i].Turn > 0 {
			return &s.Periods[i]
		}
	}
	return nil
}
