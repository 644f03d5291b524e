package onboarding

import "time"

// Facts is everything a district's criteria may look at. Every field is
// present or explicitly absent: a zero never stands for "not known". Lists,
// not maps, because map iteration order is random in CEL. Inside lists there
// are no optional fields: a status says what is known.
type Facts struct {
	Application ApplicationFacts `json:"application"`
	Services    []ServiceFact    `json:"services"`
	Operator    OperatorFacts    `json:"operator"`
	Credit      CreditFacts      `json:"credit"`
	Space       SpaceFacts       `json:"space"`
	Needs       NeedFacts        `json:"needs"`
	Call        CallFacts        `json:"call"`
	Community   CommunityFacts   `json:"community"`
	Now         time.Time        `json:"now"`
}

// Procedure says whose facts they are.
func (f Facts) Procedure() string { return Procedure }

// Moment is the time of the evaluation.
func (f Facts) Moment() time.Time { return f.Now }

// Answered lists the review criteria a person has answered.
func (f Facts) Answered() []string { return f.Application.AnsweredReviews }

// ApplicationFacts is the application as rules see it.
type ApplicationFacts struct {
	TermMonths      int64     `json:"term_months"`
	Area            int64     `json:"area"` // dm² asked for
	Share           ShareFact `json:"share"`
	FitOut          bool      `json:"fit_out"`      // building works are planned
	FitOutCost      int64     `json:"fit_out_cost"` // fen; known if FitOut, like FitOutArea
	FitOutArea      int64     `json:"fit_out_area"` // dm²
	Undertakings    []string  `json:"undertakings"`
	AttachmentKinds []string  `json:"attachment_kinds"`
	Renewal         bool      `json:"renewal"`          // the operator already runs this space
	AnsweredReviews []string  `json:"answered_reviews"` // review criteria a person has answered
}

// ShareFact is the share offered to the community's fund. Value is whole
// percent, fen per day of business or per year, or hours per year (whatever
// the period of the reports), as the kind says.
type ShareFact struct {
	Kind  string `json:"kind"`
	Value int64  `json:"value"`
}

// ServiceFact is one service offered. Discounts are whole percent off the
// price, rounded down where an amount is taken off; 0 is no discount.
type ServiceFact struct {
	Kind       string   `json:"kind"` // see ServiceKinds
	Name       string   `json:"name"`
	Class      string   `json:"class"`  // public_benefit, low_charge or market_rate
	Over60     int64    `json:"over60"` // residents of 60 and older
	Over80     int64    `json:"over80"`
	Activities []string `json:"activities"` // what a negative list may name, see Activities
}

// OperatorFacts is the operator as registered. CreditCode is how its unified
// social credit code was checked.
type OperatorFacts struct {
	Kind                 string        `json:"kind"`
	CreditCode           string        `json:"credit_code"` // CodeValid, CodeConfirmed or CodeDoubtful
	Licences             []LicenceFact `json:"licences"`
	RunningEngagements   int64         `json:"running_engagements"`
	FoundedKnown         bool          `json:"founded_known"`
	MonthsFounded        int64         `json:"months_founded"`    // known if FoundedKnown
	RelationsChecked     bool          `json:"relations_checked"` // against the related-party register
	InterestedDeciders   int64         `json:"interested_deciders"`
	LastScoreKnown       bool          `json:"last_score_known"` // a yearly evaluation anywhere in the city
	LastScore            int64         `json:"last_score"`
	RectificationsUndone int64         `json:"rectifications_undone"` // ordered elsewhere and overdue
}

// How a credit code was checked. A doubtful code fails a check digit and
// nobody has confirmed the reason: genuine older codes do, so it never blocks.
const (
	CodeValid     = "valid"
	CodeConfirmed = "confirmed"
	CodeDoubtful  = "doubtful"
)

// LicenceFact is one licence or filing on record. Only the status "valid"
// counts; DaysLeft says nothing where it never expires.
type LicenceFact struct {
	Kind         string `json:"kind"`
	Status       string `json:"status"`
	NeverExpires bool   `json:"never_expires"`
	DaysLeft     int64  `json:"days_left"`
}

// CreditFacts is what a check of the public credit lists found.
type CreditFacts struct {
	Checked bool         `json:"checked"`
	AgeDays int64        `json:"age_days"` // since the check; known if Checked
	Entries []CreditFact `json:"entries"`  // known if Checked; empty = on no list
}

// CreditFact is one entry. MonthsAgo counts from the event, whole months
// rounded down.
type CreditFact struct {
	List      string `json:"list"`
	Subject   string `json:"subject"` // SubjectOperator …
	Active    bool   `json:"active"`  // still listed
	MonthsAgo int64  `json:"months_ago"`
}

// Whom a credit entry is about.
const (
	SubjectOperator       = "operator"
	SubjectRepresentative = "representative" // 法定代表人或负责人
	SubjectShareholder    = "shareholder"
	SubjectController     = "controller" // 实际控制人
)

// SpaceFacts is the space asked for. Areas are dm².
type SpaceFacts struct {
	Vacant            bool     `json:"vacant"` // nobody holds it in the term asked for
	BuiltArea         int64    `json:"built_area"`
	UsableArea        int64    `json:"usable_area"`
	OwnershipKnown    bool     `json:"ownership_known"` // holder and proof are on record
	Owner             string   `json:"owner"`           // known if OwnershipKnown
	FunctionsKnown    bool     `json:"functions_known"` // the community's functions are surveyed
	RequiredFunctions []string `json:"required_functions"`
	RetainedFunctions []string `json:"retained_functions"` // still provided once this space is let
	Surveyed          bool     `json:"surveyed"`           // flue and fire exits were looked at
	Flue              bool     `json:"flue"`               // an independent flue; known if Surveyed
	FireExits         int64    `json:"fire_exits"`         // known if Surveyed
}

// NeedFacts is how the application matches the community's needs list.
type NeedFacts struct {
	Listed   bool  `json:"listed"`   // the community has a needs list
	Matched  int64 `json:"matched"`  // listed needs the services answer
	Priority int64 `json:"priority"` // of those, needs of high priority
}

// CallFacts is the call (招引) the application answers, if any.
type CallFacts struct {
	Present      bool     `json:"present"`
	InTime       bool     `json:"in_time"`       // filed before the call's deadline
	ServiceKinds []string `json:"service_kinds"` // what the call asks for; empty = any
}

// CommunityFacts is the community that lets the space. Areas are dm².
type CommunityFacts struct {
	Scope           string `json:"scope"`
	HouseholdsKnown bool   `json:"households_known"`
	Households      int64  `json:"households"`
	AreasKnown      bool   `json:"areas_known"`  // the inventory of spaces is complete
	ServiceArea     int64  `json:"service_area"` // all service space, let or not
	LetArea         int64  `json:"let_area"`     // let already, without this application
}
