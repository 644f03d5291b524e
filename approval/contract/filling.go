package contract

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"linli/approval"
)

// filling is what the fields of a template may name, each on one line.
type filling struct {
	Community, Subdistrict, Fund, Charity string
	Space, Share, Reporting, Deposit      string
	FirstDay, LastDay                     string
	Rules                                 *Rules
	terms                                 Terms
}

func newFilling(t Terms) filling {
	first, last, _ := t.days() // Validate has read them
	f := filling{
		Community: oneLine(t.Community), Subdistrict: oneLine(t.Subdistrict), Fund: oneLine(t.Fund), Charity: oneLine(t.Charity),
		Space: oneLine(t.Space.Name), Share: oneLine(t.Share), Reporting: oneLine(t.Reporting), FirstDay: civil(first), LastDay: civil(last), Rules: t.Rules, terms: t,
	}
	if t.Deposit > 0 {
		f.Deposit = fmt.Sprintf("人民币%s元（大写：%s）", t.Deposit.Yuan(), t.Deposit.Capital())
	}
	return f
}

// oneLine keeps a text from reaching below its own line.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

func civil(day time.Time) string { return day.Format("2006年1月2日") }

func (f filling) directive(name string, words []string) ([]approval.Block, error) {
	switch name {
	case "parties":
		return f.parties(words)
	case "space":
		return f.space(), nil
	case "services":
		return []approval.Block{{Table: f.services()}}, nil
	case "duties":
		return f.duties(), nil
	case "signatures":
		return []approval.Block{{Signatures: words}}, nil
	}
	return nil, fmt.Errorf("there is no directive %q", name)
}

func pair(zh, en, value string) approval.Block {
	return approval.Block{Pair: approval.Pair{Label: approval.Text{ZH: zh, EN: en}, Value: oneLine(value)}}
}

// parties names the community, the operator and the witness by the words of
// the template.
func (f filling) parties(words []string) ([]approval.Block, error) {
	if len(words) != 3 {
		return nil, fmt.Errorf("three parties need three words, not %d", len(words))
	}
	t := f.terms
	return []approval.Block{
		pair(words[0], "Community", t.Community),
		pair(words[1], "Operator", t.Operator.Name),
		pair("统一社会信用代码", "Credit code", t.Operator.CreditCode),
		pair("法定代表人（负责人）", "Representative", t.Operator.Representative),
		pair(words[2], "Subdistrict, witness", t.Subdistrict),
	}, nil
}

func (f filling) space() []approval.Block {
	s := f.terms.Space
	return []approval.Block{
		pair("空间名称", "Space", s.Name),
		pair("位置", "Place", s.Place),
		pair("房间", "Rooms", strings.Join(s.Rooms, "、")),
		pair("面积", "Area", squareMetres(s.Area)),
		pair("用途", "Use", s.Use),
	}
}

// squareMetres renders dm².
func squareMetres(area int64) string {
	text := fmt.Sprintf("%d.%02d", area/100, area%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "平方米"
}

func (f filling) services() *approval.Table {
	table := &approval.Table{Columns: []approval.Column{
		{Name: approval.Text{ZH: "服务项目", EN: "Service"}, Share: 34},
		{Name: approval.Text{ZH: "类别", EN: "Class"}, Share: 14},
		{Name: approval.Text{ZH: "价格", EN: "Price"}, Share: 22, Right: true},
		{Name: approval.Text{ZH: "60岁以上优惠", EN: "Discount 60+"}, Share: 15, Right: true},
		{Name: approval.Text{ZH: "80岁以上优惠", EN: "Discount 80+"}, Share: 15, Right: true},
	}}
	for _, s := range f.terms.Services {
		table.Rows = append(table.Rows, []string{oneLine(s.Name), oneLine(s.Class), s.price(), discount(s.Discount60), discount(s.Discount80)})
	}
	return table
}

func (s Service) price() string {
	if s.Price == 0 {
		return "免费"
	}
	text := s.Price.Yuan() + "元"
	if unit := oneLine(s.Unit); unit != "" {
		text += "/" + unit
	}
	return text
}

func discount(percent int64) string {
	if percent == 0 {
		return "—"
	}
	return strconv.FormatInt(percent, 10) + "%"
}

func (f filling) duties() []approval.Block {
	if len(f.terms.Duties) == 0 {
		return []approval.Block{{Text: "除本协议其他条款外，双方没有另行约定公益义务。"}}
	}
	blocks := []approval.Block{{Text: "乙方履行下列公益义务："}}
	for i, duty := range f.terms.Duties {
		blocks = append(blocks, approval.Block{Text: fmt.Sprintf("（%d）%s", i+1, oneLine(duty))})
	}
	return blocks
}
