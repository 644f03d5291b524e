package approval

import (
	"errors"
	"fmt"
)

// Code names a kind of refusal. Codes are part of the API: they are stable,
// are stored with every refused attempt and never change their meaning.
type Code string

// The refusals of the system. The HTTP status of each is decided in server.
const (
	Invalid          Code = "invalid"            // a field is malformed, unknown or out of range
	Unauthenticated  Code = "unauthenticated"    // no or expired proof of identity
	LockedOut        Code = "locked_out"         // too many failed logins
	Forbidden        Code = "forbidden"          // known person, no right at this scope
	NotFound         Code = "not_found"          // absent, or not visible to the caller
	Conflict         Code = "conflict"           // the state does not admit the request
	TaskClosed       Code = "task_closed"        // the task or case no longer takes acts
	NotEligible      Code = "not_eligible"       // the task is not this person's
	ActionNotAllowed Code = "action_not_allowed" // the task does not offer this action
	CommentRequired  Code = "comment_required"   // a negative act must say why
	Unconfirmed      Code = "unconfirmed"        // a doubt, such as a wrong check character, stands until a reason confirms it
	StaleContent     Code = "stale_content"      // decided on other content than is on the table
	AlreadyActed     Code = "already_acted"      // one person, one ballot per round (I4)
	Interested       Code = "interested_party"   // recused or interested person (I4)
	SamePerson       Code = "same_person"        // separation of duties (I5)
	TooFewEligible   Code = "too_few_eligible"   // fewer than three eligible members (I1, I10)
	InsufficientFund Code = "insufficient_fund"  // the fund does not hold the money (I3)
	SpaceTaken       Code = "space_taken"        // another operator has the space in that term (I8)
	CalendarMissing  Code = "calendar_missing"   // the State Council calendar of a year is not loaded
	RuleInvalid      Code = "rule_invalid"       // a rule set does not compile or breaks the city floor (I12)
	RuleBlocked      Code = "rule_blocked"       // a blocking criterion failed
	KeyMissing       Code = "idempotency_key_missing"
	KeyReused        Code = "idempotency_key_reused" // same key, other body
	BadEnvelope      Code = "bad_envelope"           // the signed envelope of an act does not verify
	// signing asks again who is signing, at that moment
	Reauthenticate   Code = "reauthentication_required"
	RateLimited      Code = "rate_limited"
	TooLarge         Code = "too_large"
	UnsupportedMedia Code = "unsupported_media_type"
	Unavailable      Code = "unavailable" // a part of the system does not answer; nothing was decided
)

// Text is one sentence in the two languages of the product.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Error is a refusal a user may read: a stable code, whole sentences in both
// languages and, where one is to blame, the field as a JSON pointer or name.
type Error struct {
	Code    Code   `json:"code"`
	Message Text   `json:"message"`
	Field   string `json:"field,omitempty"`
}

// Errorf makes a refusal. Both formats receive the same arguments, so use
// indexed verbs (%[1]s) where the two languages order them differently.
func Errorf(code Code, zh, en string, args ...any) *Error {
	return &Error{Code: code, Message: Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}}
}

// Error renders code, field and the English sentence, for logs and tests.
func (e *Error) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("%s: %s: %s", e.Code, e.Field, e.Message.EN)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message.EN)
}

// At returns a copy of the refusal that blames a field.
func (e *Error) At(field string) *Error {
	blamed := *e
	blamed.Field = field
	return &blamed
}

// Refusal returns the refusal inside err, or nil if err is a fault rather
// than a decision to refuse.
func Refusal(err error) *Error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return nil
}

// CodeOf returns the refusal code inside err, or "" for a fault.
func CodeOf(err error) Code {
	if refusal := Refusal(err); refusal != nil {
		return refusal.Code
	}
	return ""
}
