package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Order is one attempt to pay one payee. Two orders with the same Key must be
// equal in every field: the bank refuses the second one otherwise.
type Order struct {
	Key          string `json:"key"` // idempotency key, one per attempt
	CaseID       string `json:"caseId"`
	Amount       int64  `json:"amountFen"`
	PayerAccount string `json:"payerAccount"`
	PayeeName    string `json:"payeeName"`
	PayeeAccount string `json:"payeeAccount"`
	PayeeBank    string `json:"payeeBank"`
	Purpose      string `json:"purpose"`
}

var (
	keyPattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$`)
	accountPattern = regexp.MustCompile(`^[0-9A-Za-z-]{6,34}$`)
)

// Validate reports every malformed field at once, without the values, so that
// the error may be logged.
func (o Order) Validate() error {
	var problems []error
	check := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, errors.New(problem))
		}
	}
	check(ValidKey(o.Key), "key: 1 to 128 letters, digits or ._:/-, beginning with a letter or digit")
	check(plain(o.CaseID, 128), "caseId: 1 to 128 printable characters")
	check(o.Amount > 0, "amountFen: more than zero")
	check(accountPattern.MatchString(o.PayerAccount), "payerAccount: 6 to 34 digits, letters or -")
	check(accountPattern.MatchString(o.PayeeAccount), "payeeAccount: 6 to 34 digits, letters or -")
	check(o.PayerAccount != o.PayeeAccount, "payeeAccount: not the payer's own account")
	check(plain(o.PayeeName, 100), "payeeName: 1 to 100 printable characters")
	check(plain(o.PayeeBank, 100), "payeeBank: 1 to 100 printable characters")
	check(plain(o.Purpose, 200), "purpose: 1 to 200 printable characters")
	return errors.Join(problems...)
}

// Digest is the lower-case hex SHA-256 of the order's JSON in field order: what
// an idempotency key is bound to, by the bank and by whoever reconciles.
func (o Order) Digest() string {
	text, err := json.Marshal(o)
	if err != nil {
		panic("an order of strings and an integer always marshals: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// LogValue masks the accounts and leaves the payee's name out.
func (o Order) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("key", o.Key),
		slog.String("case", o.CaseID),
		slog.Int64("amountFen", o.Amount),
		slog.String("payer", MaskAccount(o.PayerAccount)),
		slog.String("payee", MaskAccount(o.PayeeAccount)),
	)
}

// String is the masked form of LogValue, so that %v and %+v leak no account.
func (o Order) String() string { return o.LogValue().String() }

// ValidKey tells whether the text can be an idempotency key at this bank.
func ValidKey(key string) bool { return keyPattern.MatchString(key) }

// MaskAccount keeps the last four characters of an account number, and none of
// a number too short to hide the rest.
func MaskAccount(account string) string {
	if utf8.RuneCountInString(account) < 8 {
		return "****"
	}
	runes := []rune(account)
	return "****" + string(runes[len(runes)-4:])
}

func plain(text string, most int) bool {
	if strings.TrimSpace(text) == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > most {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Status is how far the bank is with an order.
type Status string

// The states of an order. Succeeded and Refused are final and never change.
const (
	Processing Status = "processing" // accepted and booked as received; the money has not moved yet
	Succeeded  Status = "succeeded"  // the money has moved
	Refused    Status = "refused"    // the bank will not pay; no money moved under this key
	Unknown    Status = "unknown"    // the bank has not seen the key so far; a request under way may still arrive
)

// Final tells whether the status can no longer change. A later message with
// another status is then late or doubled, never news.
func (s Status) Final() bool { return s == Succeeded || s == Refused }

// Receipt is what the bank says about one key.
type Receipt struct {
	Key           string    `json:"key"`
	Status        Status    `json:"status"`
	BankReference string    `json:"bankReference,omitempty"` // the bank's serial number (流水号)
	Reason        string    `json:"reason,omitempty"`        // why refused, in the bank's words
	SettledAt     time.Time `json:"settledAt,omitzero"`      // when it became final, UTC
	Amount        int64     `json:"amountFen"`
}

// Matches refuses a receipt that is for another key or another amount. Use it
// on every receipt that came by Query or callback before believing it.
func (r Receipt) Matches(order Order) error {
	switch {
	case r.Key != order.Key:
		return fmt.Errorf("the receipt is for key %q, not %q", r.Key, order.Key)
	case r.Status != Unknown && r.Amount != order.Amount:
		return fmt.Errorf("the receipt says %d fen, the order %d fen", r.Amount, order.Amount)
	}
	return nil
}

// wellFormed refuses a receipt that lacks what its status promises.
func (r Receipt) wellFormed() error {
	switch {
	case !ValidKey(r.Key):
		return errors.New("the receipt has no valid key")
	case r.Status != Processing && !r.Status.Final():
		return fmt.Errorf("the receipt has the status %q", r.Status)
	case r.Amount <= 0:
		return errors.New("the receipt has no amount")
	case r.Status.Final() && r.SettledAt.IsZero():
		return errors.New("the final receipt does not say when it was settled")
	case r.Status == Succeeded && r.BankReference == "":
		return errors.New("the receipt of a payment has no bank reference")
	case r.Status == Refused && r.Reason == "":
		return errors.New("the refusal gives no reason")
	}
	return nil
}
