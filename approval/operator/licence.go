package operator

import (
	"time"

	"linli/approval"
)

// Licence is one paper on file. Dates are civil.
type Licence struct {
	ID string `json:"id"`
	NewLicence
	RecordedAt   time.Time `json:"recorded_at"`
	RecordedBy   string    `json:"recorded_by"`
	RevokedOn    string    `json:"revoked_on,omitempty"`
	RevokeReason string    `json:"revoke_reason,omitempty"`
	RevokedBy    string    `json:"revoked_by,omitempty"` // who recorded it
}

// NewLicence is what is recorded of a paper. Verified means that whoever
// records it compared it with the issuer's register or the original.
type NewLicence struct {
	Kind         LicenceKind `json:"kind"`
	Number       string      `json:"number"`
	ValidUntil   string      `json:"valid_until,omitempty"` // its last day; "" = without end
	AttachmentID string      `json:"attachment_id,omitempty"`
	Verified     bool        `json:"verified,omitempty"`
}

// Revocation records that an authority took a licence away. It is never undone:
// a new licence is a new paper.
type Revocation struct {
	RevokedOn string `json:"revoked_on"`
	Reason    string `json:"reason"`
}

// Validate refuses an unknown kind, a missing number and a date that is none.
// A paper that has run out may be recorded: it is a fact.
func (l NewLicence) Validate() error {
	known := false
	for _, kind := range LicenceKinds {
		known = known || kind.Kind == l.Kind
	}
	if !known {
		return approval.Errorf(approval.Invalid, "没有“%[1]s”这种证照。", "There is no licence %[1]q.", l.Kind).At("kind")
	}
	if err := approval.Plain(l.Number, 1, 60, "number"); err != nil {
		return err
	}
	if l.ValidUntil == "" {
		return nil
	}
	_, err := approval.CivilDate(l.ValidUntil, "valid_until")
	return err
}

// Validate refuses a revocation in the future or without a reason.
func (r Revocation) Validate(now time.Time) error {
	if err := approval.PastDate(r.RevokedOn, now, "revoked_on"); err != nil {
		return err
	}
	return approval.Plain(r.Reason, 1, maxReason, "reason")
}

// Status is what the paper is worth on the civil day of at. A licence is valid
// through its last day.
func (l Licence) Status(at time.Time) LicenceStatus {
	today := at.In(approval.Shanghai).Format(time.DateOnly)
	switch {
	case l.RevokedOn != "" && l.RevokedOn <= today:
		return LicenceRevoked
	case l.ValidUntil != "" && l.ValidUntil < today:
		return LicenceExpired
	case !l.Verified:
		return LicenceUnverified
	default:
		return LicenceValid
	}
}

// DaysLeft counts the days after the civil day of at through the last day; 0 for
// a licence without end, which ends false.
func (l Licence) DaysLeft(at time.Time) (days int64, ends bool) {
	last, err := time.Parse(time.DateOnly, l.ValidUntil)
	if err != nil {
		return 0, false
	}
	today, _ := time.Parse(time.DateOnly, at.In(approval.Shanghai).Format(time.DateOnly))
	return int64(last.Sub(today) / (24 * time.Hour)), true
}
