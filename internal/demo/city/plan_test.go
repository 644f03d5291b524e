package city

import (
	"reflect"
	"testing"

	"linli/approval"
	"linli/approval/statistics"
	"linli/internal/demo"
)

func ground(t *testing.T) demo.Data {
	t.Helper()
	data, err := demo.Read()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTheFullCityIsTheOneReported(t *testing.T) {
	data := ground(t)
	for seed := range uint64(5) {
		plan, err := NewPlan(data, Full, seed)
		if err != nil {
			t.Fatal(err)
		}
		standing, total := 0, approval.Fen(0)
		for _, division := range data.Divisions {
			if division.Path.Level() == approval.Community {
				standing++
			}
		}
		for _, fund := range data.Funds {
			for _, income := range fund.Incomes {
				total += income.Amount
			}
		}
		projects := map[statistics.Age]int{}
		for _, fund := range plan.Funds {
			for _, income := range fund.Incomes {
				if err := income.Amount.Validate("amount"); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				total += income.Amount
			}
		}
		for _, project := range plan.Projects {
			total -= project.Amount
			projects[plan.Communities[plan.Funds[project.Fund].Community].Age]++
		}
		services := 0
		for _, operator := range plan.Operators {
			services += operator.Services
			if doubts := operator.Code.Doubts(); len(doubts) > 0 {
				t.Errorf("%s: %v", operator.Code, doubts)
			}
		}
		if len(plan.Operators) != 490 || services != 1600 {
			t.Errorf("seed %d: %d operators, %d services", seed, len(plan.Operators), services)
		}
		if standing+len(plan.Communities) != 384 || len(data.Funds)+len(plan.Funds) != 211 || projects[statistics.Old] != 144 || projects[statistics.New] != 672 {
			t.Errorf("seed %d: %d communities, %d funds, projects %v", seed, standing+len(plan.Communities), len(data.Funds)+len(plan.Funds), projects)
		}
		if total != 18_600_000_00 {
			t.Errorf("seed %d: the funds hold %s", seed, total.Yuan())
		}
	}
}

func TestTheSameSeedMakesTheSameCity(t *testing.T) {
	data := ground(t)
	for _, percent := range []int{5, 10, 50, 100} {
		one, err := NewPlan(data, Full.Part(percent), 7)
		if err != nil {
			t.Fatalf("%d%%: %v", percent, err)
		}
		again, _ := NewPlan(data, Full.Part(percent), 7)
		if !reflect.DeepEqual(one, again) {
			t.Errorf("%d%%: two cities of one seed", percent)
		}
	}
	one, _ := NewPlan(data, Full, 7)
	other, _ := NewPlan(data, Full, 8)
	if reflect.DeepEqual(one, other) {
		t.Error("one city of two seeds")
	}
}

func TestNothingOfTheGroundIsMadeAgain(t *testing.T) {
	data := ground(t)
	plan, err := NewPlan(data, Full, 7)
	if err != nil {
		t.Fatal(err)
	}
	scopes, names := map[approval.Scope]bool{}, map[string]bool{}
	for _, division := range data.Divisions {
		scopes[division.Path] = true
	}
	for _, person := range data.People {
		names[person.Username] = true
	}
	for _, community := range plan.Communities {
		if scopes[community.Scope] || community.Scope.Level() != approval.Community {
			t.Errorf("%s is there already or no community", community.Scope)
		}
		scopes[community.Scope] = true
	}
	for _, office := range plan.Offices {
		for _, person := range append([]Person{office.Handler, office.Secretary, office.Street, office.Agent}, office.Committee...) {
			if names[person.Username] {
				t.Errorf("%s is there already", person.Username)
			}
			names[person.Username] = true
		}
	}
}
