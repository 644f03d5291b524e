package demo

import (
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"

	"linli/approval"
	"linli/approval/funduse"
	"linli/examples"
)

// Data is the demonstration as written in examples/demo.
type Data struct {
	Divisions []struct {
		Path approval.Scope `yaml:"path"`
		ZH   string         `yaml:"zh"`
		EN   string         `yaml:"en"`
	} `yaml:"divisions"`
	People []Person `yaml:"people"`
	Funds  []Fund   `yaml:"funds"`
	Cases  []Case   `yaml:"cases"`

	Spaces       []Space       `yaml:"spaces"`
	Needs        []NeedList    `yaml:"needs"`
	Operators    []Operator    `yaml:"operators"`
	Applications []Application `yaml:"applications"`
}

// Person is an account and what it holds.
type Person struct {
	Username string         `yaml:"username"`
	Name     string         `yaml:"name"`
	Scope    approval.Scope `yaml:"scope"`
	Grants   []struct {
		Role  approval.Role  `yaml:"role"`
		Scope approval.Scope `yaml:"scope"`
	} `yaml:"grants"`
}

// Fund is a community's fund with its committee, income and payees. Amounts
// are fen.
type Fund struct {
	Key         string         `yaml:"key"`
	Scope       approval.Scope `yaml:"scope"`
	Name        string         `yaml:"name"`
	AgreementNo string         `yaml:"agreement_no"`
	Households  int64          `yaml:"households"`
	Handler     string         `yaml:"handler"`
	Secretary   string         `yaml:"secretary"`
	Committee   []struct {
		Person  string   `yaml:"person"`
		Seats   []string `yaml:"seats"`
		Reserve bool     `yaml:"reserve"`
	} `yaml:"committee"`
	Incomes []struct {
		Key        string       `yaml:"key"`
		Kind       string       `yaml:"kind"`
		Amount     approval.Fen `yaml:"amount"`
		Payer      string       `yaml:"payer"`
		Anonymous  bool         `yaml:"anonymous"`
		ReceivedOn string       `yaml:"received_on"`
		Receipt    string       `yaml:"receipt"`
		NoReceipt  string       `yaml:"no_receipt"`
		Earmark    *struct {
			Categories []string `yaml:"categories"`
			Purpose    string   `yaml:"purpose"`
		} `yaml:"earmark"`
	} `yaml:"incomes"`
	Payees []struct {
		Key       string `yaml:"key"`
		Name      string `yaml:"name"`
		Bank      string `yaml:"bank"`
		Account   string `yaml:"account"`
		Interests []struct {
			Person   string `yaml:"person"`
			Relation string `yaml:"relation"`
		} `yaml:"interests"`
	} `yaml:"payees"`
}

// Case is a proposal and what people then did. Dates are days from the load.
type Case struct {
	Key           string           `yaml:"key"`
	Title         string           `yaml:"title"`
	As            string           `yaml:"as"`
	Fund          string           `yaml:"fund"`
	Earmark       string           `yaml:"earmark"`
	Category      funduse.Category `yaml:"category"`
	Purpose       string           `yaml:"purpose"`
	Lines         []Line           `yaml:"lines"`
	Payee         string           `yaml:"payee"`
	Needs         []string         `yaml:"needs"`
	Beneficiaries int              `yaml:"beneficiaries"`
	StartsIn      int              `yaml:"starts_in"`
	EndsIn        int              `yaml:"ends_in"`
	Papers        []string         `yaml:"papers"`
	Steps         []Step           `yaml:"steps"`
	Leaves        approval.Stage   `yaml:"leaves"` // the stage the case then stands at
}

// Line is one budget line.
type Line struct {
	Item   string       `yaml:"item" json:"item"`
	Amount approval.Fen `yaml:"amount" json:"amount"`
}

// Amount is what the budget lines add up to.
func (c Case) Amount() approval.Fen {
	var total approval.Fen
	for _, line := range c.Lines {
		total += line.Amount
	}
	return total
}

// Step is one act, or a resident's objection.
type Step struct {
	As      string          `yaml:"as"`
	Stage   approval.Stage  `yaml:"stage"`
	Seat    string          `yaml:"seat"`
	Do      approval.Action `yaml:"do"`
	Comment string          `yaml:"comment"`
	ToStage approval.Stage  `yaml:"to_stage"`
	Object  string          `yaml:"object"`
	Contact string          `yaml:"contact"`
	Scores  map[string]int  `yaml:"scores"` // points by item, of a scorer
	Details map[string]any  `yaml:"details"`
	Engaged bool            `yaml:"engaged"` // in the engagement that followed from the case
	Report  map[string]any  `yaml:"report"`  // instead of details: what is reported of every period that is due
	Cured   []Listing       `yaml:"cured"`   // instead of an act: the public lists were looked at again
}

// Read reads the demonstration; an unknown field is an error.
func Read() (Data, error) {
	var data Data
	for _, name := range []string{"divisions.yaml", "people.yaml", "funds.yaml", "cases.yaml", "onboarding.yaml"} {
		raw, err := fs.ReadFile(examples.Demo, name)
		if err != nil {
			return data, err
		}
		var part Data
		if err := yaml.UnmarshalWithOptions(raw, &part, yaml.Strict()); err != nil {
			return data, fmt.Errorf("reading %s: %w", name, err)
		}
		data.Divisions = append(data.Divisions, part.Divisions...)
		data.People = append(data.People, part.People...)
		data.Funds = append(data.Funds, part.Funds...)
		data.Cases = append(data.Cases, part.Cases...)
		data.Spaces = append(data.Spaces, part.Spaces...)
		data.Needs = append(data.Needs, part.Needs...)
		data.Operators = append(data.Operators, part.Operators...)
		data.Applications = append(data.Applications, part.Applications...)
	}
	return data, nil
}
