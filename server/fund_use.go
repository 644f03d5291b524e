package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/funduse"
)

// Proposals reads what a proposal names, as the caller may see it, and keeps
// its versions.
type Proposals interface {
	Fund(ctx context.Context, id string) (funduse.Fund, error)
	Payee(ctx context.Context, id string) (funduse.RegisteredPayee, error)
	Attachment(ctx context.Context, id string) (approval.Attachment, error)
	FundFacts(ctx context.Context, fundID, earmarkID, payeeID string, at time.Time) (
		funduse.FundFacts, funduse.EarmarkFacts, funduse.PayeeFacts, funduse.CommunityFacts, error)
	// SaveContent is idempotent by case and content.
	SaveContent(ctx context.Context, caseID string, scope approval.Scope, content approval.Content, at time.Time) error
}

func (s *Server) fundUseRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/fund-uses", Operation: "openFundUse", Allow: Holding(approval.Handler), Handle: s.created(funduse.Procedure, s.openFundUse())},
		{Method: "POST", Path: "/v1/fund-uses/preview", Operation: "previewFundUse", Allow: Holding(approval.Handler), Handle: unkeyed(s.previewFundUse)},
	}
}

// fundUse is a proposal as a handler states it; what it names is looked up.
type fundUse struct {
	Title         string           `json:"title"`
	Category      funduse.Category `json:"category"`
	Purpose       string           `json:"purpose"`
	Amount        approval.Fen     `json:"amount"`
	Lines         []funduse.Line   `json:"lines"`
	FundID        string           `json:"fund_id"`
	EarmarkID     string           `json:"earmark_id,omitempty"`
	DonorConsent  bool             `json:"donor_consent,omitempty"`
	PayeeID       string           `json:"payee_id"`
	Needs         []string         `json:"needs,omitempty"`
	Beneficiaries int              `json:"beneficiaries"`
	StartsOn      string           `json:"starts_on"`
	EndsOn        string           `json:"ends_on"`
	Attachments   []paper          `json:"attachments,omitempty"`
}

// paper names an uploaded document and what it is in the proposal.
type paper struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

// opening is a start as it waits for delivery.
type opening struct {
	Person approval.Person `json:"person"`
	Start  funduse.Start   `json:"start"`
}

func (s *Server) openFundUse() echo.HandlerFunc {
	return deliver(s, "fund_use", s.prepareFundUse, s.startFundUse)
}

func (s *Server) prepareFundUse(ctx context.Context, c call, in fundUse) (opening, error) {
	fund, proposal, err := s.proposal(ctx, c, in, caseID(funduse.Procedure, c.Person.ID, c.Key))
	if err != nil {
		return opening{}, err
	}
	rules, err := s.config.Rules.InForce(ctx, fund.Scope, c.Now)
	if err != nil {
		return opening{}, err
	}
	return opening{Person: c.Person, Start: funduse.Start{
		CaseID: caseID(funduse.Procedure, c.Person.ID, c.Key), Scope: fund.Scope, Proposer: c.Person.ID, Proposal: proposal,
		Pin: rules.Pin, Parameters: rules.Parameters, Gateway: s.config.Gateway, OpenedAt: c.Now,
	}}, nil
}

func (s *Server) startFundUse(ctx context.Context, o opening) (opened, error) {
	ctx, cancel := context.WithTimeout(s.scoped(ctx, o.Person), engineTimeout)
	defer cancel()
	start := o.Start
	if err := s.records.SaveContent(ctx, start.CaseID, start.Scope, approval.ContentOf(start.Proposal), start.OpenedAt); err != nil {
		return opened{}, err
	}
	if err := s.config.Engine.StartFundUse(ctx, start); err != nil {
		return opened{}, err
	}
	return opened{CaseID: start.CaseID, Href: "/v1/cases/" + start.CaseID, ContentHash: start.Proposal.Hash(), Pin: start.Pin}, nil
}

// proposal builds the proposal from what is stored about fund, payee and
// papers, never from what the caller says of them. forCase is the case they are
// for, "" when nothing is opened.
func (s *Server) proposal(ctx context.Context, c call, in fundUse, forCase string) (funduse.Fund, funduse.Proposal, error) {
	fund, err := s.records.Fund(ctx, in.FundID)
	if err != nil {
		return fund, funduse.Proposal{}, at(err, "fund_id")
	}
	if err := approval.Permit(c.Person, fund.Scope, approval.Handler); err != nil {
		return fund, funduse.Proposal{}, at(err, "fund_id")
	}
	payee, err := s.records.Payee(ctx, in.PayeeID)
	if err != nil {
		return fund, funduse.Proposal{}, at(err, "payee_id")
	}
	if !payee.Scope.Contains(fund.Scope) {
		return fund, funduse.Proposal{}, approval.Errorf(approval.Invalid, "收款方不属于本社区。", "The payee is not registered for this community.").At("payee_id")
	}
	if err := payee.MayPropose(c.Person); err != nil {
		return fund, funduse.Proposal{}, err
	}
	attachments, err := s.attachments(ctx, in.Attachments, fund.Scope, forCase)
	if err != nil {
		return fund, funduse.Proposal{}, err
	}
	proposal := funduse.Proposal{
		Title: in.Title, Category: in.Category, Purpose: in.Purpose, Amount: in.Amount, Lines: in.Lines, FundID: fund.ID,
		EarmarkID: in.EarmarkID, DonorConsent: in.DonorConsent, Payee: payee.Payee, Needs: in.Needs,
		Beneficiaries: in.Beneficiaries, StartsOn: in.StartsOn, EndsOn: in.EndsOn, Attachments: attachments,
	}
	return fund, proposal, proposal.Validate()
}

