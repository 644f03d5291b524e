package engagement

import (
	"time"

	"linli/approval"
	"linli/approval/onboarding"
)

// View is an engagement as people read it. Seq orders the copies of one
// engagement: the latest counts.
type View struct {
	CaseID      string                `json:"case_id"`
	Seq         int                   `json:"seq"`
	Onboarding  string                `json:"onboarding"`
	Scope       approval.Scope        `json:"scope"`
	Operator    onboarding.Operator   `json:"operator"`
	People      []string              `json:"people"`
	Space       onboarding.Space      `json:"space"`
	Stage       approval.Stage        `json:"stage"`
	StageName   approval.Text         `json:"stage_name"`
	Status      approval.CaseStatus   `json:"status"`
	Reason      string                `json:"reason,omitempty"`
	Since       string                `json:"since,omitempty"` // civil date, first day of the first term
	Term        Term                  `json:"term"`
	Share       onboarding.Share      `json:"share"`
	ShareText   approval.Text         `json:"share_text"`
	FundID      string                `json:"fund_id,omitempty"`
	Services    []onboarding.Service  `json:"services"` // valid now
	PriceLists  []PriceList           `json:"price_lists,omitempty"`
	Proposal    *Proposal             `json:"proposal,omitempty"`
	Periods     []Period              `json:"periods"`
	Given       approval.Fen          `json:"given"`
	Hours       int64                 `json:"hours"`
	HoursDue    int64                 `json:"hours_due,omitempty"`   // promised for the periods that are closed
	HoursShort  int64                 `json:"hours_short,omitempty"` // of these not given so far
	Overdue     int                   `json:"overdue"`
	Evaluations []Assessment          `json:"evaluations"`
	Renewal     *Request              `json:"renewal,omitempty"`
	Leaving     *Leaving              `json:"leaving,omitempty"`
	Handover    onboarding.Checklist  `json:"handover"`
	HandBack    *onboarding.Checklist `json:"hand_back,omitempty"`
	OpenedAt    time.Time             `json:"opened_at"`
	ClosedAt    time.Time             `json:"closed_at,omitzero"`
	TakenOver   *TakenOver            `json:"taken_over,omitempty"` // the contract was signed on paper
}

// Filter narrows a list of engagements; empty fields do not.
type Filter struct {
	Scope      approval.Scope
	Status     approval.CaseStatus
	OperatorID string
}

// View is the engagement after so many recorded steps. Periods that have not
// begun are left out.
func (s *State) View(seq int) View {
	view := View{
		CaseID: s.Start.CaseID, Seq: seq, Onboarding: s.Onboarding, Scope: s.Start.Scope, Operator: s.Operator, People: s.People, Space: s.Space,
		Stage: s.Stage, StageName: StageName(s.Stage), Status: s.Status, Reason: s.Reason, Since: s.StartsOn, Term: s.Term, Share: s.Share, ShareText: s.Share.Text(),
		FundID: s.FundID, Services: s.Offer(), PriceLists: s.Lists, Proposal: s.Proposal, Periods: []Period{}, Given: s.Given, Hours: s.Hours, HoursDue: s.HoursDue(), HoursShort: s.HoursShort(),
		Overdue: s.Overdue, Evaluations: s.Evaluations,
		Renewal: s.Renewal, Leaving: s.Leaving, Handover: s.Handover, OpenedAt: s.OpenedAt, ClosedAt: s.ClosedAt,
		TakenOver: s.TakenOver,
	}
	for _, p := range s.Periods {
		p.HoursOwed = s.hoursOwed(p)
		view.Periods = append(view.Periods, p)
		if p.Status == Running {
			break
		}
	}
	if view.Evaluations == nil {
		view.Evaluations = []Assessment{}
	}
	if len(s.HandBack.Items) > 0 {
		view.HandBack = &s.HandBack
	}
	return view
}

// Pending reports whether an effect is due that is the workflow's to carry out.
func (s *State) Pending() bool {
	var any time.Time
	return s.Unscheduled() != nil || s.Weighing(any) != nil || s.Donation(any) != nil || s.Extension(any) != nil || s.Free(any) != nil
}

// Bulletin is what the public reads of the engagement.
func (v View) Bulletin() approval.Bulletin {
	bulletin := approval.Bulletin{
		CaseID: v.CaseID, Scope: v.Scope, Operator: v.Operator.Name, Space: v.Space.Name, StartsOn: v.Since, EndsOn: v.Term.To,
		Share: v.ShareText, Given: v.Given, Hours: v.Hours, Services: offered(v.Services), OpenedAt: v.OpenedAt,
	}
	v.lists(&bulletin)
	return bulletin
}

// lists tells since when the present list is valid, which one follows and which
// were valid before, the latest first.
func (v View) lists(bulletin *approval.Bulletin) {
	for i, list := range v.PriceLists {
		shown := approval.BulletinPrices{From: list.From, Services: offered(list.Services)}
		followed := i+1 < len(v.PriceLists) && v.PriceLists[i+1].Begun
		switch {
		case !list.Begun:
			bulletin.Next = &shown
			return
		case followed:
			shown.To = before(v.PriceLists[i+1].From)
			bulletin.Past = append([]approval.BulletinPrices{shown}, bulletin.Past...)
		default:
			bulletin.ValidFrom = list.From
		}
	}
}

func before(date string) string { return day(date).AddDate(0, 0, -1).Format(time.DateOnly) }

func offered(services []onboarding.Service) []approval.BulletinService {
	shown := []approval.BulletinService{}
	for _, s := range services {
		shown = append(shown, approval.BulletinService{
			Name: s.Name, Kind: s.Kind.Name(), Class: s.Class.Name(), Unit: s.Unit, Price: s.Price,
			Price60: s.At(s.Over60), Price80: s.At(s.Over80), Over60: s.Over60, Over80: s.Over80, Note: s.Note,
		})
	}
	return shown
}
