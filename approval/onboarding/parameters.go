package onboarding

import (
	"slices"

	"linli/approval"
)

// Parameters are the typed numbers of a rule set for this procedure. Areas are
// dm², amounts fen, shares whole percent.
type Parameters struct {
	Admission AdmissionParameters `json:"admission"`
	Licences  []LicenceNeed       `json:"licences"`
	Credit    CreditParameters    `json:"credit"`
	Space     SpaceParameters     `json:"space"`
	Term      TermParameters      `json:"term"`
	Share     []ShareFloor        `json:"share"` // the kinds allowed, each with its least value
	Needs     NeedParameters      `json:"needs"`
	Review    ReviewParameters    `json:"review"`
	Panel     PanelParameters     `json:"panel"`
	Notice    NoticeParameters    `json:"notice"`
	Deadlines DeadlineParameters  `json:"deadlines"`
	// Reconsideration is absent from sets written before there was one.
	Reconsideration ReconsiderationParameters `json:"reconsideration,omitempty,omitzero"`
	Engagement      EngagementParameters      `json:"engagement"`
	// TakeoverUntil is the last civil day on which an existing contract may be
	// registered to be taken over; "" = none may.
	TakeoverUntil string `json:"takeover_until,omitempty"`
}

// AdmissionParameters are the district's admission scope (准入范围).
type AdmissionParameters struct {
	OperatorKinds  []string `json:"operator_kinds"`
	ServiceKinds   []string `json:"service_kinds"`
	Negative       []string `json:"negative"` // activities refused: the negative list
	Undertakings   []string `json:"undertakings"`
	Attachments    []string `json:"attachments"`     // documents every application carries
	MaxEngagements int64    `json:"max_engagements"` // an operator's running engagements; 0 = no limit
}

// LicenceNeed is one line of the licence matrix: whoever offers Service in an
// area from AreaFrom to below AreaBelow (0 = no upper bound) holds a valid
// licence of one of the kinds AnyOf. Several lines for one service all hold.
type LicenceNeed struct {
	Service   string   `json:"service"` // "any" = whatever the service
	AnyOf     []string `json:"any_of"`
	AreaFrom  int64    `json:"area_from"`
	AreaBelow int64    `json:"area_below"`
}

// AnyService makes a line of the licence matrix hold for every service.
const AnyService = "any"

// CreditParameters say what a credit check must show.
type CreditParameters struct {
	Barred          []string `json:"barred"`           // lists on which nobody concerned may stand now
	MaxAgeDays      int64    `json:"max_age_days"`     // an older check does not count
	ViolationMonths int64    `json:"violation_months"` // no major violation or safety accident within
	FoodMonths      int64    `json:"food_months"`      // no revoked food licence within; never under 60
	CateringMonths  int64    `json:"catering_months"`  // no revoked small-catering registration within; never under 24
}

// SpaceParameters are the area limits.
type SpaceParameters struct {
	MaxArea        int64 `json:"max_area"`         // of one application; 0 = no limit
	MaxLetPercent  int64 `json:"max_let_percent"`  // of the community's service area, this application included
	DistrictAbove  int64 `json:"district_above"`   // strictly above: the district reviews too
	FireDesignArea int64 `json:"fire_design_area"` // above this area and cost fit-out needs a fire design filing
	FireDesignCost int64 `json:"fire_design_cost"` // fen
}

// TermParameters are the limits of a contract's term.
type TermParameters struct {
	MinMonths int64 `json:"min_months"`
	MaxMonths int64 `json:"max_months"`
}

// ShareFloor allows one kind of share from Minimum on, in the kind's unit.
type ShareFloor struct {
	Kind    string `json:"kind"`
	Minimum int64  `json:"minimum"`
}

// NeedParameters say whether an application must answer listed needs.
type NeedParameters struct {
	Required bool  `json:"required"`
	Minimum  int64 `json:"minimum"` // listed needs to answer, where required
}

// ReviewParameters say who reviews at the desk beside those routing adds.
type ReviewParameters struct {
	Levels []string `json:"levels"` // in order, of community, subdistrict, district
}

// The levels of desk review.
const (
	LevelCommunity   = "community"
	LevelSubdistrict = "subdistrict"
	LevelDistrict    = "district"
)

