package funduse

import (
	"fmt"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/operator"
)

// AccountNumber is a bank account in clear. It prints and marshals masked, so
// it cannot slip into a log, an answer or a history; Reveal is the one way to
// the digits.
type AccountNumber struct{ digits string }

// ParseAccount refuses what is not 8 to 32 plain digits.
func ParseAccount(text string) (AccountNumber, error) {
	if len(text) < 8 || len(text) > 32 || strings.Trim(text, "0123456789") != "" {
		return AccountNumber{}, approval.Errorf(approval.Invalid, "银行账号应为8至32位数字。",
			"An account number has 8 to 32 digits.").At("account")
	}
	return AccountNumber{digits: text}, nil
}

// Reveal is the number itself: for the bank order and for sealing, for
// nothing else.
func (a AccountNumber) Reveal() string { return a.digits }

// Masked shows the last four digits.
func (a AccountNumber) Masked() string {
	if len(a.digits) < 4 {
		return "****"
	}
	return "**** " + a.digits[len(a.digits)-4:]
}

// String is Masked.
func (a AccountNumber) String() string { return a.Masked() }

// Format keeps every verb, %#v included, from printing the digits.
func (a AccountNumber) Format(state fmt.State, _ rune) { fmt.Fprint(state, a.Masked()) }

// MarshalText renders Masked.
func (a AccountNumber) MarshalText() ([]byte, error) { return []byte(a.Masked()), nil }

// PayeeAccount is what the payment activity needs to pay somebody.
type PayeeAccount struct {
	PayeeID string
	Name    string
	Bank    string
	Account AccountNumber
}

// NewPayee is what a handler registers: one account of one payee.
type NewPayee struct {
	Scope   approval.Scope `json:"scope"`
	Name    string         `json:"name"`
	Bank    string         `json:"bank"`
	Account string         `json:"account"`
}

// RegisteredPayee is a payee as people read it: the account stays masked.
type RegisteredPayee struct {
	Payee
	Scope        approval.Scope `json:"scope"`
	RegisteredAt time.Time      `json:"registered_at"`
	RegisteredBy string         `json:"registered_by"`
	Interests    []Interest     `json:"interests"`
	// From the register of related parties: the operators the payee is or belongs
	// to an owner of, and who is kept out for it.
	Operators []operator.Named    `json:"operators"`
	Related   []operator.Interest `json:"related"`
}

// MayPropose refuses a person who has an interest in the payee himself: he hands
// the proposal to a colleague.
func (p RegisteredPayee) MayPropose(by approval.Person) error {
	for _, interest := range p.Interests {
		if interest.PersonID == by.ID {
			return proposerInterested(interest.Relation)
		}
	}
	for _, interest := range p.Related {
		if interest.PersonID == by.ID {
			return proposerInterested(interest.Relation)
		}
	}
	return nil
}

func proposerInterested(relation approval.Relation) error {
	return approval.Errorf(approval.Interested, "您与收款方有利害关系（%[1]s），须回避，请由其他经办人提出。",
		"You have an interest in this payee (%[2]s); somebody else has to propose it.", relation.Name().ZH, relation.Name().EN).At("payee_id")
}

// Validate refuses a payee that is not fully named or whose account is no
// account number.
func (p NewPayee) Validate() error {
	if p.Scope.Level() == approval.NoLevel {
		return approval.Errorf(approval.Invalid, "行政区划路径无效。", "The scope is not valid.").At("scope")
	}
	if err := approval.Between(p.Name, 1, maxNameRunes, "name"); err != nil {
		return err
	}
	if err := approval.Between(p.Bank, 1, maxNameRunes, "bank"); err != nil {
		return err
	}
	_, err := ParseAccount(p.Account)
	return err
}
