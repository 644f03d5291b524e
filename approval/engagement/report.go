package engagement

import (
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/onboarding"
)

// Report is what an operator declares of a period, with the share it reckons.
type Report struct {
	Period string `json:"period"`
	Figures
	Share  approval.Fen        `json:"share"` // fen; must be what the contract makes of the figures
	Note   string              `json:"note,omitempty"`
	Papers []approval.Attached `json:"papers"` // statement of account and the like
	By     string              `json:"by"`     // set when the report is taken
}

// Payment is how the operator says the share was paid to the charity.
type Payment struct {
	BankReference string              `json:"bank_reference"`
	PaidOn        string              `json:"paid_on"` // civil date
	Papers        []approval.Attached `json:"papers,omitempty"`
	By            string              `json:"by"`
}

// Received is what a charity officer states when the money has arrived.
type Received struct {
	ReceivedOn string          `json:"received_on"` // civil date
	Receipt    funduse.Receipt `json:"receipt"`     // the donation receipt, or why there is none
}

// Booked is a received share on its way into the ledger and, once it is there,
// the income it became.
type Booked struct {
	Received
	By       string    `json:"by"`
	IncomeID string    `json:"income_id,omitempty"`
	BookedAt time.Time `json:"booked_at,omitzero"`
}

const (
	maxNote      = 1000
	maxReference = 64
	maxPapers    = 20
)

// askReport asks the operator for the report of a period.
func (s *State) askReport(p *Period, now time.Time) {
	p.Status, p.Turn = Due, s.turn(Reporting)
	s.ask(now, Reporting, p.Turn, s.ContentHash, s.operator(SeatOperator, s.Parameters.ReportDays, approval.Submit))
}

// checkReport refuses a report of another period than is asked for, without
// the figures its share needs, or with another amount than they come to.
func (s *State) checkReport(asked Period, report *Report) error {
	const at = "form/details/report"
	if report == nil {
		return approval.Errorf(approval.Invalid, "须填写反哺报表。", "The share report is missing.").At(at)
	}
	if err := s.checkPeriod(asked, report.Period); err != nil {
		return err
	}
	if err := report.Figures.validate(s.Share.Kind, asked, at); err != nil {
		return err
	}
	if share := asked.Amount(s.Share, report.Figures); share != report.Share {
		return approval.Errorf(approval.Invalid, "%[1]s应反哺%[2]s元（%[3]s），所报%[4]s元不符。", "The share of %[1]s comes to %[2]s yuan (%[5]s), not %[4]s.",
			asked.Name, share.Yuan(), s.Share.Text().ZH, report.Share.Yuan(), s.Share.Text().EN).At(at + "/share")
	}
	if len(report.Papers) == 0 || len(report.Papers) > maxPapers {
		return approval.Errorf(approval.Invalid, "须附1至%[1]d份账目材料。", "Attach 1 to %[1]d papers of account.", maxPapers).At(at + "/papers")
	}
	return approval.Between(report.Note, 0, maxNote, at+"/note")
}

// checkPeriod tells why a report of the named period is not taken here.
func (s *State) checkPeriod(asked Period, named string) error {
	if named == asked.Name {
		return nil
	}
	const at = "form/details/report/period"
	other := s.period(named)
	switch {
	case other == nil:
		return approval.Errorf(approval.Invalid, "本协议没有“%[1]s”这一期。", "The contract has no period %[1]q.", named).At(at)
	case other.Status == Running:
		return approval.Errorf(approval.Conflict, "%[1]s尚未结束，不能报送。", "The period %[1]s has not ended; it cannot be reported yet.", named).At(at)
	case !other.Open():
		return approval.Errorf(approval.Conflict, "%[1]s已结，不能再报。", "The period %[1]s is closed and takes no report.", named).At(at)
	}
	return approval.Errorf(approval.Conflict, "此任务报送的是%[1]s，不是%[2]s。", "This task is for the report of %[1]s, not %[2]s.", asked.Name, named).At(at)
}

// validate refuses figures that are missing, superfluous or impossible.
func (f Figures) validate(kind onboarding.ShareKind, p Period, at string) error {
	needs := map[onboarding.ShareKind]string{
		onboarding.ProfitPercent: "profit", onboarding.RevenuePercent: "revenue", onboarding.FixedPerDay: "days", onboarding.InKindHours: "hours",
	}[kind]
	for _, stated := range []struct { // in one order: the same report is refused for the same figure every time
		name  string
		given bool
	}{{"profit", f.Profit != nil}, {"days", f.Days != nil}, {"hours", f.Hours != nil}} {
		if stated.given != (stated.name == needs) {
			return figure(at, stated.name)
		}
	}
	length := days(day(p.From), day(p.To)) + 1
	switch {
	case f.Revenue == nil && (kind == onboarding.ProfitPercent || kind == onboarding.RevenuePercent),
		f.Revenue != nil && (*f.Revenue < 0 || *f.Revenue > approval.MaxAmount):
		return figure(at, "revenue")
	case f.Profit != nil && (*f.Profit < -approval.MaxAmount || *f.Profit > *f.Revenue):
		return figure(at, "profit")
	case f.Days != nil && (*f.Days < 0 || *f.Days > length):
		return figure(at, "days")
	case f.Hours != nil && (*f.Hours < 0 || *f.Hours > 24*length*100):
		return figure(at, "hours")
	}
	return nil
}

