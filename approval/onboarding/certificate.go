package onboarding

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
)

// CertificateFacts is what a certificate names beside its checklist.
type CertificateFacts struct {
	Number    string
	Community string
	Operator  string
	Witness   string              // the subdistrict's office
	Name      func(string) string // of a person
}

// Certificate is the handover certificate (移交书), or that of the hand-back. It
// is refused until both sides agree on every item and nothing is left to repair.
func (c Checklist) Certificate(facts CertificateFacts) (approval.Paper, error) {
	if !c.Complete() {
		return approval.Paper{}, approval.Errorf(approval.Conflict, "双方尚未逐项确认一致，或仍有整修未完成，不能出具移交书。",
			"The sides do not agree on every item yet, or a repair is open; there is no certificate.")
	}
	if c.Paper != "" {
		return approval.Paper{}, approval.Errorf(approval.Conflict, "空间已凭纸质移交书移交，请查阅其扫描件（SHA-256 %[1]s）。",
			"The space was handed over on paper; read the scan of the certificate (SHA-256 %[1]s).", c.Paper)
	}
	title, giving, receiving := approval.Text{ZH: "空间移交书", EN: "Handover certificate"}, facts.Community, facts.Operator
	if c.Back {
		title, giving, receiving = approval.Text{ZH: "空间交还书", EN: "Hand-back certificate"}, facts.Operator, facts.Community
	}
	paper := approval.Paper{Issuer: facts.Community, Title: title, Subject: c.SpaceName, Number: facts.Number, Hash: c.Hash(), At: c.lastReading()}
	pair := func(zh, en, value string) {
		paper.Blocks = append(paper.Blocks, approval.Block{Pair: approval.Pair{Label: approval.Text{ZH: zh, EN: en}, Value: value}})
	}
	pair("阵地", "Space", c.SpaceName+"（"+c.SpaceID+"）")
	pair("交出方", "Giving side", giving)
	pair("接收方", "Receiving side", receiving)
	pair("确认完成", "Agreed on", paper.At.In(approval.Shanghai).Format("2006-01-02 15:04"))
	paper.Blocks = append(paper.Blocks, heading("移交清单", "Items"), approval.Block{Table: c.itemTable(facts.Name)})
	if len(c.Repairs) > 0 {
		paper.Blocks = append(paper.Blocks, heading("差异及整修", "Differences and repairs"), approval.Block{Table: c.repairTable()})
	}
	paper.Blocks = append(paper.Blocks, heading("照片摘要", "Photographs, by SHA-256"), approval.Block{Text: c.photographs()},
		approval.Block{Signatures: []string{"交出方（签章）", "接收方（签章）", "见证方 " + facts.Witness + "（签章）"}})
	return paper, nil
}

func heading(zh, en string) approval.Block {
	return approval.Block{Heading: approval.Text{ZH: zh, EN: en}}
}

// lastReading is when the last item was agreed on.
func (c Checklist) lastReading() time.Time {
	last := c.DrawnAt
	for _, item := range c.Items {
		for _, reading := range []*Reading{item.Giving, item.Receiving} {
			if reading != nil && reading.At.After(last) {
				last = reading.At
			}
		}
	}
	return last
}

func (c Checklist) itemTable(name func(string) string) *approval.Table {
	table := &approval.Table{Columns: []approval.Column{
		{Name: approval.Text{ZH: "类别", EN: "Kind"}, Share: 14}, {Name: approval.Text{ZH: "名称", EN: "Item"}, Share: 24},
		{Name: approval.Text{ZH: "位置", EN: "Place"}, Share: 14}, {Name: approval.Text{ZH: "双方确认", EN: "Agreed"}, Share: 26},
		{Name: approval.Text{ZH: "确认人", EN: "By"}, Share: 22},
	}}
	for _, item := range c.Items {
		value := item.Receiving.value().ZH
		if item.Unit != "" && item.Kind != ItemMeter {
			value = strings.Replace(value, "，", item.Unit+"，", 1)
		} else if item.Unit != "" {
			value += " " + item.Unit
		}
		if item.writtenOff() {
			value += "，核销"
		}
		table.Rows = append(table.Rows, []string{
			kindName(item.Kind).ZH, item.Name, item.Room, value, name(item.Giving.By) + "、" + name(item.Receiving.By),
		})
	}
	return table
}

func (c Checklist) repairTable() *approval.Table {
	table := &approval.Table{Columns: []approval.Column{
		{Name: approval.Text{ZH: "差异", EN: "Difference"}, Share: 45}, {Name: approval.Text{ZH: "处理", EN: "Done"}, Share: 38},
		{Name: approval.Text{ZH: "完成", EN: "On"}, Share: 17},
	}}
	for _, repair := range c.Repairs {
		table.Rows = append(table.Rows, []string{repair.Why.ZH, c.done(repair), repair.DoneAt.In(approval.Shanghai).Format(time.DateOnly)})
	}
	return table
}

func (c Checklist) photographs() string {
	var lines []string
	for _, item := range c.Items {
		for n, photo := range item.Receiving.Photos {
			lines = append(lines, fmt.Sprintf("%s %d：%s", item.Name, n+1, photo))
		}
	}
	for _, repair := range c.Repairs {
		for n, photo := range repair.Photos {
			lines = append(lines, fmt.Sprintf("%s %d：%s", repair.ID, n+1, photo))
		}
	}
	return strings.Join(lines, "\n")
}
