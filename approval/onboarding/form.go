package onboarding

import "linli/approval"

// Details is what an act of this procedure carries beyond the shared form.
type Details struct {
	Application *Application        `json:"application,omitempty"`  // correct: the whole new application
	Scores      []Score             `json:"scores,omitempty"`       // scoring: one for every item
	ObjectionID string              `json:"objection_id,omitempty"` // a resident's objection
	Attachments []approval.Attached `json:"attachments,omitempty"`  // reconsideration: what the applicant relies on
	Handover    *HandoverForm       `json:"handover,omitempty"`     // list, readings, repairs
}

// details decodes an act's form strictly: an unknown field is refused, never
// dropped, since a dropped field could be the one that mattered.
func details(form approval.Entry) (Details, error) { return approval.DetailsOf[Details](form) }