func figure(at, name string) error {
	return approval.Errorf(approval.Invalid, "“%[1]s”一项缺失、多余或超出范围。", "The figure %[1]q is missing, superfluous or out of range.", name).At(at + "/" + name)
}

func (s *State) takeReport(p *Period, report Report, by string, now time.Time) {
	report.By = by
	p.Report, p.Status, p.Reason = &report, Reported, ""
	task := s.office(SeatCommunity, approval.Handler, s.Parameters.ConfirmDays, by)
	s.ask(now, Reporting, p.Turn, approval.ContentHash(report), task)
}

// confirmReport carries out the community's word on a report.
func (s *State) confirmReport(p *Period, act approval.Act, now time.Time) {
	if act.Action == approval.Return {
		p.Reason = act.Comment
		s.askReport(p, now)
		return
	}
	share := p.Report.Share
	p.Share, p.ConfirmedBy = &share, people(act)
	if p.Report.Hours != nil {
		s.Hours += *p.Report.Hours
	}
	if share == 0 {
		p.Status = Settled
		return
	}
	p.Status = Confirmed
	s.askPayment(p, now)
}

func (s *State) askPayment(p *Period, now time.Time) {
	s.ask(now, Reporting, p.Turn, approval.ContentHash(*p.Report), s.operator(SeatPayment, s.Parameters.DonationDays, approval.Submit))
}

func (s *State) checkPayment(payment *Payment, now time.Time) error {
	const at = "form/details/payment"
	if payment == nil {
		return approval.Errorf(approval.Invalid, "须填写缴款情况。", "The payment is missing.").At(at)
	}
	if err := approval.Between(payment.BankReference, 1, maxReference, at+"/bank_reference"); err != nil {
		return err
	}
	if len(payment.Papers) > maxPapers {
		return approval.Errorf(approval.Invalid, "材料不超过%[1]d份。", "Attach at most %[1]d papers.", maxPapers).At(at + "/papers")
	}
	return approval.PastDate(payment.PaidOn, now, at+"/paid_on")
}

func (s *State) takePayment(p *Period, payment Payment, by string, now time.Time) {
	payment.By = by
	p.Payment, p.Status, p.Reason = &payment, Paid, ""
	s.askReceipt(p, now)
}

// askReceipt asks the charity whether the money is there: whoever confirmed
// the report does not book it.
func (s *State) askReceipt(p *Period, now time.Time) {
	task := s.office(SeatCharity, approval.CharityOfficer, s.Parameters.ConfirmDays, p.ConfirmedBy...)
	s.ask(now, Reporting, p.Turn, approval.ContentHash(*p.Report), task)
}

func (s *State) checkReceipt(p Period, received *Received, now time.Time) error {
	const at = "form/details/received"
	if received == nil {
		return approval.Errorf(approval.Invalid, "须填写到账日期和票据。", "The day of arrival and the receipt are missing.").At(at)
	}
	if err := s.income(p, *received).Validate(now); err != nil {
		refusal := approval.Refusal(err)
		return refusal.At(at + "/" + refusal.Field)
	}
	return nil
}

// income is the donation a period's share becomes.
func (s *State) income(p Period, received Received) funduse.NewIncome {
	return funduse.NewIncome{
		Kind: funduse.OperatorShare, Amount: *p.Share, Payer: s.Operator.Name, PayerCreditCode: s.Operator.CreditCode,
		Memo:       fmt.Sprintf("%s反哺（%s），银行流水%s", p.Name, s.Start.CaseID, p.Payment.BankReference),
		ReceivedOn: received.ReceivedOn, Receipt: received.Receipt,
	}
}

func (s *State) takeReceipt(p *Period, act approval.Act, received *Received, now time.Time) {
	if act.Action == approval.Return {
		p.Reason, p.Status, p.Payment, p.Turn = act.Comment, Confirmed, nil, s.turn(Reporting)
		s.askPayment(p, now)
		return
	}
	p.Receipt, p.Status = &Booked{Received: *received, By: act.Person.ID}, Booking
}

// ShareOrder books a period's share as a donation into the fund; Key makes it
// idempotent by period.
type ShareOrder struct {
	Key    string            `json:"key"`
	CaseID string            `json:"case_id"`
	FundID string            `json:"fund_id"`
	Period string            `json:"period"`
	Income funduse.NewIncome `json:"income"`
	By     string            `json:"by"` // the charity officer
	At     time.Time         `json:"at"`
}

// Donation is the next share to book, nil if there is none.
func (s *State) Donation(now time.Time) *ShareOrder {
	for _, p := range s.Periods {
		if p.Status == Booking {
			return &ShareOrder{
				Key: s.key("share", p.Name), CaseID: s.Start.CaseID, FundID: s.FundID, Period: p.Name,
				Income: s.income(p, p.Receipt.Received), By: p.Receipt.By, At: now,
			}
		}
	}
	return nil
}

// Donated closes a period whose share stands in the ledger.
func (s *State) Donated(period, incomeID string, now time.Time) {
	p := s.period(period)
	p.Receipt.IncomeID, p.Receipt.BookedAt, p.Status = incomeID, now, Settled
	s.Given += *p.Share
	s.settle(now)
}

// DonationRefused asks the charity again: the ledger did not take what it
// stated, such as a receipt number that was used before.
func (s *State) DonationRefused(period string, refusal *approval.Error, now time.Time) {
	p := s.period(period)
	p.Status, p.Receipt, p.Reason, p.Turn = Paid, nil, refusal.Message.ZH, s.turn(Reporting)
	s.askReceipt(p, now)
}