// PanelUse says when a scoring panel sits.
type PanelUse string

// When a scoring panel sits.
const (
	PanelNever  PanelUse = "never"
	PanelCalls  PanelUse = "calls"  // only where several may compete under a call
	PanelAlways PanelUse = "always" // for every application
)

// PanelParameters shape the scoring panel. Scores are whole points of 0 to
// 100 per item; a scorer's total is the weighted mean.
type PanelParameters struct {
	Use          PanelUse    `json:"use"`
	Scorers      int         `json:"scorers"`       // never under 3
	DropExtremes bool        `json:"drop_extremes"` // the highest and the lowest total do not count; three must remain
	PassMark     int64       `json:"pass_mark"`     // of 100; a mean below is no pass
	Items        []ScoreItem `json:"items"`         // weights add up to 100
}

// Sits reports whether a panel scores an application, under a call or not.
func (p PanelParameters) Sits(call bool) bool {
	return p.Use == PanelAlways || p.Use == PanelCalls && call
}

// ScoreItem is one item scorers give points for.
type ScoreItem struct {
	ID     string `json:"id"`
	Title  string `json:"title"`  // Chinese
	Weight int64  `json:"weight"` // percent
}

// NoticeParameters shape the admission notice.
type NoticeParameters struct {
	Days       int              `json:"days"`
	DayKind    approval.DayKind `json:"day_kind"`
	AnswerDays int              `json:"answer_days"` // working days to answer an objection
}

// DeadlineParameters are working days per kind of task.
type DeadlineParameters struct {
	Correction int `json:"correction"`
	DeskReview int `json:"desk_review"`
	Scoring    int `json:"scoring"`
	Signing    int `json:"signing"` // 30 by default
	Handover   int `json:"handover"`
	Repair     int `json:"repair"` // of a defect found at handover; 30 by default
}

// ReconsiderationParameters say how an applicant may object to a rejection by
// screening or desk review. Days are working days.
type ReconsiderationParameters struct {
	FilingDays int `json:"filing_days"` // to object; 0 = a rejection is final at once
	AnswerDays int `json:"answer_days"` // to answer; 3 by default (山东省社会信用条例 on objections)
}

// EngagementParameters shape the time after handover. Days are working days.
type EngagementParameters struct {
	ReportMonths      int   `json:"report_months"` // a share report every 1 or 3 months; the contract goes before it
	ReportDays        int   `json:"report_days"`   // after the end of the period
	ConfirmDays       int   `json:"confirm_days"`  // for the community to confirm a report
	DonationDays      int   `json:"donation_days"` // for the operator to pay a confirmed share
	Excellent         int64 `json:"excellent"`     // yearly score from which the band begins
	Good              int64 `json:"good"`
	Pass              int64 `json:"pass"`                // below: rectification
	EvaluationDays    int   `json:"evaluation_days"`     // to hand in a yearly score
	RectificationDays int   `json:"rectification_days"`  // 30 by default
	FailuresToExit    int   `json:"failures_to_exit"`    // failed evaluations in a row that end the engagement
	RenewalNoticeDays int   `json:"renewal_notice_days"` // calendar days before the end of a contract year: evaluation and renewal open
	HandbackDays      int   `json:"handback_days"`
}

// Clone copies the lists, so that a holder cannot change a rule set's own.
func (p Parameters) Clone() Parameters {
	p.Admission.OperatorKinds = slices.Clone(p.Admission.OperatorKinds)
	p.Admission.ServiceKinds = slices.Clone(p.Admission.ServiceKinds)
	p.Admission.Negative = slices.Clone(p.Admission.Negative)
	p.Admission.Undertakings = slices.Clone(p.Admission.Undertakings)
	p.Admission.Attachments = slices.Clone(p.Admission.Attachments)
	p.Licences = slices.Clone(p.Licences)
	for i := range p.Licences {
		p.Licences[i].AnyOf = slices.Clone(p.Licences[i].AnyOf)
	}
	p.Credit.Barred = slices.Clone(p.Credit.Barred)
	p.Share = slices.Clone(p.Share)
	p.Review.Levels = slices.Clone(p.Review.Levels)
	p.Panel.Items = slices.Clone(p.Panel.Items)
	return p
}

// Procedure is the name of this procedure in records and rule sets.
const Procedure = "onboarding"
