package city

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"linli/approval"
	"linli/approval/funduse"
	"linli/approval/statistics"
	"linli/internal/demo"
)

// Scale is how large a city is. Full is the size Zibo reported in mid-2025.
type Scale struct {
	Communities, Funds, Operators, Services, OldProjects, NewProjects int
	Total                                                             approval.Fen // what all funds hold in the end
}

// Full is the published report.
var Full = Scale{Communities: 384, Funds: 211, Operators: 490, Services: 1600, OldProjects: 144, NewProjects: 672, Total: 18_600_000_00}

// Part is a fraction of a scale, each number rounded down to at least one.
func (s Scale) Part(percent int) Scale {
	cut := func(n int) int { return max(1, n*percent/100) }
	return Scale{
		Communities: cut(s.Communities), Funds: cut(s.Funds), Operators: cut(s.Operators), Services: cut(s.Services),
		OldProjects: cut(s.OldProjects), NewProjects: cut(s.NewProjects), Total: s.Total * approval.Fen(percent) / 100,
	}
}

// Plan is the city before anything of it exists.
type Plan struct {
	Offices     []Office
	Communities []Community
	Funds       []Fund
	Projects    []Project
	Operators   []Operator
	StartsOn    string // of every agreement, civil dates
	EndsOn      string
}

// Office is a subdistrict with the people who serve all its communities.
type Office struct {
	Scope     approval.Scope
	Name      string // 车站
	Handler   Person
	Secretary Person
	Street    Person
	Agent     Person // acts for the operators; holds no office
	Committee []Person
}

// Person is an account to open.
type Person struct {
	Username, Name string
	Role           approval.Role
	Scope          approval.Scope
}

// Community is one to be added to the scope tree.
type Community struct {
	Scope  approval.Scope
	Name   string
	Age    statistics.Age
	Office int
}

// Fund is a community's fund and all it receives.
type Fund struct {
	Community int
	Incomes   []Income
}

// Income is one donation. Directed ones carry an earmark.
type Income struct {
	Kind   funduse.IncomeKind
	Amount approval.Fen
}

// Project is a micro-project a fund pays for.
type Project struct {
	Fund   int
	Title  string
	Amount approval.Fen
}

// Operator is one with a space in the community of a fund. Its costs are what
// it says it bears: fit-out once, running cost per year.
type Operator struct {
	Fund        int
	Name        string
	Code        approval.CreditCode
	Services    int
	FitOut      approval.Fen
	RunningCost approval.Fen
}

// committees is how many members a district's rules ask for.
var committees = map[string]int{"370304": 5, "370305": 5, "370321": 7, "370322": 5}

// withoutMicro is the district whose rules do not allow micro-renewal.
const withoutMicro = "370323"

// NewPlan draws a city of the scale around the ground of the demonstration,
// which counts towards communities, funds and their total.
func NewPlan(ground demo.Data, scale Scale, seed uint64) (Plan, error) {
	chance := rand.New(rand.NewPCG(seed, uint64(scale.Communities)))
	p := Plan{Offices: offices(ground)}
	p.Offices = p.Offices[:min(len(p.Offices), scale.Communities)]
	standing := 0
	for _, division := range ground.Divisions {
		if division.Path.Level() == approval.Community {
			standing++
		}
	}
	p.communities(max(0, scale.Communities-standing), chance)
	p.funds(max(0, scale.Funds-len(ground.Funds)), chance)
	if err := p.projects(scale, chance); err != nil {
		return p, err
	}
	p.operators(scale, chance)
	return p, p.incomes(ground, scale.Total, chance)
}

// offices are the subdistricts; towns are left to the countryside.
func offices(ground demo.Data) (all []Office) {
	for _, division := range ground.Divisions {
		name, urban := strings.CutSuffix(division.ZH, "街道")
		if division.Path.Level() != approval.Subdistrict || !urban {
			continue
		}
		code := path.Base(string(division.Path))
		office := Office{Scope: division.Path, Name: name}
		person := func(short, title string, role approval.Role) Person {
			return Person{Username: "city-" + code + "-" + short, Name: "示例·" + name + title, Role: role, Scope: division.Path}
		}
		office.Handler = person("handler", "经办", approval.Handler)
		office.Secretary = person("secretary", "社区书记", approval.Secretary)
		office.Street = person("street", "街道审批", approval.SubdistrictApprover)
		office.Agent = person("agent", "运营主体经办", "")
		for i := range max(3, committees[code[:6]]) {
			office.Committee = append(office.Committee, person(fmt.Sprintf("m%d", i+1), fmt.Sprintf("委员%d", i+1), approval.CommitteeMember))
		}
		all = append(all, office)
	}
	return all
}

// communities go round the offices, a fifth of them old.
func (p *Plan) communities(n int, chance *rand.Rand) {
	for i := range n {
		office, row := i%len(p.Offices), i/len(p.Offices)
		at := p.Offices[office]
		age := statistics.New
		if chance.IntN(5) == 0 {
			age = statistics.Old
		}
		p.Communities = append(p.Communities, Community{
			Scope: at.Scope + approval.Scope(fmt.Sprintf("/%s%03d", path.Base(string(at.Scope)), 101+row)),
			Name:  fmt.Sprintf("示例%s第%d社区", at.Name, row+1), Age: age, Office: office,
		})
	}
}

