package funduse

import (
	"slices"
	"time"

	"linli/approval"
)

// Facts is everything a district's criteria may look at. Every field is
// present or explicitly absent: a zero never stands for "not known". Lists,
// not maps, because map iteration order is random in CEL.
type Facts struct {
	Proposal  ProposalFacts  `json:"proposal"`
	Fund      FundFacts      `json:"fund"`
	Earmark   EarmarkFacts   `json:"earmark"`
	Payee     PayeeFacts     `json:"payee"`
	Community CommunityFacts `json:"community"`
	Now       time.Time      `json:"now"`
}

// Procedure says whose facts they are.
func (f Facts) Procedure() string { return Procedure }

// Moment is the time of the evaluation.
func (f Facts) Moment() time.Time { return f.Now }

// Answered lists the review criteria a person has answered.
func (f Facts) Answered() []string { return f.Proposal.AnsweredReviews }

// ProposalFacts is the proposal as rules see it. Amounts are fen.
type ProposalFacts struct {
	Category        string     `json:"category"`
	Amount          int64      `json:"amount"`
	Lines           []LineFact `json:"lines"`
	Needs           []string   `json:"needs"`
	Beneficiaries   int64      `json:"beneficiaries"`
	Months          int64      `json:"months"`
	AttachmentKinds []string   `json:"attachment_kinds"`
	DonorConsent    bool       `json:"donor_consent"`
	AnsweredReviews []string   `json:"answered_reviews"` // review criteria a person has answered
}

// LineFact is one budget line; Amount is fen.
type LineFact struct {
	Item   string `json:"item"`
	Amount int64  `json:"amount"`
}

// FundFacts is the community's fund at the time of asking. Amounts are fen.
type FundFacts struct {
	Available        int64 `json:"available"`
	Reserved         int64 `json:"reserved"`
	SpentThisYear    int64 `json:"spent_this_year"`
	OpenCases        int64 `json:"open_cases"`
	CommitteeMembers int64 `json:"committee_members"`
}

// EarmarkFacts is the directed donation the proposal wants to spend from.
type EarmarkFacts struct {
	Present    bool     `json:"present"`
	Available  int64    `json:"available"`
	Categories []string `json:"categories"` // what the donor allows; empty = any
}

// PayeeFacts is what is known of the payee.
type PayeeFacts struct {
	Known             bool  `json:"known"` // registered with a verified account
	PaidThisYear      int64 `json:"paid_this_year"`
	InterestedMembers int64 `json:"interested_members"` // committee members related to the payee
}

// CommunityFacts is the community that asks.
type CommunityFacts struct {
	Scope      string `json:"scope"`
	Households int64  `json:"households"`
	HouseKnown bool   `json:"households_known"`
}

// Parameters are the typed numbers of a rule set for this procedure. Days are
// counted by their kind; amounts are fen.
type Parameters struct {
	Committee CommitteeParameters `json:"committee"`
	Charity   CharityParameters   `json:"charity"`
	Notice    NoticeParameters    `json:"notice"`
	Deadlines DeadlineParameters  `json:"deadlines"`
	Limits    LimitParameters     `json:"limits"`
}

// CommitteeParameters shape the vote.
type CommitteeParameters struct {
	MinMembers    int            `json:"min_members"` // never under 3
	Odd           bool           `json:"odd"`         // the roster must have an odd number of members
	QuorumNum     int64          `json:"quorum_num"`
	QuorumDen     int64          `json:"quorum_den"`
	QuorumBase    string         `json:"quorum_base"` // "eligible" or "all"
	PassNum       int64          `json:"pass_num"`
	PassDen       int64          `json:"pass_den"`
	PassBase      string         `json:"pass_base"` // "present" or "eligible"
	RequiredSeats []string       `json:"required_seats"`
	MinValid      int            `json:"min_valid"` // for + against
	Sealed        bool           `json:"sealed"`    // ballots stay hidden until the verdict
	Rounds        int            `json:"rounds"`    // voting rounds before the case lapses for want of a quorum
	Publish       BallotsPublish `json:"publish"`
}

// BallotsPublish is how much of a vote the public notice shows.
type BallotsPublish string

// What a notice may show of a vote.
const (
	PublishCounts BallotsPublish = "counts"
	PublishNames  BallotsPublish = "names"
)

// CharityParameters shape the charity's approval.
type CharityParameters struct {
	TwoOfficersAbove approval.Fen `json:"two_officers_above"` // strictly above: two different officers
}

// NoticeParameters shape the public notice.
type NoticeParameters struct {
	Days         int              `json:"days"`
	DayKind      approval.DayKind `json:"day_kind"`
	BeforePayout bool             `json:"before_payout"`
	AnswerDays   int              `json:"answer_days"` // working days to answer an objection
}

// DeadlineParameters are working days per kind of task.
type DeadlineParameters struct {
	Correction int `json:"correction"`
	Review     int `json:"review"`
	Higher     int `json:"higher"`
	Charity    int `json:"charity"`
	Payout     int `json:"payout"`
	Acceptance int `json:"acceptance"`
}

// LimitParameters are the money limits criteria and routing use.
type LimitParameters struct {
	Categories       []string     `json:"categories"`        // allowed categories
	SubdistrictAbove approval.Fen `json:"subdistrict_above"` // strictly above: subdistrict approval
	DistrictAbove    approval.Fen `json:"district_above"`
	QuotesAbove      approval.Fen `json:"quotes_above"`       // strictly above: three-quote sheet or contract
	FundSharePercent int64        `json:"fund_share_percent"` // share of the fund's available money above which rules look twice
	MaxAmount        approval.Fen `json:"max_amount"`         // 0 = no limit of the district's own
}

// Clone copies the lists, so that a holder cannot change a rule set's own.
func (p Parameters) Clone() Parameters {
	p.Committee.RequiredSeats = slices.Clone(p.Committee.RequiredSeats)
	p.Limits.Categories = slices.Clone(p.Limits.Categories)
	return p
}
