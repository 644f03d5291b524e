package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"linli/approval"
	"linli/store"
	"linli/store/storetest"
)

func anOperation(s *store.Store, actor, key, body string) approval.Operation {
	return approval.Operation{ID: s.NewOperationID(), Actor: actor, Key: key, Name: "test", BodyHash: body}
}

// addCity is an effect Once can be watched by.
func addCity(ctx context.Context, s *store.Store, path approval.Scope) error {
	return s.AddDivision(ctx, approval.Division{Path: path, NameZH: "试"}, "test", storetest.Now)
}

func TestOnceCommitsKeyAndEffectTogether(t *testing.T) {
	api, _ := storetest.Open(t)
	ctx := store.WithPerson(t.Context(), storetest.Root)
	path := storetest.City + "/370306"
	fault := errors.New("died after the effect")

	op := anOperation(api, "linli", "once-and-only", "a")
	_, _, err := api.Once(ctx, op, storetest.Now, func(ctx context.Context) (int, json.RawMessage, error) {
		if err := addCity(ctx, api, path); err != nil {
			return 0, nil, err
		}
		return 0, nil, fault
	})
	if !errors.Is(err, fault) {
		t.Fatalf("error %v, want the fault", err)
	}
	runs := 0
	run := func(ctx context.Context) (int, json.RawMessage, error) {
		runs++
		return 200, json.RawMessage(`{"n":1}`), addCity(ctx, api, path) // refused if the fault had left the row
	}
	for i := range 3 {
		kept, replayed, err := api.Once(ctx, anOperation(api, "linli", "once-and-only", "a"), storetest.Now, run)
		if err != nil || replayed != (i > 0) || string(kept.Answer) != `{"n":1}` || kept.Status != approval.OperationDone {
			t.Fatalf("call %d: %+v replayed %v, %v", i, kept, replayed, err)
		}
	}
	if runs != 1 {
		t.Errorf("ran %d times", runs)
	}
	if _, _, err := api.Once(ctx, anOperation(api, "linli", "once-and-only", "b"), storetest.Now, run); approval.CodeOf(err) != approval.KeyReused {
		t.Errorf("another body: %v", err)
	}
}

func TestOnceRunsItsEffectUnderThePersonOnly(t *testing.T) {
	api, _ := storetest.Open(t)
	keeper := approval.Person{ID: "p_lz", Grants: []approval.Grant{{Role: approval.Administrator, Scope: storetest.Linzi}}}
	ctx := store.WithPerson(t.Context(), keeper)
	_, _, err := api.Once(ctx, anOperation(api, keeper.ID, "beyond-scope", "a"), storetest.Now,
		func(ctx context.Context) (int, json.RawMessage, error) {
			return 200, nil, addCity(ctx, api, storetest.Zhangdian+"/370303002")
		})
	if approval.CodeOf(err) != approval.Forbidden {
		t.Errorf("error %v, want row security to hold inside a keyed write", err)
	}
}

func TestAnOperationIsReadByItsOwnActor(t *testing.T) {
	api, _ := storetest.Open(t)
	op, claimed, err := api.Claim(t.Context(), anOperation(api, "p_a", "my-own-key", "a"), storetest.Now)
	if err != nil || !claimed {
		t.Fatal(claimed, err)
	}
	as := func(person string) context.Context { return store.WithPerson(t.Context(), approval.Person{ID: person}) }
	if found, err := api.Operation(as("p_a"), "p_a", op.ID); err != nil || found.Status != approval.OperationPending {
		t.Errorf("own: %+v, %v", found, err)
	}
	for _, asked := range []string{"p_a", "p_b"} {
		if _, err := api.Operation(as("p_b"), asked, op.ID); approval.CodeOf(err) != approval.NotFound {
			t.Errorf("p_b asking as %s: %v, want not found", asked, err)
		}
	}
}

func TestAnAnswerIsStoredOnce(t *testing.T) {
	api, _ := storetest.Open(t)
	op, _, err := api.Claim(t.Context(), anOperation(api, "p_a", "answer-once", "a"), storetest.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range []string{`"first"`, `"second"`} {
		op.Status, op.HTTPStatus, op.Answer = approval.OperationDone, 200, json.RawMessage(answer)
		if err := api.Complete(t.Context(), op, storetest.Now.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	found, _, err := api.OperationUnder(t.Context(), op)
	if err != nil || string(found.Answer) != `"first"` {
		t.Errorf("stored %s, %v; want the first answer", found.Answer, err)
	}
	if kept, err := api.Keep(t.Context(), approval.Operation{
		ID: api.NewOperationID(), Actor: "p_a", Key: "answer-once", Name: "test", BodyHash: "a", Status: approval.OperationRefused,
	}, storetest.Now); err != nil || kept.ID != op.ID {
		t.Errorf("a late refusal stored %+v, %v; want the answer that stands", kept, err)
	}
}
