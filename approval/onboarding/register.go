package onboarding

import (
	"time"

	"linli/approval"
	"linli/approval/operator"
	"linli/approval/space"
)

// OperatorFactsOf is an operator as criteria see it on the day of at.
func OperatorFactsOf(o operator.Operator, licences []operator.Licence, parties []operator.Party, at time.Time) OperatorFacts {
	facts := OperatorFacts{Kind: string(o.Kind), CreditCode: CodeValid, RelationsChecked: len(parties) > 0}
	if len(o.CreditCode.Doubts()) > 0 {
		facts.CreditCode = CodeDoubtful
		if o.CodeReason != "" {
			facts.CreditCode = CodeConfirmed
		}
	}
	if founded, err := approval.CivilDate(o.FoundedOn, ""); err == nil {
		facts.FoundedKnown, facts.MonthsFounded = true, monthsSince(founded, at)
	}
	for _, licence := range licences {
		left, ends := licence.DaysLeft(at)
		facts.Licences = append(facts.Licences, LicenceFact{
			Kind: string(licence.Kind), Status: string(licence.Status(at)), NeverExpires: !ends, DaysLeft: left,
		})
	}
	return facts
}

// LicenceOf is a paper on file as an application names it; one an authority took
// away is refused.
func LicenceOf(licence operator.Licence, at time.Time) (Licence, error) {
	if licence.Status(at) == operator.LicenceRevoked {
		return Licence{}, approval.Errorf(approval.Invalid, "证照“%[1]s”已于%[2]s被吊销或撤销。", "The licence %[1]q was revoked on %[2]s.", licence.Number, licence.RevokedOn)
	}
	return Licence{ID: licence.ID, Kind: string(licence.Kind), Number: licence.Number, ValidUntil: licence.ValidUntil}, nil
}

// MayApply refuses a person who neither handles the community's business nor
// acts for the operator.
func MayApply(by approval.Person, community approval.Scope, actsForIt bool) error {
	if actsForIt {
		return nil
	}
	return approval.Permit(by, community, approval.Handler)
}

// CreditFactsOf is what the latest look at the public lists found; checks come
// with the latest first.
func CreditFactsOf(checks []operator.CreditCheck, at time.Time) CreditFacts {
	if len(checks) == 0 {
		return CreditFacts{}
	}
	latest := checks[0]
	facts := CreditFacts{Checked: true, AgeDays: daysSince(latest.CheckedOn, at)}
	for _, entry := range latest.Entries {
		listed, _ := approval.CivilDate(entry.ListedOn, "")
		facts.Entries = append(facts.Entries, CreditFact{
			List: string(entry.List), Subject: string(entry.Subject), Active: entry.RemovedOn == "", MonthsAgo: monthsSince(listed, at),
		})
	}
	return facts
}

// SpaceFactsOf is the space as criteria see it. inventory are all spaces of the
// community, lets those somebody else has in the term; required are the functions
// it provides then, retained those it still does once this space is let.
func SpaceFactsOf(asked space.Space, inventory []space.Space, lets []space.Taken, keeps []string, vacant bool) SpaceFacts {
	kept := space.Retained(asked, space.Letting{Keeps: keeps}, space.Left(inventory, lets)...)
	facts := SpaceFacts{
		Vacant: vacant && !asked.Closed, BuiltArea: int64(asked.Built), UsableArea: int64(asked.Usable),
		OwnershipKnown: asked.Holder != "" && asked.Proof != "", Owner: asked.Holder,
		RequiredFunctions: append(append([]string{}, kept.Kept...), kept.Lost...), RetainedFunctions: kept.Kept,
		Surveyed: asked.Surveyed, Flue: asked.Flue, FireExits: int64(asked.FireExits),
	}
	for _, other := range append([]space.Space{asked}, inventory...) {
		facts.FunctionsKnown = facts.FunctionsKnown || len(other.Functions()) > 0
	}
	return facts
}

// NeedFactsOf is how the application answers the community's list.
func NeedFactsOf(list space.NeedList, codes []string) NeedFacts {
	match := list.Match(codes)
	return NeedFacts{Listed: match.Listed, Matched: int64(len(match.Answered)), Priority: int64(match.Priority())}
}

// CallFactsOf is the call as criteria see it.
func CallFactsOf(call Call, filedAt time.Time) CallFacts {
	facts := CallFacts{Present: true, InTime: filedAt.Before(call.DeadlineAt)}
	for _, kind := range call.ServiceKinds {
		facts.ServiceKinds = append(facts.ServiceKinds, string(kind))
	}
	return facts
}

// CommunityFactsOf adds up the community's inventory; households 0 is not known.
func CommunityFactsOf(scope approval.Scope, households int64, spaces []space.Space, letArea int64) CommunityFacts {
	facts := CommunityFacts{
		Scope: string(scope), HouseholdsKnown: households > 0, Households: households, AreasKnown: len(spaces) > 0, LetArea: letArea,
	}
	for _, one := range spaces {
		if !one.Closed {
			facts.ServiceArea += int64(one.Usable)
		}
	}
	return facts
}

// monthsSince counts whole months, rounded down.
func monthsSince(from, at time.Time) int64 {
	months := int64(0)
	for !approval.AddMonths(from, int(months)+1).After(at) {
		months++
	}
	return months
}

func daysSince(date string, at time.Time) int64 {
	day, err := time.Parse(time.DateOnly, date)
	today, err2 := time.Parse(time.DateOnly, at.In(approval.Shanghai).Format(time.DateOnly))
	if err != nil || err2 != nil {
		return 0
	}
	return int64(today.Sub(day) / (24 * time.Hour))
}
