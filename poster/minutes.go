package poster

import (
	"fmt"
	"io"
	"strings"
	"time"

	"linli/approval"
)

// Minutes is one round of a committee's vote that has come to its end.
type Minutes struct {
	CaseID      string
	Title       string
	Community   string
	Amount      approval.Fen
	Round       int // counts from 1 per case
	OpenedAt    time.Time
	ClosedAt    time.Time
	Members     []Attendance
	Named       bool // the rule set publishes who voted how; else only that they voted
	Verdict     approval.Verdict
	ContentHash string // of the proposal that was voted on
	Pin         approval.RulePin
}

// Attendance is one person on the roster of that round.
type Attendance struct {
	Name    string
	Seats   []approval.Seat
	Reserve bool // called in for somebody who stepped aside
	Recused bool
	Reason  string          // why recused
	Choice  approval.Choice // "" = cast no ballot
	VotedAt time.Time
}

// Print writes 管委会会议纪要 as a PDF. Ballots carry names only where the rule
// set publishes names; recusals always carry their reason.
func (m Minutes) Print(w io.Writer, font Font) error {
	s := newSheet(font)
	s.masthead(m.Community, say("社区发展基金管委会会议纪要", "Minutes of the community fund committee"), m.Title)
	s.pair(say("审议事项", "Matter"), m.Title+"（"+m.CaseID+"）")
	s.pair(say("申请金额", "Amount"), figures(m.Amount)+"，"+capital(m.Amount))
	s.pair(say("表决时间", "Vote"), fmt.Sprintf("%s 至 %s（第%d轮，线上逐人表决）", moment(m.OpenedAt), moment(m.ClosedAt), m.Round))
	s.heading(say("出席与表决", "Roster and ballots"))
	s.table([]column{
		{name: say("姓名", "Name"), width: 130}, {name: say("席位", "Seats"), width: 150},
		{name: say("表决", "Ballot"), width: 80}, {name: say("时间", "Time"), width: breadth - 360},
	}, m.ballots(), nil)
	if !m.Named {
		s.paragraph("按本区规则，只公布票数，不公布各委员的表决意见。", left, breadth, 9, dim)
	}
	m.recusals(s)
	s.heading(say("表决结果", "Result"))
	v := m.Verdict
	s.paragraph(outcomes[v.Outcome]+"。"+v.Why.ZH, left, breadth, 12, ink)
	s.paragraph(v.Why.EN, left, breadth, small, dim)
	s.pair(say("票数", "Ballots"), fmt.Sprintf("应到 %d 人，投票 %d 人：赞成 %d 票，反对 %d 票，弃权 %d 票", v.Eligible, v.Cast, v.For, v.Against, v.Abstained))
	s.heading(say("依据", "Basis"))
	s.pair(say("所用规则", "Rule set"), pinned(m.Pin))
	s.paragraph("规则 SHA-256  "+m.Pin.Hash, left, breadth, 8, dim)
	s.paragraph("所议内容 SHA-256  "+m.ContentHash, left, breadth, 8, dim)
	s.signatures("主持人（签字）", "记录人（签字）")
	title := "会议纪要：" + m.Title
	return s.write(w, imprint{title: title, number: m.CaseID, hash: m.ContentHash, made: m.ClosedAt})
}

var outcomes = map[approval.VoteOutcome]string{
	approval.VotePassed: "通过", approval.VoteRejected: "不予通过", approval.VoteNoQuorum: "未形成决议", approval.VoteTooFew: "人数不足，不能表决", approval.VoteOpen: "结果未定",
}

// ballots leaves the time out where the choice is: the order of votes can
// give a secret ballot away.
func (m Minutes) ballots() [][]string {
	var rows [][]string
	for _, member := range m.Members {
		name := member.Name
		if member.Reserve {
			name += "（递补）"
		}
		said, at := "未投票", ""
		switch {
		case member.Recused:
			said = "回避"
		case member.Choice != "" && m.Named:
			said, at = choices[member.Choice], moment(member.VotedAt)
		case member.Choice != "":
			said = "已投票"
		}
		rows = append(rows, []string{name, seatNames(member.Seats), said, at})
	}
	return rows
}

func (m Minutes) recusals(s *sheet) {
	var reasons []string
	for _, member := range m.Members {
		if member.Recused {
			reasons = append(reasons, member.Name+"："+member.Reason)
		}
	}
	if len(reasons) == 0 {
		return
	}
	s.heading(say("回避及理由", "Recusals"))
	s.paragraph(strings.Join(reasons, "\n"), left, breadth, body, ink)
}

// signatures leaves lines to sign on.
func (s *sheet) signatures(names ...string) {
	s.room(64)
	s.y += 38
	wide := breadth / float64(len(names))
	for i, name := range names {
		x := left + float64(i)*wide
		s.text(x, s.y, body, ink, name)
		s.rule(s.y+2, x+s.width(name, body)+6, x+wide-24, 0.5, ink)
	}
	s.y += 16
}
