package onboarding

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/approval"
	"linli/approval/contract"
)

// Takeover is what a contract that was signed on paper brings along when it is
// taken over (存量合同接续). Nothing is screened, noticed or signed again: two
// offices confirm that the case says what the papers say.
type Takeover struct {
	SignedOn    string         `json:"signed_on"`              // civil date on the contract
	SignedBy    []PaperSigner  `json:"signed_by"`              // whose names stand under it
	SettledTo   string         `json:"settled_to,omitempty"`   // last day of the last reporting period that is closed; "" = none is
	EvaluatedTo string         `json:"evaluated_to,omitempty"` // last day of the last contract year that was evaluated; "" = none was
	Handover    *PaperHandover `json:"handover,omitempty"`     // nil: the space is still to be handed over
}

// PaperSigner is somebody who signed the paper.
type PaperSigner struct {
	Seat     string `json:"seat"` // for whom: contract.SeatOperator …
	Name     string `json:"name"`
	Capacity string `json:"capacity,omitempty"` // 法定代表人, 社区党委书记
}

// PaperHandover is a handover that took place on paper. The rooms of its list
// are the register's; Items is what the certificate names beside them.
type PaperHandover struct {
	On    string `json:"on"` // civil date on the certificate
	Items []Item `json:"items,omitempty"`
}

const (
	maxSigners    = 10
	maxSignerName = 40
)

// MayTakeOver refuses existing contracts where the rules do not take them over,
// or not any more.
func (p Parameters) MayTakeOver(now time.Time) error {
	if p.TakeoverUntil == "" {
		return approval.Errorf(approval.Conflict, "本地规则不办理存量合同接续，请按准入程序申请。",
			"The rules here take over no existing contract; apply for admission.").At("takeover")
	}
	if !now.Before(lastInstant(p.TakeoverUntil)) {
		return approval.Errorf(approval.Conflict, "存量合同接续已于%[1]s截止，请按准入程序申请。",
			"Existing contracts were taken over until %[1]s; apply for admission.", p.TakeoverUntil).At("takeover")
	}
	return nil
}

// TakesOver reports whether the case takes an existing contract over.
func (s *State) TakesOver() bool { return s.Application.Takeover != nil }

// validateTakeover refuses a contract that is malformed on whatever day it is
// looked at.
func (a Application) validateTakeover() error {
	if a.Takeover == nil {
		return nil
	}
	if a.CallID != "" {
		return approval.Errorf(approval.Invalid, "存量合同不响应招引。", "An existing contract answers no call.").At("call_id")
	}
	if err := a.Takeover.validateSigners(); err != nil {
		return err
	}
	if err := a.validateSettled(); err != nil {
		return err
	}
	if err := a.validateEvaluated(); err != nil {
		return err
	}
	return a.validateScans()
}

func (t Takeover) validateSigners() error {
	const at = "takeover/signed_by"
	if len(t.SignedBy) > maxSigners {
		return approval.Errorf(approval.Invalid, "签署人不超过%[1]d人。", "There are at most %[1]d signers.", maxSigners).At(at)
	}
	for i, signer := range t.SignedBy {
		field := fmt.Sprintf("%s/%d", at, i)
		if !slices.Contains([]string{contract.SeatOperator, contract.SeatCommunity, contract.SeatSubdistrict}, signer.Seat) {
			return approval.Errorf(approval.Invalid, "没有“%[1]s”这一签署方。", "There is no party %[1]q to the contract.", signer.Seat).At(field + "/seat")
		}
		if err := approval.Between(signer.Name, 1, maxSignerName, field+"/name"); err != nil {
			return err
		}
		if err := approval.Between(signer.Capacity, 0, maxSignerName, field+"/capacity"); err != nil {
			return err
		}
	}
	for _, seat := range []string{contract.SeatOperator, contract.SeatCommunity} {
		if !slices.ContainsFunc(t.SignedBy, func(s PaperSigner) bool { return s.Seat == seat }) {
			return approval.Errorf(approval.Invalid, "须写明运营主体和社区双方的签署人。", "Name who signed for the operator and who for the community.").At(at)
		}
	}
	return nil
}

