package web

import (
	"fmt"
	"strings"
	"testing"

	"linli/approval"
)

func sampleBulletin(services int) approval.Bulletin {
	b := approval.Bulletin{
		CaseID: "e_01", Scope: "370300/370303/370303001/370303001901", ScopeNames: []string{"淄博市", "张店区", "车站街道", "示范一社区"},
		Operator: "示例助餐服务部", Space: "示范一社区助餐点", StartsOn: "2026-01-01", EndsOn: "2027-12-31",
		Share: approval.Text{ZH: "按月反哺利润的30%", EN: "monthly 30% of the profit"}, Given: 1_234_567, Hours: 12,
		Services: []approval.BulletinService{
			{Name: "老年午餐", Kind: approval.Text{ZH: "社区助餐", EN: "meals"}, Class: approval.Text{ZH: "低偿", EN: "low-charge"}, Unit: "份", Price: 1_500, Price60: 1_350, Price80: 1_275, Over60: 10, Over80: 15},
			{Name: "健康检测", Kind: approval.Text{ZH: "健康服务", EN: "health service"}, Class: approval.Text{ZH: "公益", EN: "public-benefit"}, Unit: "次"},
		},
	}
	b.ValidFrom = "2026-06-01"
	b.Next = &approval.BulletinPrices{From: "2027-01-01", Services: b.Services[:1]}
	b.Past = []approval.BulletinPrices{{From: "2026-01-01", To: "2026-05-31", Services: b.Services[1:]}}
	for n := len(b.Services); n < services; n++ {
		service := b.Services[0]
		service.Name = fmt.Sprintf("便民服务项目%d", n)
		b.Services = append(b.Services, service)
	}
	return b
}

func sampleBulletins(frame Frame) BulletinList {
	list := BulletinList{Frame: frame, Filter: approval.BulletinFilter{Search: "餐", Scope: "370300/370303"}, Next: "abc", Cursor: "xyz",
		Path: []Place{{"370300", "淄博市"}, {"370300/370303", "张店区"}}, Below: []Place{{"370300/370303/370303001", "车站街道"}}}
	for n := range 20 {
		list.Items = append(list.Items, sampleBulletin(n))
	}
	return list
}

func TestWhatOlderResidentsPayStandsBesideThePrice(t *testing.T) {
	for lang, wants := range map[Lang][]string{
		ZH: {"老年午餐", "15.00元/份", "13.50元/份", "9折", "12.75元/份", "8.5折", "免费", "12,345.67", "另有 13 项服务"},
		EN: {"15.00 yuan per 份", "10% off", "15% off", "free", "and 13 more services"},
	} {
		page := string(render(t, lang)["bulletins"])
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is missing", lang, want)
			}
		}
	}
}
