package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/activities"
	"linli/approval"
	"linli/internal/envelope"
)

// journal remembers what was written.
type journal struct{ written []approval.Record }

func (j *journal) Record(_ context.Context, r approval.Record) (approval.Recorded, error) {
	j.written = append(j.written, r)
	return approval.Recorded{Superseded: true}, nil
}

func newSigner(t *testing.T) *envelope.Signer {
	t.Helper()
	key, err := envelope.Generate()
	require.NoError(t, err)
	signer, err := envelope.NewSigner(key)
	require.NoError(t, err)
	return signer
}

func signed(t *testing.T, signer *envelope.Signer, act approval.Act, change func(*approval.Claims)) approval.Act {
	t.Helper()
	claims := approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action,
		ContentHash: act.ContentHash, BodyHash: act.BodyHash(), IssuedAt: time.Unix(1, 0).UTC(), Authenticated: "password",
	}
	if change != nil {
		change(&claims)
	}
	text, err := signer.Sign(claims)
	require.NoError(t, err)
	act.Envelope = text
	return act
}

// I6, I7: what is written was signed by the person who acted, for this very act.
func TestOnlyASignedActIsRecorded(t *testing.T) {
	signer, stranger := newSigner(t), newSigner(t)
	verifier, err := envelope.NewVerifier(signer.Public())
	require.NoError(t, err)
	act := approval.Act{
		ID: "m1/k", CaseID: "c1", TaskID: "c1.committee.1.m1", Action: approval.Approve, ContentHash: "aa",
		Person: approval.Person{ID: "m1", Grants: []approval.Grant{{Role: approval.CommitteeMember, Scope: "370300"}}},
	}
	altered := func(change func(*approval.Act)) approval.Act {
		a := signed(t, signer, act, nil)
		change(&a)
		return a
	}
	elsewhere := act
	elsewhere.CaseID = "c2"
	for name, story := range map[string]struct {
		act   approval.Act
		wants approval.Code
	}{
		"signed":                {signed(t, signer, act, nil), ""},
		"not signed":            {act, approval.BadEnvelope},
		"by an unknown key":     {signed(t, stranger, act, nil), approval.BadEnvelope},
		"for another act":       {signed(t, signer, act, func(c *approval.Claims) { c.ID = "m1/other" }), approval.BadEnvelope},
		"for another body":      {signed(t, signer, act, func(c *approval.Claims) { c.BodyHash = "00" }), approval.BadEnvelope},
		"by another person":     {signed(t, signer, act, func(c *approval.Claims) { c.Person.ID = "m2" }), approval.BadEnvelope},
		"action changed after":  {altered(func(a *approval.Act) { a.Action = approval.Reject }), approval.BadEnvelope},
		"comment changed after": {altered(func(a *approval.Act) { a.Comment = "x" }), approval.BadEnvelope},
		"grants added after": {altered(func(a *approval.Act) {
			a.Person.Grants = []approval.Grant{{Role: approval.Administrator, Scope: "370300"}}
		}), approval.BadEnvelope},
		"in another case": {signed(t, signer, elsewhere, nil), approval.BadEnvelope},
	} {
		t.Run(name, func(t *testing.T) {
			j := &journal{}
			a := &activities.Activities{Journal: j, Envelopes: verifier}
			recorded, err := a.Record(context.Background(), approval.Record{CaseID: "c1", Seq: 1, Key: story.act.ID, Act: &story.act})
			require.Equal(t, story.wants, approval.CodeOf(err), "%v", err)
			require.Equal(t, err == nil, recorded.Superseded)
			require.Equal(t, err == nil, len(j.written) == 1)
		})
	}
}

func TestAStepOfTheProcedureNeedsNoSignature(t *testing.T) {
	j := &journal{}
	_, err := (&activities.Activities{Journal: j}).Record(context.Background(), approval.Record{CaseID: "c1", Seq: 1, Key: "open"})
	require.NoError(t, err)
	require.Len(t, j.written, 1)
}
