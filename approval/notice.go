package approval

import "time"

// Notice is what the public reads about a case. It is never altered or
// removed: a later correction is a note beside it (I11).
type Notice struct {
	ID          string           `json:"id"`
	CaseID      string           `json:"case_id"`
	Scope       Scope            `json:"scope"`
	Kind        string           `json:"kind"` // "before_payout", "result" or "admission"
	Title       string           `json:"title"`
	Amount      Fen              `json:"amount"`
	Category    Text             `json:"category"`
	Purpose     string           `json:"purpose"`
	Payee       string           `json:"payee"` // name; never the account
	Lines       []NoticeLine     `json:"lines"`
	Steps       []NoticeStep     `json:"steps"`
	Vote        NoticeVote       `json:"vote"`
	Evidence    []Evidence       `json:"evidence"`
	Payment     *Payment         `json:"payment,omitempty"`
	Admission   *NoticeAdmission `json:"admission,omitempty"` // of an operator to a space
	ContentHash string           `json:"content_hash"`        // of the proposal everybody decided on
	Pin         RulePin          `json:"pin"`
	Days        int              `json:"days"`
	DayKind     DayKind          `json:"day_kind"`
	PublishedAt time.Time        `json:"published_at,omitzero"`
	EndsAt      time.Time        `json:"ends_at,omitzero"`
}

// NoticeLine is one budget line. Amount is fen.
type NoticeLine struct {
	Item   string `json:"item"`
	Amount Fen    `json:"amount"`
}

// NoticeAdmission is what an admission notice says: who is to run which space,
// until when, at which prices, and what the community's fund gets.
type NoticeAdmission struct {
	Operator   string          `json:"operator"`
	CreditCode string          `json:"credit_code"`
	Space      string          `json:"space"`
	Area       int64           `json:"area"`      // usable, dm²
	StartsOn   string          `json:"starts_on"` // civil date
	EndsOn     string          `json:"ends_on"`   // civil date, last day
	Share      Text            `json:"share"`
	Score      string          `json:"score,omitempty"` // mean of the panel, points
	Services   []NoticeService `json:"services"`
}

// NoticeService is one service with its price and what older residents pay.
type NoticeService struct {
	Name    string `json:"name"`
	Unit    string `json:"unit"`
	Price   Fen    `json:"price"`
	Price60 Fen    `json:"price_60"` // from 60 years
	Price80 Fen    `json:"price_80"` // from 80 years
}

// NoticeStep is one decided step, naming the office and not the person.
type NoticeStep struct {
	Stage  Text      `json:"stage"`
	Office Text      `json:"office"`
	Action Text      `json:"action"`
	At     time.Time `json:"at"`
}

// NoticeVote is the committee's vote as far as the rule set publishes it:
// Ballots is empty unless names are public.
type NoticeVote struct {
	Eligible int            `json:"eligible"`
	Cast     int            `json:"cast"`
	For      int            `json:"for"`
	Against  int            `json:"against"`
	Abstain  int            `json:"abstain"`
	Recused  int            `json:"recused"`
	Why      Text           `json:"why"`
	Ballots  []NoticeBallot `json:"ballots,omitempty"`
}

// NoticeBallot is one named ballot.
type NoticeBallot struct {
	Member string `json:"member"` // person id; the page shows the name
	Choice Choice `json:"choice"`
}

// Payment is money that left the fund.
type Payment struct {
	Amount        Fen       `json:"amount"`
	BankReference string    `json:"bank_reference"`
	PaidAt        time.Time `json:"paid_at"`
}

// NoticeNote is a visible later addition: a correction, the outcome of an
// objection, a quarterly disclosure, the closing report.
type NoticeNote struct {
	ID       string    `json:"id"`
	NoticeID string    `json:"notice_id"`
	Kind     string    `json:"kind"` // correction, objection, payment, disclosure, closing
	Text     string    `json:"text"`
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at"`
}

// Objection is what a resident filed against a notice. Contact is personal
// data: shown to the objection handler only, never public. The receipt code
// lets the resident follow it; the database keeps its SHA-256 only.
type Objection struct {
	ID         string    `json:"id"`
	NoticeID   string    `json:"notice_id"`
	CaseID     string    `json:"case_id"`
	Text       string    `json:"text"`
	Contact    string    `json:"contact,omitempty"`
	Status     string    `json:"status"` // filed, upheld, overruled
	Answer     string    `json:"answer,omitempty"`
	FiledAt    time.Time `json:"filed_at"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}
