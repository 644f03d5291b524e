package approval_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"linli/approval"
)

func whole() approval.Act {
	return approval.Act{
		ID: "p_1/k1", CaseID: "c1", TaskID: "c1.charity.1.officer-1", Action: approval.Return, Person: officer("p_1"),
		Comment: "缺合同", ContentHash: "h1",
		Form: approval.Entry{
			To: []string{"p_2"}, Stage: "correction", Items: []string{"合同"}, Details: json.RawMessage(`{"amount": 1, "text":"<甲>"}`),
		},
	}
}

// TestBodyHashCoversEverythingButTheEnvelope changes each field in turn.
func TestBodyHashCoversEverythingButEnvelopeAndGrants(t *testing.T) {
	plain := whole().BodyHash()
	for name, change := range map[string]func(*approval.Act){
		"id":         func(a *approval.Act) { a.ID = "p_1/k2" },
		"case":       func(a *approval.Act) { a.CaseID = "c2" },
		"task":       func(a *approval.Act) { a.TaskID = "c1.charity.2.officer-1" },
		"action":     func(a *approval.Act) { a.Action = approval.Reject },
		"person":     func(a *approval.Act) { a.Person.ID = "p_2" },
		"substitute": func(a *approval.Act) { a.Person.For = "p_2" },
		"comment":    func(a *approval.Act) { a.Comment = "" },
		"content":    func(a *approval.Act) { a.ContentHash = "h2" },
		"to":         func(a *approval.Act) { a.Form.To = nil },
		"stage":      func(a *approval.Act) { a.Form.Stage = "committee" },
		"items":      func(a *approval.Act) { a.Form.Items = append(a.Form.Items, "发票") },
		"proof":      func(a *approval.Act) { a.Reauthenticated = approval.ByTOTP },
		"details":    func(a *approval.Act) { a.Form.Details = json.RawMessage(`{"amount":2,"text":"<甲>"}`) },
	} {
		act := whole()
		change(&act)
		if act.BodyHash() == plain {
			t.Errorf("another %s, the same hash", name)
		}
	}
	signed := whole()
	signed.Envelope = "x.y.z"
	if signed.BodyHash() != plain || signed.Envelope == "" {
		t.Error("the envelope is part of the body, or was lost")
	}
	// The envelope vouches for them; a retry after a change of grants is the same request.
	promoted := whole()
	promoted.Person.Grants = nil
	if promoted.BodyHash() != plain {
		t.Error("the grants are part of the body")
	}
}

// TestBodyHashIsAsItAlwaysWas: acts of recorded cases keep their hash whatever
// fields acts gain.
func TestBodyHashIsAsItAlwaysWas(t *testing.T) {
	const recorded = "7fc0ca8ffc5cad7f704c3421870a52f34974125209e55a6c4504fa00350fb6bf"
	if hash := whole().BodyHash(); hash != recorded {
		t.Errorf("an act without a fresh proof of identity hashes to %s", hash)
	}
}

func TestBodyHashSurvivesTheWire(t *testing.T) {
	act := whole()
	raw, err := json.Marshal(act)
	if err != nil {
		t.Fatal(err)
	}
	var arrived approval.Act
	if err := json.Unmarshal(raw, &arrived); err != nil {
		t.Fatal(err)
	}
	if arrived.BodyHash() != act.BodyHash() {
		t.Error("the hash changed on the way")
	}
	act.Form.Details = json.RawMessage(`{"text":"<甲>","amount":1}`)
	if arrived.BodyHash() != act.BodyHash() {
		t.Error("the order of the form's fields matters")
	}
}

func TestClaimsMatchTheirActOnly(t *testing.T) {
	act := whole()
	claims := approval.Claims{
		ID: act.ID, Person: act.Person, CaseID: act.CaseID, TaskID: act.TaskID, Action: act.Action,
		ContentHash: act.ContentHash, BodyHash: act.BodyHash(), IssuedAt: nine, Authenticated: "password",
	}
	if err := claims.Match(act); err != nil {
		t.Fatalf("own act refused: %v", err)
	}
	for name, change := range map[string]func(*approval.Claims){
		"id":     func(c *approval.Claims) { c.ID = "p_1/k2" },
		"body":   func(c *approval.Claims) { c.BodyHash = "00" },
		"person": func(c *approval.Claims) { c.Person.ID = "p_2" },
		"for":    func(c *approval.Claims) { c.Person.For = "p_2" },
		"grants": func(c *approval.Claims) {
			c.Person.Grants = []approval.Grant{{Role: approval.Administrator, Scope: "370300"}}
		},
		"case":    func(c *approval.Claims) { c.CaseID = "c2" },
		"task":    func(c *approval.Claims) { c.TaskID = "" },
		"action":  func(c *approval.Claims) { c.Action = approval.Approve },
		"content": func(c *approval.Claims) { c.ContentHash = "h2" },
		"proof":   func(c *approval.Claims) { c.Reauthenticated = approval.ByPassword },
	} {
		other := claims
		change(&other)
		if code := approval.CodeOf(other.Match(act)); code != approval.BadEnvelope {
			t.Errorf("claims with another %s: %q", name, code)
		}
	}
	act.Comment = "改过的意见"
	if code := approval.CodeOf(claims.Match(act)); code != approval.BadEnvelope {
		t.Errorf("an altered comment passed: %q", code)
	}
}

func TestEveryActionHasAName(t *testing.T) {
	seen := map[approval.Text]approval.Action{}
	for _, known := range approval.ActionNames {
		name := approval.ActionName(known.Action)
		if name.ZH == "" || name.EN == "" || seen[name] != "" {
			t.Errorf("%s is called %+v, as is %q", known.Action, name, seen[name])
		}
		seen[name] = known.Action
	}
	if got := approval.ActionName("bless"); !reflect.DeepEqual(got, approval.Text{ZH: "bless", EN: "bless"}) {
		t.Errorf("an unknown action is called %+v", got)
	}
}
