package funduse_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/funduse"
)

func ExampleProposal_Validate() {
	p := proposal()
	fmt.Println(p.Validate())
	p.Lines[1].Amount--
	fmt.Println(p.Validate())
	// Output:
	// <nil>
	// invalid: lines: The budget lines add up to 4,999.99 yuan, the amount is 5,000.00 yuan.
}

func ExampleProposal_Months() {
	p := proposal()
	p.StartsOn, p.EndsOn = "2026-01-01", "2026-07-01"
	fmt.Println(p.Months())
	p.EndsOn = "2026-07-02"
	fmt.Println(p.Months(), "– longer than six months, so it discloses every quarter")
	// Output:
	// 6
	// 7 – longer than six months, so it discloses every quarter
}

func TestProposalRefused(t *testing.T) {
	budget := func(p *funduse.Proposal, total approval.Fen, lines ...approval.Fen) {
		p.Amount, p.Lines = total, nil
		for _, line := range lines {
			p.Lines = append(p.Lines, funduse.Line{Item: "项", Amount: line})
		}
	}
	for _, c := range []struct {
		name   string
		change func(p *funduse.Proposal)
		field  string
	}{
		{"no title", func(p *funduse.Proposal) { p.Title = "" }, "title"},
		{"a blank title", func(p *funduse.Proposal) { p.Title = " " }, "title"},
		{"a long title", func(p *funduse.Proposal) { p.Title = strings.Repeat("长", 81) }, "title"},
		{"no purpose", func(p *funduse.Proposal) { p.Purpose = "" }, "purpose"},
		{"a blank purpose", func(p *funduse.Proposal) { p.Purpose = "\n" }, "purpose"},
		{"a long purpose", func(p *funduse.Proposal) { p.Purpose = strings.Repeat("长", 2001) }, "purpose"},
		{"no category", func(p *funduse.Proposal) { p.Category = "" }, "category"},
		{"an unknown category", func(p *funduse.Proposal) { p.Category = "travel" }, "category"},
		{"nothing asked for", func(p *funduse.Proposal) { budget(p, 0) }, "amount"},
		{"a negative amount", func(p *funduse.Proposal) { budget(p, -1, -1) }, "amount"},
		{"more than the largest amount", func(p *funduse.Proposal) { budget(p, approval.MaxAmount+1, approval.MaxAmount, 1) }, "amount"},
		{"no lines", func(p *funduse.Proposal) { budget(p, 100) }, "lines"},
		{"a hundred and one lines", func(p *funduse.Proposal) { budget(p, 101, make([]approval.Fen, 101)...) }, "lines"},
		{"a line of nothing", func(p *funduse.Proposal) { budget(p, 100, 100, 0) }, "lines/1/amount"},
		{"a line below nothing", func(p *funduse.Proposal) { budget(p, 100, 101, -1) }, "lines/1/amount"},
		{"lines that overflow", func(p *funduse.Proposal) { budget(p, 100, math.MaxInt64, math.MaxInt64, 102) }, "lines/0/amount"},
		{"lines short of the amount", func(p *funduse.Proposal) { budget(p, 100, 99) }, "lines"},
		{"lines above the amount", func(p *funduse.Proposal) { budget(p, 100, 99, 2) }, "lines"},
		{"a line without an item", func(p *funduse.Proposal) { p.Lines[1].Item = "" }, "lines/1/item"},
		{"a line of blanks", func(p *funduse.Proposal) { p.Lines[0].Item = "  " }, "lines/0/item"},
		{"beneficiaries below none", func(p *funduse.Proposal) { p.Beneficiaries = -1 }, "beneficiaries"},
		{"no start", func(p *funduse.Proposal) { p.StartsOn = "" }, "starts_on"},
		{"a start that is no day", func(p *funduse.Proposal) { p.StartsOn = "2026-02-29" }, "starts_on"},
		{"a start with a time", func(p *funduse.Proposal) { p.StartsOn = "2026-03-01T00:00:00Z" }, "starts_on"},
		{"an end in words", func(p *funduse.Proposal) { p.EndsOn = "六月底" }, "ends_on"},
		{"an end before the start", func(p *funduse.Proposal) { p.EndsOn = "2026-02-28" }, "ends_on"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := proposal()
			c.change(&p)
			err := approval.Refusal(p.Validate())
			if err == nil || err.Code != approval.Invalid || err.Field != c.field {
				t.Errorf("got %v, want invalid at %q", err, c.field)
			}
		})
	}
}

