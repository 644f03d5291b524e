package poster

import (
	"io"
	"time"

	"linli/approval"
)

// PaymentOrder is the voucher of a case's one payment, before or after the
// money went.
type PaymentOrder struct {
	CaseID        string
	Title         string
	Fund          string // the payer
	Charity       string // who holds the fund's money
	Payee         string
	Bank          string
	Account       string // masked; the number itself never gets here
	Amount        approval.Fen
	Maker         Signatory
	Checker       Signatory
	BankReference string    // "" until the bank has paid
	PaidAt        time.Time // zero until then
	IssuedAt      time.Time // when the case came to be paid
	ContentHash   string
	Pin           approval.RulePin
}

// Signatory is who acted, and when; zero until then. For is whose place was
// taken, "" for one's own.
type Signatory struct {
	Name string
	For  string
	At   time.Time
}

func (p Signatory) String() string {
	switch {
	case p.At.IsZero():
		return "待办"
	case p.For != "":
		return p.Name + "（代 " + p.For + "）  " + moment(p.At)
	}
	return p.Name + "  " + moment(p.At)
}

// Print writes 付款通知单 as a PDF; before the bank has paid, it says so.
func (o PaymentOrder) Print(w io.Writer, font Font) error {
	s := newSheet(font)
	s.masthead(o.Fund, say("付款通知单", "Payment order"), o.Title)
	status := "待付款（本单未经复核付款，不作付款凭证）"
	if !o.PaidAt.IsZero() {
		status = "已付款"
	}
	s.pair(say("状态", "Status"), status)
	s.heading(say("金额", "Amount"))
	s.amount(o.Amount)
	s.heading(say("付款方", "Payer"))
	s.pair(say("付款基金", "Fund"), o.Fund)
	s.pair(say("托管单位", "Held by"), o.Charity)
	s.heading(say("收款方", "Payee"))
	s.pair(say("名称", "Name"), o.Payee)
	s.pair(say("开户银行", "Bank"), o.Bank)
	s.pair(say("账号（已隐去）", "Account, masked"), o.Account)
	s.heading(say("办理", "Handled by"))
	s.pair(say("事项编号", "Case"), o.CaseID)
	s.pair(say("制单", "Maker"), o.Maker.String())
	s.pair(say("复核", "Checker"), o.Checker.String())
	s.pair(say("银行流水号", "Bank reference"), o.BankReference)
	s.pair(say("付款时间", "Paid at"), moment(o.PaidAt))
	s.pair(say("所用规则", "Rule set"), pinned(o.Pin))
	s.signatures("出纳（签字）", "复核（签字）", "单位（盖章）")
	return s.write(w, imprint{title: "付款通知单：" + o.Title, number: o.CaseID, hash: o.ContentHash, made: o.IssuedAt})
}
