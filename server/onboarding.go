package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/approval/operator"
	"linli/approval/space"
)

// Applications reads what an application names beside the register's public
// entries, as the caller may see it.
type Applications interface {
	SpaceNumber(ctx context.Context, id string) (int32, error)
	// Agents are the persons who act for the operator now.
	Agents(ctx context.Context, operatorID string) ([]string, error)
	OnboardingFacts(ctx context.Context, question onboarding.FactQuestion) (onboarding.RegisterFacts, error)
	// FileUnderCall counts an application in, once, or refuses it after the
	// deadline.
	FileUnderCall(ctx context.Context, callID, caseID, operatorID string, at time.Time) error
	// Inventory is the space as registered, and who else than the case has it.
	Inventory(ctx context.Context, question onboarding.InventoryQuestion) (onboarding.Inventory, error)
}

func (s *Server) onboardingRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/applications", Operation: "openApplication", Allow: SignedIn(), Handle: s.created(onboarding.Procedure, s.openApplication())},
		{Method: "POST", Path: "/v1/applications/preview", Operation: "previewApplication", Allow: SignedIn(), Handle: unkeyed(s.previewApplication)},
		{Method: "GET", Path: "/v1/cases/{case}/application", Operation: "readApplication", Allow: SignedIn(), Handle: read(s.readApplication)},
	}
}

// application is an application as somebody states it; what it names is looked
// up.
type application struct {
	Title        string                   `json:"title"`
	OperatorID   string                   `json:"operator_id"`
	SpaceID      string                   `json:"space_id"`
	CallID       string                   `json:"call_id,omitempty"`
	Summary      string                   `json:"summary"`
	Services     []onboarding.Service     `json:"services"`
	Share        onboarding.Share         `json:"share"`
	StartsOn     string                   `json:"starts_on"`
	EndsOn       string                   `json:"ends_on"`
	FitOut       onboarding.FitOut        `json:"fit_out,omitzero"`
	RunningCost  approval.Fen             `json:"running_cost,omitempty"`
	Keeps        []string                 `json:"keeps,omitempty"`
	Needs        []string                 `json:"needs,omitempty"`
	Licences     []string                 `json:"licences,omitempty"` // ids of papers on file
	Undertakings []onboarding.Undertaking `json:"undertakings,omitempty"`
	Attachments  []paper                  `json:"attachments,omitempty"`
	Takeover     *takeover                `json:"takeover,omitempty"` // an existing contract, see takeover.go
}

// admits refuses an existing contract where admission is applied for.
func (a application) admits() error {
	if a.Takeover == nil {
		return nil
	}
	return approval.Errorf(approval.Invalid, "存量合同请办理接续登记（/v1/takeovers）。", "An existing contract is registered at /v1/takeovers.").At("takeover")
}

// admission is an application with the place and the rules it is made under.
type admission struct {
	scope       approval.Scope
	application onboarding.Application
	rules       Rules[onboarding.Parameters]
}

// applying is a start as it waits for delivery.
type applying struct {
	Person approval.Person  `json:"person"`
	Start  onboarding.Start `json:"start"`
}

func (s *Server) openApplication() echo.HandlerFunc {
	return deliver(s, "onboarding", s.prepareApplication, s.startOnboarding)
}

func (s *Server) prepareApplication(ctx context.Context, c call, in application) (applying, error) {
	if err := in.admits(); err != nil {
		return applying{}, err
	}
	return s.applying(ctx, c, in)
}

func (s *Server) applying(ctx context.Context, c call, in application) (applying, error) {
	found, err := s.admission(ctx, c, in, "")
	if err != nil {
		return applying{}, err
	}
	people, err := s.records.Agents(ctx, in.OperatorID)
	if err != nil {
		return applying{}, err
	}
	return applying{Person: c.Person, Start: onboarding.Start{
		CaseID: caseID(onboarding.Procedure, c.Person.ID, c.Key), Scope: found.scope, Applicant: c.Person.ID, People: people,
		Application: found.application, Pin: found.rules.Pin, Parameters: found.rules.Parameters, OpenedAt: c.Now,
	}}, nil
}

