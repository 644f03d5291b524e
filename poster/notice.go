package poster

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/signintech/gopdf"

	"linli/approval"
)

// Notice prints the poster of a notice. publicURL is where residents read and
// answer it; the QR code leads there. What depends on the day of printing, such
// as whether objections are still taken, is left to that page.
func Notice(w io.Writer, notice approval.NoticeView, publicURL string, font Font) error {
	s := newSheet(font)
	n := notice.Notice
	name := say("社区发展基金使用结果公示", "Public notice: result of a use of the community fund")
	switch n.Kind {
	case "before_payout":
		name = say("社区发展基金付款前公示", "Public notice before a payment of the community fund")
	case "admission":
		name = say("社区空间运营主体准入公示", "Public notice: an operator to be admitted to a community space")
	}
	s.masthead(strings.Join(notice.ScopeNames, " "), name, n.Title)
	s.corrections(notice.Notes)
	s.periodOf(n)
	s.objecting(publicURL)
	if n.Admission != nil { // nobody voted, nothing is paid
		s.admission(n, *n.Admission)
		s.steps(n.Steps)
	} else {
		s.money(n)
		s.budget(n)
		s.steps(n.Steps)
		s.vote(notice)
	}
	return s.write(w, imprint{title: name.ZH + "：" + n.Title, number: n.ID, hash: n.ContentHash, made: n.PublishedAt})
}

// masthead is the top of the first page.
func (s *sheet) masthead(place string, name approval.Text, subject string) {
	s.centred(place, 11, dim)
	s.y += 2
	s.centred(name.ZH, 24, ink)
	s.centred(name.EN, 8.5, dim)
	s.y += 5
	s.rule(s.y, left, right, 1.6, ink)
	s.rule(s.y+3, left, right, 0.5, ink)
	s.y += 10
	s.centred(subject, 15, ink)
	s.y += 4
}

// corrections stand on top: they change what the rest says.
func (s *sheet) corrections(notes []approval.NoticeNote) {
	for _, note := range notes {
		if note.Kind == "correction" {
			s.pair(say("更正", "Correction"), moment(note.At)+"  "+note.Text)
		}
	}
}

func (s *sheet) periodOf(n approval.Notice) {
	s.pair(say("公示期", "Notice period"), moment(n.PublishedAt)+" 至 "+end(n.EndsAt)+"（"+period(n.Days, n.DayKind)+"）")
}

func (s *sheet) money(n approval.Notice) {
	s.heading(say("资金", "Money"))
	s.amount(n.Amount)
	s.pair(say("用款类别", "Category"), n.Category.ZH)
	s.pair(say("用途", "Purpose"), n.Purpose)
	s.pair(say("收款方", "Payee"), n.Payee)
	paid := "尚未付款"
	if p := n.Payment; p != nil {
		paid = figures(p.Amount) + "，" + moment(p.PaidAt) + "，银行流水号 " + p.BankReference
	}
	s.pair(say("付款", "Payment"), paid)
}

// admission is who is to run which space, until when and at which prices.
func (s *sheet) admission(n approval.Notice, a approval.NoticeAdmission) {
	s.heading(say("拟准入", "To be admitted"))
	s.pair(say("运营主体", "Operator"), a.Operator+"（"+a.CreditCode+"）")
	s.pair(say("空间", "Space"), a.Space+"，"+fmt.Sprintf("%d.%02d平方米", a.Area/100, a.Area%100))
	s.pair(say("期限", "Term"), a.StartsOn+" 至 "+a.EndsOn)
	s.pair(say("反哺社区基金", "Share"), a.Share.ZH)
	s.pair(say("装修投入", "Fit-out"), figures(n.Amount))
	if a.Score != "" {
		s.pair(say("评审得分", "Score"), a.Score)
	}
	s.pair(say("方案", "Plan"), n.Purpose)
	s.heading(say("服务与价格（元）", "Services and prices (yuan)"))
	rows := make([][]string, len(a.Services))
	for i, service := range a.Services {
		rows[i] = []string{service.Name + "（" + service.Unit + "）", service.Price.Yuan(), service.Price60.Yuan(), service.Price80.Yuan()}
	}
	const price = 85
	s.table([]column{
		{name: say("服务", "Service"), width: breadth - 3*price}, {name: say("价格", "Price"), width: price, right: true},
		{name: say("60岁以上", "From 60"), width: price, right: true}, {name: say("80岁以上", "From 80"), width: price, right: true},
	}, rows, nil)
}