// attachments fixes papers by their stored hash; only papers of the same
// community, not those of another case unless that came to nothing.
func (s *Server) attachments(ctx context.Context, papers []paper, scope approval.Scope, forCase string) ([]funduse.Attachment, error) {
	var attachments []funduse.Attachment
	seen := map[string]bool{}
	for i, paper := range papers {
		field := fmt.Sprintf("attachments/%d/id", i)
		stored, err := s.records.Attachment(ctx, paper.ID)
		if err != nil {
			return nil, at(err, field)
		}
		free := stored.CaseID == "" || stored.CaseID == forCase
		if !free {
			if free, err = s.cameToNothing(ctx, stored.CaseID); err != nil {
				return nil, at(err, field)
			}
		}
		if !scope.Contains(stored.Scope) || !free {
			return nil, approval.Errorf(approval.Invalid, "附件不属于本社区或已用于其他事项，请重新上传。", "The attachment belongs to another community or case; upload it again.").At(field)
		}
		if seen[paper.ID] {
			return nil, approval.Errorf(approval.Invalid, "同一附件不能重复提交。", "The same attachment is named twice.").At(field)
		}
		seen[paper.ID] = true
		attachments = append(attachments, funduse.Attachment{ID: stored.ID, Kind: paper.Kind, Name: stored.Name, SHA256: stored.SHA256, Size: stored.Size})
	}
	return attachments, nil
}

// cameToNothing: whoever sees a case that ended without result may hand its
// papers in again with a new one.
func (s *Server) cameToNothing(ctx context.Context, caseID string) (bool, error) {
	ended, err := s.records.Case(ctx, caseID)
	if approval.CodeOf(err) == approval.NotFound {
		return false, nil
	}
	return err == nil && ended.Status.CameToNothing(), err
}

// fundUseDetails is what an act of fund use may carry; papers are named by id.
type fundUseDetails struct {
	BankReference string       `json:"bank_reference,omitempty"`
	Amount        approval.Fen `json:"amount,omitempty"`
	Unused        approval.Fen `json:"unused,omitempty"`
	Attachments   []paper      `json:"attachments,omitempty"`
	Text          string       `json:"text,omitempty"`
}

// fundUseForm reads a whole new proposal to correct, else fundUseDetails.
func (s *Server) fundUseForm(ctx context.Context, c call, in actRequest, task approval.TaskView) (*approval.Content, json.RawMessage, error) {
	if in.Action == approval.Correct {
		wanted, err := strictly[fundUse](in.Form.Details)
		if err != nil {
			return nil, nil, err
		}
		_, proposal, err := s.proposal(ctx, c, wanted, task.CaseID)
		if err != nil {
			return nil, nil, err
		}
		content := approval.ContentOf(proposal)
		raw, err := json.Marshal(funduse.Details{Proposal: &proposal})
		return &content, raw, err
	}
	stated, err := strictly[fundUseDetails](in.Form.Details)
	if err != nil {
		return nil, nil, err
	}
	attachments, err := s.attachments(ctx, stated.Attachments, task.Case.Scope, task.CaseID)
	if err != nil {
		return nil, nil, err
	}
	raw, err := json.Marshal(funduse.Details{
		BankReference: stated.BankReference, Amount: stated.Amount, Unused: stated.Unused, Attachments: attachments, Text: stated.Text,
	})
	return nil, raw, err
}

// at blames a field for a refusal; a fault stays a fault.
func at(err error, field string) error {
	if refused := approval.Refusal(err); refused != nil {
		return refused.At(field)
	}
	return err
}

// preview is what the criteria would say now; it binds nobody.
type preview struct {
	ContentHash string            `json:"content_hash"`
	Evidence    approval.Evidence `json:"evidence"`
}

func (s *Server) previewFundUse(ctx context.Context, c call, in fundUse) (preview, error) {
	fund, proposal, err := s.proposal(ctx, c, in, "")
	if err != nil {
		return preview{}, err
	}
	rules, err := s.config.Rules.InForce(ctx, fund.Scope, c.Now)
	if err != nil {
		return preview{}, err
	}
	facts := funduse.Facts{Proposal: funduse.FactsOf(proposal), Now: c.Now}
	facts.Fund, facts.Earmark, facts.Payee, facts.Community, err = s.records.FundFacts(ctx, fund.ID, proposal.EarmarkID, proposal.Payee.ID, c.Now)
	if err != nil {
		return preview{}, err
	}
	evidence, err := s.config.Rules.Evaluate(ctx, rules.Pin, string(funduse.Screening), facts)
	return preview{ContentHash: proposal.Hash(), Evidence: evidence}, err
}