// validateSettled: what is settled ends with a reporting period, never within
// one.
func (a Application) validateSettled() error {
	const at = "takeover/settled_to"
	date := a.Takeover.SettledTo
	if date == "" {
		return nil
	}
	day, err := a.inTerm(date, at)
	if err != nil {
		return err
	}
	months := 1
	if a.Share.Period == Quarterly {
		months = 3
	}
	if next := day.AddDate(0, 0, 1); date != a.EndsOn && (next.Day() != 1 || (int(next.Month())-1)%months != 0) {
		return approval.Errorf(approval.Invalid, "已结清至须为一个报送期的最后一日（月末；按季报送的为季末）。",
			"What is settled ends with a reporting period: the last day of a month, or of a quarter where reports are quarterly.").At(at)
	}
	return nil
}

func (a Application) validateEvaluated() error {
	const at = "takeover/evaluated_to"
	date := a.Takeover.EvaluatedTo
	if date == "" {
		return nil
	}
	if _, err := a.inTerm(date, at); err != nil {
		return err
	}
	if date != a.EndsOn && a.yearEnding(date) == "" {
		return approval.Errorf(approval.Invalid, "已考核至须为一个合同年度的最后一日。", "What was evaluated ends with a contract year.").At(at)
	}
	return nil
}

// yearEnding is the first day of the whole contract year that ends on the date;
// "" if none does.
func (a Application) yearEnding(date string) string {
	starts, _ := time.Parse(time.DateOnly, a.StartsOn)
	for year := range MaxTermYears {
		if approval.AddMonths(starts, 12*(year+1)).AddDate(0, 0, -1).Format(time.DateOnly) == date {
			return approval.AddMonths(starts, 12*year).Format(time.DateOnly)
		}
	}
	return ""
}

func (a Application) inTerm(date, at string) (time.Time, error) {
	day, err := approval.CivilDate(date, at)
	if err == nil && (date < a.StartsOn || date > a.EndsOn) {
		err = approval.Errorf(approval.Invalid, "日期不在合同期限%[1]s至%[2]s内。", "The date lies outside the term, %[1]s to %[2]s.", a.StartsOn, a.EndsOn).At(at)
	}
	return day, err
}

func (a Application) validateScans() error {
	if len(a.papersOf(SignedContract)) == 0 {
		return approval.Errorf(approval.Invalid, "须附已签合同的扫描件（contract）。", "Attach the scan of the signed contract (contract).").At("attachments")
	}
	if a.Takeover.Handover == nil {
		return nil
	}
	if len(a.papersOf(HandoverCertificate)) == 0 {
		return approval.Errorf(approval.Invalid, "须附移交书的扫描件（handover）。", "Attach the scan of the handover certificate (handover).").At("attachments")
	}
	return nil
}

func (a Application) papersOf(kind PaperKind) (papers []approval.Attached) {
	for _, paper := range a.Attachments {
		if paper.Kind == string(kind) {
			papers = append(papers, paper)
		}
	}
	return papers
}

// current refuses what is not so yet, or not any more: a term that is over, a
// signature, handover or settled period of a day that is still to come.
func (t Takeover) current(a Application, now time.Time) error {
	if !now.Before(lastInstant(a.EndsOn)) {
		return approval.Errorf(approval.Invalid, "合同期限已于%[1]s届满，不能接续。", "The term ended on %[1]s; there is nothing to take over.", a.EndsOn).At("ends_on")
	}
	if err := approval.PastDate(t.SignedOn, now, "takeover/signed_on"); err != nil {
		return err
	}
	if t.SettledTo != "" && now.Before(lastInstant(t.SettledTo)) {
		return approval.Errorf(approval.Invalid, "截至%[1]s的报送期尚未结束，不能已经结清。", "The period to %[1]s has not ended; it cannot be settled.", t.SettledTo).At("takeover/settled_to")
	}
	if t.EvaluatedTo != "" && a.yearEnding(t.EvaluatedTo) > now.In(approval.Shanghai).Format(time.DateOnly) {
		return approval.Errorf(approval.Invalid, "截至%[1]s的合同年度尚未开始，不能已经考核。", "The contract year to %[1]s has not begun; it cannot be evaluated.", t.EvaluatedTo).At("takeover/evaluated_to")
	}
	if t.Handover == nil {
		return nil
	}
	return approval.PastDate(t.Handover.On, now, "takeover/handover/on")
}

