package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The names on the wire: part of every history, never to be changed.
const (
	MessageAct        = "act"         // Update: approval.Act -> approval.Receipt
	MessageWaiting    = "waiting"     // Query: -> approval.Waiting
	MessageBankCalled = "bank_called" // Signal: the key of an attempt; a hint to ask the bank now

	// Signal: the id of an operator; a hint to ask the register who acts for it now
	MessagePeople = "people"

	MessageCandidate = "candidate" // Signal to a call: onboarding.Report of a case
	MessageCallSays  = "call_says" // Signal to a case: onboarding.Word of its call

	NameFundUse    = "FundUse"
	NameOnboarding = "OperatorOnboarding"
	NameCall       = "OperatorCall"
	NameEngagement = "Engagement"
	NameArchive    = "ArchiveClosed"

	// TaskQueue is the one queue of Linli's workers.
	TaskQueue = "linli"
)

// CounterStandsStill counts, through the SDK's metrics, every time a case
// finds that it still cannot go on by itself: at most an hour apart.
const CounterStandsStill = "linli_case_stands_still"

// ours is for reading our own database and recording steps: short, one
// transaction, tried until the database answers. A refusal ends the trying. Left out, the outer limit
// would be the inner one, and an act in flight would fail after a ten-second
// outage with nobody knowing whether it was written.
var ours = workflow.LocalActivityOptions{
	StartToCloseTimeout:    10 * time.Second,
	ScheduleToCloseTimeout: 10 * 365 * 24 * time.Hour,
	RetryPolicy:            patient,
}

// kept is for what money and the public see of our own database.
var kept = workflow.ActivityOptions{
	StartToCloseTimeout: 10 * time.Second,
	RetryPolicy:         patient,
}

// outside is for the bank and for binding evaluations.
var outside = workflow.ActivityOptions{
	StartToCloseTimeout: 30 * time.Second,
	RetryPolicy:         patient,
}

// patient never gives up: an effect whose outcome is unknown is asked for
// again under the same key, it is not guessed.
var patient = &temporal.RetryPolicy{
	InitialInterval:    200 * time.Millisecond,
	BackoffCoefficient: 2,
	MaximumInterval:    time.Minute,
}
