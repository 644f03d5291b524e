package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/poster"
	"linli/web"
)

// Engagements reads running and ended engagements as the caller may see them,
// and the bulletin everybody may read.
type Engagements interface {
	Engagement(ctx context.Context, caseID string) (engagement.View, error)
	Engagements(ctx context.Context, filter engagement.Filter, page approval.Page) (views []engagement.View, next string, err error)
	Bulletins(ctx context.Context, filter approval.BulletinFilter, page approval.Page) (bulletins []approval.Bulletin, next string, err error)
	Bulletin(ctx context.Context, caseID string) (approval.Bulletin, error)
}

func (s *Server) engagementRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/engagements", Operation: "listEngagements", Allow: SignedIn(), Handle: read(s.engagements)},
		{Method: "GET", Path: "/v1/engagements/{case}", Operation: "readEngagement", Allow: SignedIn(), Handle: read(s.engagement)},
		{Method: "GET", Path: "/v1/engagements/{case}/handover.pdf", Operation: "printHandover", Allow: SignedIn(), Handle: s.printHandover},
		{Method: "GET", Path: "/v1/engagements/{case}/hand-back.pdf", Operation: "printHandBack", Allow: SignedIn(), Handle: s.printHandBack},
		{Method: "GET", Path: "/v1/public/bulletins", Operation: "listBulletins", Allow: Public(), Handle: read(s.bulletins)},
		{Method: "GET", Path: "/v1/public/bulletins/{case}", Operation: "readBulletin", Allow: Public(), Handle: read(s.bulletin)},
	}
}

func (s *Server) engagements(ctx context.Context, c call) (list[engagement.View], error) {
	views, next, err := s.records.Engagements(ctx, engagement.Filter{
		Scope: approval.Scope(c.Query("scope")), Status: approval.CaseStatus(c.Query("status")), OperatorID: c.Query("operator_id"),
	}, c.Page)
	return listOf(views, next), err
}

func (s *Server) engagement(ctx context.Context, c call) (engagement.View, error) {
	return s.records.Engagement(ctx, c.Param("case"))
}

func (s *Server) bulletins(ctx context.Context, c call) (list[approval.Bulletin], error) {
	found, next, err := s.namedBulletins(ctx, approval.BulletinFilter{Scope: approval.Scope(c.Query("scope")), Search: c.Query("search")}, c.Page)
	for i := range found {
		found[i].Past = nil // one bulletin alone tells how it came to its prices
	}
	return listOf(found, next), err
}

func (s *Server) bulletin(ctx context.Context, c call) (approval.Bulletin, error) {
	return s.namedBulletin(ctx, c.Param("case"))
}

// namedBulletin is one bulletin with the names of where it lies.
func (s *Server) namedBulletin(ctx context.Context, caseID string) (approval.Bulletin, error) {
	bulletin, err := s.records.Bulletin(ctx, caseID)
	if err != nil {
		return bulletin, err
	}
	divisions, err := s.records.Divisions(ctx)
	bulletin.ScopeNames = named(divisions, bulletin.Scope)
	return bulletin, err
}

// namedBulletins are bulletins with the names of where they lie.
func (s *Server) namedBulletins(ctx context.Context, filter approval.BulletinFilter, page approval.Page) ([]approval.Bulletin, string, error) {
	found, next, err := s.records.Bulletins(ctx, filter, page)
	if err != nil {
		return nil, "", err
	}
	divisions, err := s.records.Divisions(ctx)
	for i := range found {
		found[i].ScopeNames = named(divisions, found[i].Scope)
	}
	return found, next, err
}

func named(divisions []approval.Division, scope approval.Scope) []string {
	var names []string
	for _, place := range way(divisions, scope) {
		names = append(names, place.NameZH)
	}
	return names
}

func (s *Server) pageBulletins(ec echo.Context) error {
	ctx := ec.Request().Context()
	list := web.BulletinList{Frame: s.frame(ec), Cursor: ec.QueryParam("cursor"), Filter: approval.BulletinFilter{
		Scope: approval.Scope(clip(ec.QueryParam("scope"), 80)), Search: clip(ec.QueryParam("q"), 180),
	}}
	divisions, err := s.records.Divisions(ctx)
	if err != nil {
		return err
	}
	list.Path, list.Below = places(divisions, list.Filter.Scope)
	if list.Items, list.Next, err = s.namedBulletins(ctx, list.Filter, approval.Page{Limit: defaultLimit, Cursor: list.Cursor}); err != nil {
		return err
	}
	page, err := s.pages.Bulletins(list)
	if err != nil {
		return err
	}
	return s.html(ec, http.StatusOK, page, page)
}

func (s *Server) pageBulletin(ec echo.Context) error {
	bulletin, err := s.namedBulletin(ec.Request().Context(), ec.Param("case"))
	if err != nil {
		return err
	}
	page, err := s.pages.Bulletin(web.BulletinPage{Frame: s.frame(ec), Bulletin: bulletin})
	if err != nil {
		return err
	}
	return s.html(ec, http.StatusOK, page, page)
}

// way leads from the city down to a scope.
func way(divisions []approval.Division, scope approval.Scope) []approval.Division {
	var down []approval.Division
	for level := approval.City; level <= scope.Level(); level++ {
		for _, division := range divisions {
			if division.Path == scope.Up(level) {
				down = append(down, division)
			}
		}
	}
	return down
}