// Takeable refuses to register a contract that could not be carried through as
// the register stands: nobody acts for the operator, somebody else has the space
// in the term or sits in it, or the paper's list does not fit it.
func (s Start) Takeable(register RegisterFacts, space Inventory) error {
	if len(s.People) == 0 {
		return approval.Errorf(approval.Invalid, "运营主体尚未登记经办人，无人可以报送和移交。",
			"Nobody is registered to act for the operator; nobody could report or hand over.").At("operator_id")
	}
	if !register.Space.Vacant {
		return approval.Errorf(approval.SpaceTaken, "该阵地已停用，或合同期限内已由其他运营主体占用、正在公开招引。",
			"The space is closed, or in that term another operator has it or a call is out for it.").At("space_id")
	}
	return New(s).Ready(space, s.OpenedAt)
}

// Registered takes who is related to the operator, and asks the two offices to
// confirm the contract.
func (s *State) Registered(interested []string, now time.Time) {
	s.Interested = interested
	s.enterReview(now)
}

// confirming are the levels that confirm an existing contract, whatever reviews
// the rules ask of a new one.
var confirming = []string{LevelCommunity, LevelSubdistrict}

// Confirmed are the people who confirmed the contract, the lower level first.
func (s *State) Confirmed() []string { return s.DecidedBy(DeskReview, confirming) }

// FundFor is the fund the share of the contract goes to; hours need none.
func (s *State) FundFor(facts SigningFacts) (fundID string, err error) {
	if facts.FundID == "" && s.Application.Share.Kind != InKindHours {
		return "", approval.Errorf(approval.Conflict, "本社区尚未设立发展基金，反哺款无处入账，不能接续。",
			"The community has no development fund to book the share in; the contract cannot be taken over.")
	}
	return facts.FundID, nil
}

// TakeOver goes on to the handover with the fund that gets the share.
func (s *State) TakeOver(fundID string) { s.FundID = fundID }

// Ready refuses a space that cannot be handed over as it stands in the
// register: somebody still occupies it, or the paper's list does not fit it.
func (s *State) Ready(space Inventory, now time.Time) error {
	if err := space.Vacant(); err != nil || !s.handedOverOnPaper() {
		return err
	}
	_, err := s.transcribe(space, now)
	if refusal := approval.Refusal(err); refusal != nil {
		return refusal.At("takeover/handover/" + refusal.Field)
	}
	return err
}

func (s *State) handedOverOnPaper() bool {
	return s.TakesOver() && s.Application.Takeover.Handover != nil
}

// transcribe is the list both sides agreed on when they signed the certificate.
func (s *State) transcribe(space Inventory, now time.Time) (Checklist, error) {
	list, err := drawn(space, s.Application.Takeover.Handover.Items, s.Applicant, now)
	if err == nil && len(list.Items) == 0 {
		err = approval.Errorf(approval.Invalid, "阵地档案没有房间，移交书也没有列出物品。", "The register has no room of the space and the certificate names no item.").At("items")
	}
	list.Paper = hashOf(s.Application.papersOf(HandoverCertificate))
	return list, err
}

// ContractHash fixes what was signed: the drawn documents, or the scans of the
// paper.
func (s *State) ContractHash() string {
	if s.TakesOver() {
		return hashOf(s.Application.papersOf(SignedContract))
	}
	return s.Contract.Hash
}

// hashOf is the sum of one scan, or fixes several of them.
func hashOf(papers []approval.Attached) string {
	if len(papers) == 1 {
		return papers[0].SHA256
	}
	var sums []string
	for _, paper := range papers {
		sums = append(sums, paper.SHA256)
	}
	return approval.ContentHash(strings.Join(sums, "\n"))
}