func (s *Server) startOnboarding(ctx context.Context, a applying) (opened, error) {
	ctx, cancel := context.WithTimeout(s.scoped(ctx, a.Person), engineTimeout)
	defer cancel()
	start := a.Start
	if err := s.records.SaveContent(ctx, start.CaseID, start.Scope, approval.ContentOf(start.Application), start.OpenedAt); err != nil {
		return opened{}, err
	}
	if call := start.Application.CallID; call != "" {
		if err := s.records.FileUnderCall(ctx, call, start.CaseID, start.Application.Operator.ID, s.config.Now()); err != nil {
			return opened{}, err
		}
	}
	if err := s.config.Engine.StartOnboarding(ctx, start); err != nil {
		return opened{}, err
	}
	return opened{CaseID: start.CaseID, Href: "/v1/cases/" + start.CaseID, ContentHash: start.Application.Hash(), Pin: start.Pin}, nil
}

// admission builds the application from what is registered of operator, space,
// licences and papers, never from what the caller says of them. forCase is the
// case being corrected, "" for a new one.
func (s *Server) admission(ctx context.Context, c call, in application, forCase string) (admission, error) {
	asked, err := s.records.Space(ctx, in.SpaceID)
	if err != nil {
		return admission{}, at(err, "space_id")
	}
	found := admission{scope: asked.Scope}
	who, err := s.applicant(ctx, c, in.OperatorID, asked.Scope)
	if err != nil {
		return found, err
	}
	if err := (space.Letting{Keeps: in.Keeps}).Validate(asked); err != nil {
		return found, err
	}
	number, err := s.records.SpaceNumber(ctx, asked.ID)
	if err != nil {
		return found, err
	}
	licences, err := s.licencesOf(ctx, c, in)
	if err != nil {
		return found, err
	}
	attachments, err := s.attachments(ctx, in.Attachments, asked.Scope, forCase)
	if err != nil {
		return found, err
	}
	found.application = onboarding.Application{
		Title: in.Title, Operator: who, CallID: in.CallID, Summary: in.Summary, Services: in.Services, Share: in.Share,
		Space:    onboarding.Space{ID: asked.ID, Number: number, Name: asked.Name, Area: int64(asked.Usable)},
		StartsOn: in.StartsOn, EndsOn: in.EndsOn, FitOut: in.FitOut, RunningCost: in.RunningCost, Keeps: in.Keeps, Needs: in.Needs,
		Licences: licences, Undertakings: in.Undertakings, Attachments: attachments,
		Takeover: in.Takeover.stated(),
	}
	if err := found.application.Validate(); err != nil {
		return found, err
	}
	if err := found.application.Current(c.Now); err != nil {
		return found, err
	}
	if err := s.needsKnown(ctx, asked.Scope, in.Needs); err != nil {
		return found, err
	}
	found.rules, err = s.rulesFor(ctx, c, found.scope, found.application, forCase)
	return found, err
}

func (s *Server) needsKnown(ctx context.Context, community approval.Scope, codes []string) error {
	if len(codes) == 0 {
		return nil
	}
	list, err := s.records.Needs(ctx, community)
	if err != nil {
		return err
	}
	return list.Known(codes)
}

func (s *Server) applicant(ctx context.Context, c call, operatorID string, community approval.Scope) (onboarding.Operator, error) {
	who, err := s.records.Operator(ctx, operatorID)
	if err != nil {
		return onboarding.Operator{}, at(err, "operator_id")
	}
	acts, err := s.records.ActsFor(ctx, operatorID, c.Person.ID)
	if err != nil {
		return onboarding.Operator{}, err
	}
	return onboarding.Operator{ID: who.ID, Name: who.Name, CreditCode: string(who.CreditCode), Kind: string(who.Kind)},
		at(onboarding.MayApply(c.Person, community, acts), "space_id")
}

// licencesOf takes the named papers as they are on file.
func (s *Server) licencesOf(ctx context.Context, c call, in application) ([]onboarding.Licence, error) {
	if len(in.Licences) == 0 {
		return nil, nil
	}
	onFile, err := s.records.Licences(ctx, in.OperatorID)
	if err != nil {
		return nil, err
	}
	var licences []onboarding.Licence
	for i, id := range in.Licences {
		field := fmt.Sprintf("licences/%d", i)
		n := slices.IndexFunc(onFile, func(l operator.Licence) bool { return l.ID == id })
		if n < 0 || slices.Contains(in.Licences[:i], id) {
			return nil, approval.Errorf(approval.Invalid, "运营主体没有登记这份证照，或重复填写。", "The operator has no such licence on file, or it is named twice.").At(field)
		}
		licence, err := onboarding.LicenceOf(onFile[n], c.Now)
		if err != nil {
			return nil, at(err, field)
		}
		licences = append(licences, licence)
	}
	return licences, nil
}