// funds lie in communities drawn by lot. At least one that may have
// micro-projects is old and one new.
func (p *Plan) funds(n int, chance *rand.Rand) {
	drawn := chance.Perm(len(p.Communities))
	for _, community := range drawn[:min(n, len(drawn))] {
		p.Funds = append(p.Funds, Fund{Community: community})
	}
	slices.SortFunc(p.Funds, func(a, b Fund) int { return a.Community - b.Community })
	for i, age := range []statistics.Age{statistics.Old, statistics.New} {
		if at := p.renewing(); len(p.of(age)) == 0 && i < len(at) {
			p.Communities[p.Funds[at[i]].Community].Age = age
		}
	}
}

// renewing are the funds whose district allows micro-renewal.
func (p *Plan) renewing() (at []int) {
	for i, fund := range p.Funds {
		if !strings.Contains(string(p.Communities[fund.Community].Scope), withoutMicro) {
			at = append(at, i)
		}
	}
	return at
}

// of are those of them in communities of an age.
func (p *Plan) of(age statistics.Age) (at []int) {
	for _, i := range p.renewing() {
		if p.Communities[p.Funds[i].Community].Age == age {
			at = append(at, i)
		}
	}
	return at
}

// works are what Zibo reports of old and new communities.
var works = map[statistics.Age][]string{
	statistics.Old: {"路面修补", "自行车棚翻新", "楼道照明更换", "雨水管疏通", "公共晾衣架"},
	statistics.New: {"绿化补种", "智能门禁升级", "电动车充电桩", "休息座椅", "宠物便箱"},
}

// projects go round the funds of their age, so that none has many more than
// another.
func (p *Plan) projects(scale Scale, chance *rand.Rand) error {
	for _, share := range []struct {
		age   statistics.Age
		count int
	}{{statistics.Old, scale.OldProjects}, {statistics.New, scale.NewProjects}} {
		at := p.of(share.age)
		if len(at) == 0 {
			return fmt.Errorf("no fund of a %s community to pay for micro-projects: take another seed or a larger scale", share.age)
		}
		for i := range share.count {
			fund := at[i%len(at)]
			work := works[share.age][chance.IntN(len(works[share.age]))]
			p.Projects = append(p.Projects, Project{
				Fund: fund, Title: fmt.Sprintf("%s%s(示例%d)", p.Communities[p.Funds[fund].Community].Name, work, i/len(at)+1),
				Amount: approval.Fen(80_000 + 100*chance.IntN(2_000)),
			})
		}
	}
	return nil
}

// operators go round the funds: without one nothing is signed. Services are
// spread evenly. The term begins far enough ahead for a run that is taken up
// again later.
func (p *Plan) operators(scale Scale, chance *rand.Rand) {
	p.StartsOn, p.EndsOn = "2030-01-01", "2031-12-31"
	for i := range scale.Operators {
		fund := i % len(p.Funds)
		scope := p.Communities[p.Funds[fund].Community].Scope
		services := scale.Services*(i+1)/scale.Operators - scale.Services*i/scale.Operators
		p.Operators = append(p.Operators, Operator{
			Fund: fund, Name: fmt.Sprintf("示例便民服务公司%d(虚构)", i+1), Code: CreditCode(district(scope), i), Services: services,
			FitOut: approval.Fen(500_000 + 10_000*chance.IntN(500)), RunningCost: approval.Fen(200_000 + 10_000*chance.IntN(200)),
		})
	}
}

// incomes are drawn so that after all projects are paid, all funds of the city
// together hold exactly the total.
func (p *Plan) incomes(ground demo.Data, total approval.Fen, chance *rand.Rand) error {
	wanted := total
	for _, fund := range ground.Funds {
		for _, income := range fund.Incomes {
			wanted -= income.Amount
		}
	}
	spent := make([]approval.Fen, len(p.Funds))
	for _, project := range p.Projects {
		wanted += project.Amount
		spent[project.Fund] += project.Amount
	}
	// What a fund pays for is a small part of what it has: rules ask for that.
	least := approval.Fen(0)
	for i := range spent {
		spent[i] = spent[i]*4 + 2_000_000
		least += spent[i]
	}
	if wanted < least {
		return fmt.Errorf("a total of %s yuan does not carry the projects", total.Yuan())
	}
	weights, sum := make([]int64, len(p.Funds)), int64(0)
	for i := range weights {
		weights[i] = 10 + chance.Int64N(90)
		sum += weights[i]
	}
	rest := wanted - least
	for i := range p.Funds {
		share := approval.Fen(int64(wanted-least) * weights[i] / sum)
		if i == len(p.Funds)-1 {
			share = rest
		}
		rest -= share
		p.Funds[i].Incomes = split(spent[i]+share, chance)
	}
	return nil
}

// split cuts an amount into the five kinds. Residents give the largest part,
// and the odd fen.
func split(amount approval.Fen, chance *rand.Rand) []Income {
	incomes, rest := []Income{}, amount
	for _, kind := range []funduse.IncomeKind{funduse.OperatorShare, funduse.MarketIncome, funduse.MicroBusiness, funduse.DirectedDonation} {
		part := amount * approval.Fen(3+chance.IntN(8)) / 100
		rest -= part
		incomes = append(incomes, Income{kind, part})
	}
	return append([]Income{{funduse.ResidentDonation, rest}}, incomes...)
}
