package onboarding

import (
	"fmt"
	"slices"
	"strings"

	"linli/approval"
	"linli/approval/operator"
)

// Outcome is how the call ended, as far as everybody may know it.
func (s *CallState) Outcome() *approval.CallOutcome {
	outcome := &approval.CallOutcome{Status: s.Status, Reason: s.Reason, Applied: len(s.Applicants)}
	if s.Status == approval.Withdrawn || s.Status == approval.Terminated {
		outcome.Reason = "" // somebody's own words
	}
	for _, ranked := range s.Ranked {
		outcome.Ranked = append(outcome.Ranked, approval.CallRank{
			Rank: ranked.Rank, Operator: ranked.Operator, Score: ranked.Result.Mean(), TookOver: s.status(ranked.CaseID) == TakenOver,
		})
	}
	return outcome
}

// Notice is what the public reads of the call.
func (v CallView) Notice() approval.CallNotice {
	notice := approval.CallNotice{
		CaseID: v.CaseID, Scope: v.Scope, Title: v.Call.Title, Summary: v.Call.Summary, Space: v.Call.Space.Name, Area: v.Call.Space.Area,
		StartsOn: v.Call.StartsOn, EndsOn: v.Call.EndsOn, Asked: v.demands(), Pin: v.Pin,
		OpenedAt: v.OpenedAt, DeadlineAt: v.Call.DeadlineAt, ClosedAt: v.ClosedAt, EndedAt: v.EndedAt, Outcome: v.Outcome,
	}
	for _, kind := range v.Call.ServiceKinds {
		notice.Services = append(notice.Services, kind.Name())
	}
	if v.Parameters.Panel.Sits(true) {
		for _, item := range v.Parameters.Panel.Items {
			notice.Items = append(notice.Items, approval.CallItem{Title: item.Title, Weight: item.Weight})
		}
	}
	return notice
}

// demands are what the rules ask of an application under the call, in words.
func (v CallView) demands() []approval.CallDemand {
	var demands []approval.CallDemand
	add := func(zh, en string, asks []approval.Text) {
		if len(asks) > 0 {
			demands = append(demands, approval.CallDemand{Name: approval.Text{ZH: zh, EN: en}, Asks: asks})
		}
	}
	var shares, undertakings []approval.Text
	for _, floor := range v.Parameters.Share {
		shares = append(shares, floor.text())
	}
	for _, word := range v.Parameters.Admission.Undertakings {
		undertakings = append(undertakings, Undertaking(word).name())
	}
	var papers []approval.Text
	for _, kind := range PaperKinds {
		if slices.Contains(v.Parameters.Admission.Attachments, string(kind.Kind)) {
			papers = append(papers, kind.Name)
		}
	}
	add("证照", "Licences", v.licences())
	add("反哺（任选一种，不低于）", "Share: one of, at least", shares)
	add("承诺", "Undertakings", undertakings)
	add("材料", "Papers", papers)
	return demands
}

// licences are those the matrix asks for on the area of this space, for the
// services called for; where none are named, for any.
func (v CallView) licences() []approval.Text {
	var asks []approval.Text
	for _, need := range v.Parameters.Licences {
		kind, area := ServiceKind(need.Service), v.Call.Space.Area
		if area < need.AreaFrom || need.AreaBelow > 0 && area >= need.AreaBelow {
			continue
		}
		if need.Service != AnyService && len(v.Call.ServiceKinds) > 0 && !slices.Contains(v.Call.ServiceKinds, kind) {
			continue
		}
		var zh, en []string
		for _, known := range operator.LicenceKinds {
			if slices.Contains(need.AnyOf, string(known.Kind)) {
				zh, en = append(zh, known.Name.ZH), append(en, known.Name.EN)
			}
		}
		ask := approval.Text{ZH: strings.Join(zh, "或"), EN: strings.Join(en, " or ")}
		if name := kind.Name(); need.Service != AnyService {
			ask = approval.Text{ZH: name.ZH + "：" + ask.ZH, EN: name.EN + ": " + ask.EN}
		}
		asks = append(asks, ask)
	}
	return asks
}

// text says the least share of a kind in words.
func (f ShareFloor) text() approval.Text {
	say := func(zh, en string, n any) approval.Text {
		return approval.Text{ZH: fmt.Sprintf(zh, n), EN: fmt.Sprintf(en, n)}
	}
	switch amount := approval.Fen(f.Minimum); ShareKind(f.Kind) {
	case ProfitPercent:
		return say("利润的%d%%", "%d%% of the profit", f.Minimum)
	case RevenuePercent:
		return say("营业收入的%d%%", "%d%% of the revenue", f.Minimum)
	case FixedPerDay:
		return say("每营业日%s元", "%s yuan for each day of business", amount.Yuan())
	case FixedPerYear:
		return say("每年%s元", "%s yuan a year", amount.Yuan())
	}
	return say("每年公益服务%d小时", "%d hours of free service a year", f.Minimum)
}