// rulesFor is the set in force, or that of the call the application answers. A
// correction is bound by neither again: the case has its pin, and the call has
// counted it in.
func (s *Server) rulesFor(ctx context.Context, c call, scope approval.Scope, a onboarding.Application, forCase string) (Rules[onboarding.Parameters], error) {
	if a.CallID == "" || forCase != "" {
		return s.config.Rules.OnboardingInForce(ctx, scope, c.Now)
	}
	view, err := s.records.Call(ctx, a.CallID)
	if err != nil {
		return Rules[onboarding.Parameters]{}, at(err, "call_id")
	}
	return Rules[onboarding.Parameters]{Pin: view.Pin, Parameters: view.Parameters}, view.Call.Admits(a, c.Now)
}

func (s *Server) previewApplication(ctx context.Context, c call, in application) (preview, error) {
	if err := in.admits(); err != nil {
		return preview{}, err
	}
	found, err := s.admission(ctx, c, in, "")
	if err != nil {
		return preview{}, err
	}
	register, err := s.records.OnboardingFacts(ctx, found.application.Question("", found.scope, c.Now, c.Now))
	if err != nil {
		return preview{}, err
	}
	evidence, err := s.config.Rules.EvaluateOnboarding(ctx, found.rules.Pin, string(onboarding.Screening), onboarding.FactsOf(found.application, register, c.Now))
	return preview{ContentHash: found.application.Hash(), Evidence: evidence}, err
}

// applicationView is what the case decides on, with the hash every act names.
type applicationView struct {
	ContentHash string                 `json:"content_hash"`
	Application onboarding.Application `json:"application"`
}

func (s *Server) readApplication(ctx context.Context, c call) (applicationView, error) {
	row, err := s.readCase(ctx, c)
	if err != nil {
		return applicationView{}, err
	}
	if row.Procedure != onboarding.Procedure {
		return applicationView{}, approval.Errorf(approval.NotFound, "此事项不是准入申请。", "This case is no application of an operator.").At("case")
	}
	content, err := s.records.Content(ctx, row.CaseID, c.Query("content_hash"))
	if err != nil {
		return applicationView{}, err
	}
	view := applicationView{ContentHash: content.Hash}
	return view, content.Read(&view.Application)
}

// onboardingDetails is what an act of onboarding may carry beside a correction.
type onboardingDetails struct {
	Scores      []onboarding.Score       `json:"scores,omitempty"`
	Handover    *onboarding.HandoverForm `json:"handover,omitempty"`
	Attachments []paper                  `json:"attachments,omitempty"` // of an applicant's objection
}

// onboardingForm reads a whole new application to correct, else
// onboardingDetails.
func (s *Server) onboardingForm(ctx context.Context, c call, in actRequest, task approval.TaskView) (*approval.Content, json.RawMessage, error) {
	if in.Action == approval.Correct {
		wanted, err := strictly[application](in.Form.Details)
		if err != nil {
			return nil, nil, err
		}
		found, err := s.admission(ctx, c, wanted, task.CaseID)
		if err == nil {
			err = s.retakeable(ctx, c, task.CaseID, found)
		}
		if err != nil {
			return nil, nil, err
		}
		content := approval.ContentOf(found.application)
		raw, err := json.Marshal(onboarding.Details{Application: &found.application})
		return &content, raw, err
	}
	stated, err := strictly[onboardingDetails](in.Form.Details)
	if err != nil {
		return nil, nil, err
	}
	attachments, err := s.attachments(ctx, stated.Attachments, task.Case.Scope, task.CaseID)
	if err != nil {
		return nil, nil, err
	}
	raw, err := json.Marshal(onboarding.Details{Scores: stated.Scores, Handover: stated.Handover, Attachments: attachments})
	return nil, raw, err
}
