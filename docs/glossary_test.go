package docs_test

import (
	"slices"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/funduse"
	"linli/approval/onboarding"
	"linli/approval/operator"
	"linli/approval/space"
	"linli/approval/statistics"
)

// word is a code the code itself gives two names to.
type word struct {
	code string
	name approval.Text
}

func words() (named []word) {
	for _, role := range approval.Roles {
		named = append(named, word{string(role.Role), role.Name})
	}
	for _, action := range approval.ActionNames {
		named = append(named, word{string(action.Action), action.Name})
	}
	for _, stage := range funduse.Stages {
		named = append(named, word{string(stage.Stage), stage.Name})
	}
	for _, stage := range slices.Concat(onboarding.Stages, onboarding.CallStages) {
		named = append(named, word{string(stage.Stage), stage.Name})
	}
	for _, status := range approval.CaseStatuses {
		named = append(named, word{string(status.Status), status.Name})
	}
	for _, category := range funduse.Categories {
		named = append(named, word{string(category.Category), category.Name})
	}
	for _, kind := range funduse.IncomeKinds {
		named = append(named, word{string(kind.Kind), kind.Name})
	}
	for _, relation := range approval.Relations {
		named = append(named, word{string(relation.Relation), relation.Name})
	}
	for _, age := range statistics.Ages {
		named = append(named, word{string(age.Age), age.Name})
	}
	for _, step := range statistics.Steps {
		named = append(named, word{string(step.Step), step.Name})
	}
	return slices.Concat(named, onboardingWords(), engagementWords(), spaceWords())
}

// spaceWords are those of spaces, needs and related parties.
func spaceWords() (named []word) {
	for _, capacity := range operator.Capacities {
		named = append(named, word{string(capacity.Capacity), capacity.Name})
	}
	for _, ownership := range space.Ownerships {
		named = append(named, word{string(ownership.Ownership), ownership.Name})
	}
	for _, status := range space.Statuses {
		named = append(named, word{string(status.Status), status.Name})
	}
	for _, priority := range space.Priorities {
		named = append(named, word{string(priority.Priority), priority.Name})
	}
	return named
}

// engagementWords are those of the time after handover, and of handing over.
func engagementWords() (named []word) {
	for _, stage := range engagement.Stages {
		named = append(named, word{string(stage.Stage), stage.Name})
	}
	for _, status := range engagement.PeriodStatuses {
		named = append(named, word{string(status.Status), status.Name})
	}
	for _, status := range engagement.ProposalStatuses {
		named = append(named, word{string(status.Status), status.Name})
	}
	for _, band := range engagement.Bands {
		named = append(named, word{string(band.Band), band.Name})
	}
	for _, item := range engagement.Sheet {
		named = append(named, word{item.ID, item.Name})
	}
	for _, ground := range engagement.Grounds {
		named = append(named, word{string(ground.Ground), ground.Name})
	}
	for _, kind := range onboarding.ItemKinds {
		named = append(named, word{string(kind.Kind), kind.Name})
	}
	for _, condition := range onboarding.Conditions {
		named = append(named, word{string(condition.Condition), condition.Name})
	}
	return named
}

// onboardingWords are those rule sets of onboarding may name.
func onboardingWords() (named []word) {
	for _, kind := range onboarding.ServiceKinds {
		named = append(named, word{string(kind.Kind), kind.Name})
	}
	for _, class := range onboarding.ServiceClasses {
		named = append(named, word{string(class.Class), class.Name})
	}
	for _, activity := range onboarding.Activities {
		named = append(named, word{string(activity.Activity), activity.Name})
	}
	for _, kind := range onboarding.ShareKinds {
		named = append(named, word{string(kind.Kind), kind.Name})
	}
	for _, given := range onboarding.Undertakings {
		named = append(named, word{string(given.Undertaking), given.Name})
	}
	for _, kind := range onboarding.PaperKinds {
		named = append(named, word{string(kind.Kind), kind.Name})
	}
	for _, kind := range operator.Kinds {
		named = append(named, word{string(kind.Kind), kind.Name})
	}
	for _, kind := range operator.LicenceKinds {
		named = append(named, word{string(kind.Kind), kind.Name})
	}
	for _, list := range operator.CreditLists {
		named = append(named, word{string(list.List), list.Name})
	}
	return named
}

func TestTheGlossaryHasEveryWordOfTheCode(t *testing.T) {
	glossary := text(t, "docs/glossary.md")
	for _, w := range words() {
		if row := "| " + w.name.ZH + " | " + w.name.EN + " | `" + w.code + "` |"; !strings.Contains(glossary, row) {
			t.Errorf("the glossary has no row %s", row)
		}
	}
}

// codes have no display name; the glossary explains them all the same.
var codes = []string{
	string(approval.TaskOpen), string(approval.TaskDone), string(approval.TaskCancelled),
	string(approval.Decision), string(approval.Vote), string(approval.Opinion), string(approval.Review), string(approval.Form), string(approval.Standing),
	string(approval.VotePassed), string(approval.VoteRejected), string(approval.VoteNoQuorum), string(approval.VoteTooFew),
	string(approval.SeverityBlock), string(approval.SeverityReview), string(approval.SeverityWarn),
	string(approval.OutcomePass), string(approval.OutcomeMissing), string(approval.OutcomeBlocked),
	string(approval.FindingOK), string(approval.FindingFail), string(approval.FindingError), string(approval.FindingUnknown), string(approval.FindingSkipped),
	string(funduse.HoldingHeld), string(funduse.HoldingSent), string(funduse.HoldingPaid), string(funduse.HoldingReleased),
	funduse.NoticeKindBefore, funduse.NoticeKindResult,
	funduse.SeatApplicant, funduse.SeatAdministrator, approval.SeatPublic, funduse.SeatMaker, funduse.SeatChecker,
	funduse.SeatSupervisor, funduse.SeatRefund, funduse.SeatSecretary,
}

func TestTheGlossaryExplainsEveryCode(t *testing.T) {
	glossary := text(t, "docs/glossary.md")
	for _, code := range codes {
		if !strings.Contains(glossary, "`"+code+"`") {
			t.Errorf("the glossary does not explain `%s`", code)
		}
	}
}