// amount is large in figures, and in words beside it.
func (s *sheet) amount(amount approval.Fen) {
	const size = 28.0
	s.room(size * 2)
	shown := figures(amount)
	s.text(left, s.y+size*1.05, size, ink, shown)
	words := capital(amount)
	if beside := left + s.width(shown, size) + 18; beside+s.width(words, 13) <= right {
		s.text(beside, s.y+size*1.05, 13, ink, words)
		s.y += size * 1.4
		return
	}
	s.y += size * 1.3
	s.paragraph(words, left, breadth, 13, ink)
	s.y += 3
}

func (s *sheet) budget(n approval.Notice) {
	if len(n.Lines) == 0 {
		return
	}
	s.heading(say("预算明细", "Budget"))
	rows := make([][]string, len(n.Lines))
	for i, line := range n.Lines {
		rows[i] = []string{line.Item, line.Amount.Yuan()}
	}
	s.table([]column{
		{name: say("项目", "Item"), width: breadth - 130}, {name: say("金额（元）", "Amount (yuan)"), width: 130, right: true},
	}, rows, []string{"合计", n.Amount.Yuan()})
}

func (s *sheet) steps(steps []approval.NoticeStep) {
	if len(steps) == 0 {
		return
	}
	s.heading(say("办理过程", "How it was decided"))
	rows := make([][]string, len(steps))
	for i, step := range steps {
		rows[i] = []string{step.Stage.ZH, step.Office.ZH, step.Action.ZH, moment(step.At)}
	}
	s.table([]column{
		{name: say("环节", "Stage"), width: 120}, {name: say("办理单位", "Office"), width: 150},
		{name: say("意见", "Decision"), width: 90}, {name: say("时间", "Time"), width: breadth - 360},
	}, rows, nil)
}

func (s *sheet) vote(notice approval.NoticeView) {
	v := notice.Vote
	s.heading(say("管委会表决", "Committee vote"))
	names := []approval.Text{
		say("应到", "Eligible"), say("投票", "Voting"), say("赞成", "For"), say("反对", "Against"), say("弃权", "Abstained"), say("回避", "Recused"),
	}
	columns, counts := make([]column, len(names)), make([]string, len(names))
	for i, n := range []int{v.Eligible, v.Cast, v.For, v.Against, v.Abstain, v.Recused} {
		columns[i], counts[i] = column{name: names[i], width: breadth / 6}, strconv.Itoa(n)
	}
	s.table(columns, [][]string{counts}, nil)
	s.paragraph(v.Why.ZH, left, breadth, body, ink)
	if len(v.Ballots) == 0 {
		return
	}
	named := make([]string, len(v.Ballots))
	for i, ballot := range v.Ballots {
		named[i] = memberName(notice.Names, ballot.Member) + "：" + choices[ballot.Choice]
	}
	s.paragraph("表决意见："+strings.Join(named, "；")+"。", left, breadth, body, ink)
}

func memberName(names []approval.PersonName, id string) string {
	for _, name := range names {
		if name.ID == id {
			return name.Name
		}
	}
	return id
}

// objecting keeps the instructions and the code together, on the first page:
// on a wall the second may be missing.
func (s *sheet) objecting(address string) {
	const side, box = 104.0, 100.0
	s.room(box + 34)
	s.heading(say("如何提出异议", "How to object"))
	x, width, began := left, breadth-side-20, s.y
	s.code(address, right-side+10, began, side)
	s.y += 4
	s.paragraph("公示期内，任何居民都可以提出异议，不需要登录：用手机扫描右侧二维码，或打开下面的网址。异议和答复都会公开；联系方式只供异议处理人使用，不公开。公示的最新情况以网页为准。", x, width, body, ink)
	s.paragraph("Anybody may object during the notice period, without an account: scan the code or open the address below. Objections and answers are public, contacts are not.", x, width, small, dim)
	s.y += 4
	linked := s.y
	s.paragraph(address, x, width, 9, ink)
	if height := s.y - linked; height > 0 && s.err == nil {
		s.draw(func(pdf *gopdf.GoPdf) error {
			pdf.AddExternalLink(address, x, linked, width, height)
			return nil
		})
	}
	s.y = max(s.y, began+box)
}