func TestProposalAdmitted(t *testing.T) {
	for name, change := range map[string]func(p *funduse.Proposal){
		"the longest texts": func(p *funduse.Proposal) { p.Title, p.Purpose = strings.Repeat("长", 80), strings.Repeat("长", 2000) },
		"one fen":           func(p *funduse.Proposal) { p.Amount, p.Lines = 1, []funduse.Line{{Item: "项", Amount: 1}} },
		"the largest amount": func(p *funduse.Proposal) {
			p.Amount, p.Lines = approval.MaxAmount, []funduse.Line{{Item: "项", Amount: approval.MaxAmount}}
		},
		"a single day":      func(p *funduse.Proposal) { p.EndsOn = p.StartsOn },
		"nobody in numbers": func(p *funduse.Proposal) { p.Beneficiaries = 0 },
	} {
		p := proposal()
		change(&p)
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, known := range funduse.Categories {
		p := proposal()
		p.Category = known.Category
		if err := p.Validate(); err != nil || funduse.CategoryName(known.Category) != known.Name {
			t.Errorf("%s: %v", known.Category, err)
		}
	}
}

func TestMonths(t *testing.T) {
	for _, c := range []struct {
		starts, ends string
		months       int
	}{
		{"2026-03-01", "2026-03-01", 0},
		{"2026-03-01", "2026-03-02", 1},
		{"2026-03-01", "2026-04-01", 1},
		{"2026-03-01", "2026-04-02", 2},
		{"2026-01-31", "2026-02-28", 1}, // February has no 31st: its last day ends the month
		{"2026-01-31", "2026-03-01", 2},
		{"2026-08-31", "2027-02-28", 6},
		{"2026-08-31", "2027-03-01", 7},
		{"2027-08-31", "2028-02-29", 6},
		{"2026-12-15", "2027-01-15", 1},
		{"2025-06-30", "2026-06-30", 12},
	} {
		p := proposal()
		p.StartsOn, p.EndsOn = c.starts, c.ends
		if got := p.Months(); got != c.months {
			t.Errorf("%s to %s: %d months, want %d", c.starts, c.ends, got, c.months)
		}
	}
}

func TestDisclosuresFallOnTheLastDayOfShortMonths(t *testing.T) {
	begin := start()
	begin.Proposal.StartsOn, begin.Proposal.EndsOn = "2026-11-30", "2027-12-01"
	s := funduse.New(begin)
	var due []string
	for next := s.NextDisclosure(); !next.IsZero(); next = s.NextDisclosure() {
		due = append(due, next.In(approval.Shanghai).Format("2006-01-02 15:04"))
		s.Disclosed++
	}
	want := "[2027-02-28 00:00 2027-05-30 00:00 2027-08-30 00:00 2027-11-30 00:00]"
	if fmt.Sprint(due) != want {
		t.Errorf("due %v, want %s", due, want)
	}
}

// TestHashCoversTheWholeProposal changes every field in turn.
func TestHashCoversTheWholeProposal(t *testing.T) {
	plain := proposal()
	for name, change := range map[string]func(p *funduse.Proposal){
		"title":       func(p *funduse.Proposal) { p.Title += "。" },
		"category":    func(p *funduse.Proposal) { p.Category = funduse.Micro },
		"purpose":     func(p *funduse.Proposal) { p.Purpose += "。" },
		"amount":      func(p *funduse.Proposal) { p.Amount++ },
		"line":        func(p *funduse.Proposal) { p.Lines[0].Item += "。" },
		"order":       func(p *funduse.Proposal) { p.Lines[0], p.Lines[1] = p.Lines[1], p.Lines[0] },
		"fund":        func(p *funduse.Proposal) { p.FundID = "f2" },
		"earmark":     func(p *funduse.Proposal) { p.EarmarkID = "e1" },
		"consent":     func(p *funduse.Proposal) { p.DonorConsent = true },
		"payee":       func(p *funduse.Proposal) { p.Payee.ID = "payee2" },
		"account":     func(p *funduse.Proposal) { p.Payee.AccountDigest = "d2" },
		"needs":       func(p *funduse.Proposal) { p.Needs = []string{"n1"} },
		"numbers":     func(p *funduse.Proposal) { p.Beneficiaries++ },
		"start":       func(p *funduse.Proposal) { p.StartsOn = "2026-03-02" },
		"end":         func(p *funduse.Proposal) { p.EndsOn = "2026-07-01" },
		"attachments": func(p *funduse.Proposal) { p.Attachments = []funduse.Attachment{{SHA256: "00"}} },
	} {
		p := proposal()
		change(&p)
		if p.Hash() == plain.Hash() {
			t.Errorf("another %s, the same hash", name)
		}
	}
	if plain.Hash() != proposal().Hash() {
		t.Error("the same proposal, another hash")
	}
}

// TestFormsAreReadStrictly files each form as a payout by hand.
func TestFormsAreReadStrictly(t *testing.T) {
	begin := start()
	begin.Gateway = funduse.Manual
	p := newPlay(t, begin)
	p.perform(approved)
	for form, code := range map[string]approval.Code{
		`{"bank_reference":"R1"}`:               "",
		` {"bank_reference" : "R1"} `:           "",
		`{"bank_reference":"R1","amount":1}`:    "",
		`{}`:                                    approval.Invalid,
		`null`:                                  approval.Invalid,
		`"R1"`:                                  approval.Invalid,
		`[]`:                                    approval.Invalid,
		`{"bank_reference":7}`:                  approval.Invalid,
		`{"bank_reference":"R1","bank":"x"}`:    approval.Invalid,
		`{"bank_reference":"R1","amount":1.0}`:  approval.Invalid,
		`{"bank_reference":"R1","amount":"1"}`:  approval.Invalid,
		`{"bank_reference":"R1","amount":null}`: approval.Invalid,
		`{"bank_reference":"R1"}{}`:             approval.Invalid,
		`{"bank_reference":"R1"}]`:              approval.Invalid,
		`{"bank_reference":"R1"`:                approval.Invalid,
		`{"bank_reference":"  "}`:               approval.Invalid,
	} {
		act := p.act("k1", approval.Approve, nil)
		act.Form.Details = json.RawMessage(form)
		if got := approval.CodeOf(p.s.Check(act, p.now)); got != code {
			t.Errorf("%s: got %q, want %q", form, got, code)
		}
	}
}
