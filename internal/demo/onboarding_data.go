package demo

import (
	"linli/approval"
)

// Space is a space of a community; areas are dm².
type Space struct {
	Key       string         `yaml:"key" json:"-"`
	By        string         `yaml:"by" json:"-"` // who registers it
	Scope     approval.Scope `yaml:"scope" json:"scope"`
	Code      string         `yaml:"code" json:"code"`
	Name      string         `yaml:"name" json:"name"`
	Ownership string         `yaml:"ownership" json:"ownership"`
	Holder    string         `yaml:"holder" json:"holder"`
	Proof     string         `yaml:"proof" json:"proof"`
	Use       string         `yaml:"use" json:"use"`
	Surveyed  bool           `yaml:"surveyed" json:"surveyed"`
	Flue      bool           `yaml:"flue" json:"flue"`
	FireExits int            `yaml:"fire_exits" json:"fire_exits"`
	Rooms     []Room         `yaml:"rooms" json:"rooms"`
}

// Room is a room of a space. The function "required" stands for every required
// function of the catalogue.
type Room struct {
	Code      string   `yaml:"code" json:"code"`
	Name      string   `yaml:"name" json:"name"`
	Built     int64    `yaml:"built_area" json:"built_area"`
	Usable    int64    `yaml:"usable_area" json:"usable_area"`
	Functions []string `yaml:"functions" json:"functions"`
}

// NeedList is what a community wants.
type NeedList struct {
	By    string         `yaml:"by"`
	Scope approval.Scope `yaml:"scope"`
	Needs []Need         `yaml:"needs"`
}

// Need is one line of it.
type Need struct {
	Category string `yaml:"category" json:"category"`
	Code     string `yaml:"code" json:"code"`
	Name     string `yaml:"name" json:"name"`
	Count    int    `yaml:"count" json:"count"`
	Priority string `yaml:"priority" json:"priority"`
}

// Operator is an operator with its papers, what the public lists say of it, and
// the person who acts for it.
type Operator struct {
	Key        string         `yaml:"key" json:"-"`
	By         string         `yaml:"by" json:"-"`        // who registers it
	Secretary  string         `yaml:"secretary" json:"-"` // who links its person
	Person     string         `yaml:"person" json:"-"`
	Scope      approval.Scope `yaml:"scope" json:"scope"`
	Name       string         `yaml:"name" json:"name"`
	CreditCode string         `yaml:"credit_code" json:"credit_code"`
	Kind       string         `yaml:"kind" json:"kind"`
	Legal      string         `yaml:"legal_representative" json:"legal_representative"`
	FoundedOn  string         `yaml:"founded_on" json:"founded_on"`
	Licences   []Licence      `yaml:"licences" json:"-"`
	Entries    []Listing      `yaml:"entries" json:"-"`
}

// Licence is a paper on file.
type Licence struct {
	Kind       string `yaml:"kind" json:"kind"`
	Number     string `yaml:"number" json:"number"`
	ValidUntil string `yaml:"valid_until" json:"valid_until,omitempty"`
	Verified   bool   `yaml:"verified" json:"verified"`
}

// Listing is an entry of a credit list; listed and removed so many days before
// the load.
type Listing struct {
	List    string `yaml:"list"`
	Subject string `yaml:"subject"`
	Name    string `yaml:"name"`
	Listed  int    `yaml:"listed"`
	Removed int    `yaml:"removed"` // 0: still listed
	Note    string `yaml:"note"`
}

// Application is an onboarding case with the steps taken in it.
type Application struct {
	Key          string           `yaml:"key"`
	Title        string           `yaml:"title"`
	As           string           `yaml:"as"`
	Operator     string           `yaml:"operator"`
	Space        string           `yaml:"space"`
	Summary      string           `yaml:"summary"`
	Services     []map[string]any `yaml:"services"`
	Share        map[string]any   `yaml:"share"`
	StartsIn     int              `yaml:"starts_in"`
	Months       int              `yaml:"months"`
	FitOut       map[string]any   `yaml:"fit_out"`
	RunningCost  approval.Fen     `yaml:"running_cost"`
	Needs        []string         `yaml:"needs"`
	Undertakings []string         `yaml:"undertakings"`
	Papers       []string         `yaml:"papers"`
	Takeover     *Takeover        `yaml:"takeover"`
	Steps        []Step           `yaml:"steps"`
	Leaves       approval.Stage   `yaml:"leaves"`
	Engagement   approval.Stage   `yaml:"engagement"` // where the engagement that followed then stands
}

// Takeover is what an existing contract brings along; days from the load.
type Takeover struct {
	SignedIn int              `yaml:"signed_in"`
	SignedBy []map[string]any `yaml:"signed_by"`
	Settled  bool             `yaml:"settled"` // every month that is over
	Handover *struct {
		In    int              `yaml:"in"`
		Items []map[string]any `yaml:"items"`
	} `yaml:"handover"`
}