// engagementDetails is what an act of an engagement may carry; papers and
// photographs are named by the id of an upload.
type engagementDetails struct {
	Report    *shareReport            `json:"report,omitempty"`
	Payment   *sharePayment           `json:"payment,omitempty"`
	Received  *engagement.Received    `json:"received,omitempty"`
	Scores    []engagement.Score      `json:"scores,omitempty"`
	Statement *statement              `json:"statement,omitempty"`
	Renewal   *extension              `json:"renewal,omitempty"`
	Prices    *engagement.PriceChange `json:"prices,omitempty"`
	Ground    engagement.Ground       `json:"ground,omitempty"`
	Handover  *handoverForm           `json:"handover,omitempty"`
}

type shareReport struct {
	Period string `json:"period"`
	engagement.Figures
	Share  approval.Fen `json:"share"`
	Note   string       `json:"note,omitempty"`
	Papers []paper      `json:"papers"`
}

type sharePayment struct {
	BankReference string  `json:"bank_reference"`
	PaidOn        string  `json:"paid_on"`
	Papers        []paper `json:"papers,omitempty"`
}

type statement struct {
	Text   string  `json:"text"`
	Papers []paper `json:"papers,omitempty"`
}

type extension struct {
	EndsOn string  `json:"ends_on"`
	Papers []paper `json:"papers"`
}

// engagementForm reads what an act of an engagement carries.
func (s *Server) engagementForm(ctx context.Context, _ call, in actRequest, task approval.TaskView) (*approval.Content, json.RawMessage, error) {
	stated, err := strictly[engagementDetails](in.Form.Details)
	if err != nil {
		return nil, nil, err
	}
	out := engagement.Details{Received: stated.Received, Scores: stated.Scores, Ground: stated.Ground, Prices: stated.Prices}
	stored := func(named []paper, field string) []approval.Attached {
		if err != nil {
			return nil
		}
		var found []approval.Attached
		found, err = s.attachments(ctx, named, task.Case.Scope, task.CaseID)
		if refused := approval.Refusal(err); refused != nil {
			err = refused.At(field + strings.Replace(refused.Field, "attachments", "/papers", 1))
		}
		return found
	}
	if r := stated.Report; r != nil {
		out.Report = &engagement.Report{Period: r.Period, Figures: r.Figures, Share: r.Share, Note: r.Note, Papers: stored(r.Papers, "report")}
	}
	if p := stated.Payment; p != nil {
		out.Payment = &engagement.Payment{BankReference: p.BankReference, PaidOn: p.PaidOn, Papers: stored(p.Papers, "payment")}
	}
	if t := stated.Statement; t != nil {
		out.Statement = &engagement.Statement{Text: t.Text, Papers: stored(t.Papers, "statement")}
	}
	if e := stated.Renewal; e != nil {
		out.Renewal = &engagement.Extension{EndsOn: e.EndsOn, Papers: stored(e.Papers, "renewal")}
	}
	if err != nil {
		return nil, nil, err
	}
	if out.Handover, err = s.handover(ctx, stated.Handover, task); err != nil {
		return nil, nil, err
	}
	raw, err := json.Marshal(out)
	return nil, raw, err
}

func (s *Server) printHandover(ec echo.Context) error {
	return papers(s, ec, "空间移交书", func(ctx context.Context, c call) (approval.Paper, error) {
		return s.certificate(ctx, c, func(v engagement.View) *onboarding.Checklist { return &v.Handover })
	}, s.print)
}

func (s *Server) printHandBack(ec echo.Context) error {
	return papers(s, ec, "空间交还书", func(ctx context.Context, c call) (approval.Paper, error) {
		return s.certificate(ctx, c, func(v engagement.View) *onboarding.Checklist { return v.HandBack })
	}, s.print)
}

func (s *Server) print(paper approval.Paper, out *bytes.Buffer) error {
	return poster.Paper(out, paper, s.config.Font)
}

// certificate draws up what both sides agreed on; people are named as far as
// the reader may see them.
func (s *Server) certificate(ctx context.Context, c call, which func(engagement.View) *onboarding.Checklist) (approval.Paper, error) {
	view, err := s.records.Engagement(ctx, c.Param("case"))
	if err != nil {
		return approval.Paper{}, err
	}
	list := which(view)
	if list == nil {
		return approval.Paper{}, approval.Errorf(approval.Conflict, "尚未开始交还。", "The hand-back has not begun.")
	}
	divisions, err := s.records.Divisions(ctx)
	if err != nil {
		return approval.Paper{}, err
	}
	facts := onboarding.CertificateFacts{Number: view.CaseID, Operator: view.Operator.Name}
	for _, place := range way(divisions, view.Scope) {
		facts.Community += place.NameZH
		if place.Path.Level() == approval.Subdistrict {
			facts.Witness = place.NameZH
		}
	}
	if facts.Name, err = s.namesIn(ctx, view.Onboarding, view.CaseID); err != nil {
		return approval.Paper{}, err
	}
	return list.Certificate(facts)
}

// namesIn names the people who acted in cases, by what the caller may see.
func (s *Server) namesIn(ctx context.Context, cases ...string) (func(string) string, error) {
	names := map[string]string{}
	for _, id := range cases {
		steps, err := s.records.CaseSteps(ctx, id)
		if err != nil && approval.CodeOf(err) != approval.NotFound {
			return nil, err
		}
		for _, step := range steps {
			if step.PersonName != "" {
				names[step.Person] = step.PersonName
			}
		}
	}
	return func(id string) string {
		if names[id] == "" {
			return id
		}
		return names[id]
	}, nil
}
