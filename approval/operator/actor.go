package operator

import (
	"cmp"

	"linli/approval"
)

// StillActs refuses an act in the operator's seat by somebody, or for somebody,
// whose link to the operator has ended, however the case was addressed when it
// began. links is what the register has of the operator and that person. Who
// never was linked is not concerned: a community's handler files for an
// operator, and may have acted for it before taking office.
func StillActs(by approval.Person, community approval.Scope, links []Actor) error {
	who, ended := cmp.Or(by.For, by.ID), false
	for _, link := range links {
		if link.PersonID != who {
			continue
		}
		if link.EndedAt.IsZero() {
			return nil
		}
		ended = true
	}
	if !ended || by.Holds(approval.Handler, community) {
		return nil
	}
	if by.For != "" {
		return approval.Errorf(approval.NotEligible, "您代理的人员已不再是该运营主体的经办人员，不能再以其名义办理。",
			"The person you stand in for no longer acts for the operator.").At("on_behalf_of")
	}
	return approval.Errorf(approval.NotEligible, "您已不再是该运营主体的经办人员，不能再以其名义办理。",
		"You no longer act for the operator; its business is no longer yours to act on.")
}
