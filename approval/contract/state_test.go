package contract_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"linli/approval"
	"linli/approval/contract"
)

const (
	community   approval.Scope = "370300/370303/370303001/370303001901"
	subdistrict approval.Scope = "370300/370303/370303001"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, approval.Shanghai)

func documents(sha byte) []contract.Document {
	return []contract.Document{
		{Number: "c1-1", Title: contract.Kinds[0].Name, SHA256: strings.Repeat(string(sha), 64), Size: 1000},
		{Number: "c1-2", Title: contract.Kinds[1].Name, SHA256: strings.Repeat("b", 64), Size: 900},
	}
}

func parties() []contract.Party {
	return []contract.Party{
		{Seat: contract.SeatOperator, Name: "示例运营公司", People: []contract.Signatory{
			{Person: "p_li", Capacity: "法定代表人"}, {Person: "p_zhao", Capacity: "委托代理人"},
		}},
		{Seat: contract.SeatCommunity, Name: "示例一社区居民委员会", Capacity: "社区党委书记", Role: approval.Secretary, Scope: community},
		{Seat: contract.SeatSubdistrict, Name: "车站街道办事处", Capacity: "见证人", Role: approval.SubdistrictApprover, Scope: subdistrict},
	}
}

func laid() *contract.State {
	s := &contract.State{}
	s.Lay(documents('a'), parties())
	s.DueAt = noon.AddDate(0, 0, 30)
	return s
}

func signing(person string, s *contract.State) approval.Act {
	return approval.Act{ID: person + "/key-0001", Action: approval.Sign, Person: approval.Person{ID: person}, ContentHash: s.Hash, Reauthenticated: approval.ByPassword}
}

// sign is what the desk makes of an act once it was checked.
func sign(t *testing.T, s *contract.State, seat string, act approval.Act, now time.Time) contract.Signature {
	t.Helper()
	if err := s.Check(seat, act, now); err != nil {
		t.Fatalf("%s: %v", seat, err)
	}
	return s.Sign(approval.Accepted{
		ID: act.ID, Seat: seat, Action: act.Action, Person: act.Person.ID, For: act.Person.For, ContentHash: act.ContentHash,
		At: now, Reauthenticated: act.Reauthenticated,
	})
}

func TestEveryPartySignsOnceAndThenItIsComplete(t *testing.T) {
	s := laid()
	if s.Complete() || len(s.Missing()) != 3 {
		t.Fatal("complete before anybody signed")
	}
	first := sign(t, s, contract.SeatOperator, signing("p_zhao", s), noon)
	if first.Capacity != "委托代理人" || first.Hash != s.Hash || !first.At.Equal(noon) || first.Reauthenticated != approval.ByPassword {
		t.Errorf("recorded as %+v", first)
	}
	standIn := signing("p_deputy", s)
	standIn.Person.For = "p_secretary"
	second := sign(t, s, contract.SeatCommunity, standIn, noon)
	if second.Capacity != "社区党委书记" || second.For != "p_secretary" {
		t.Errorf("recorded as %+v", second)
	}
	if s.Complete() {
		t.Fatal("complete without the witness")
	}
	sign(t, s, contract.SeatSubdistrict, signing("p_witness", s), noon)
	if !s.Complete() || len(s.Missing()) != 0 || s.Expired(noon.AddDate(1, 0, 0)) {
		t.Errorf("not complete: missing %v", s.Missing())
	}
}

func TestSigningRefused(t *testing.T) {
	for name, play := range map[string]struct {
		change func(s *contract.State, act *approval.Act)
		seat   string
		now    time.Time
		code   approval.Code
	}{
		"nothing laid":           {change: func(s *contract.State, _ *approval.Act) { *s = contract.State{} }, code: approval.Conflict},
		"no such party":          {seat: "charity", code: approval.Conflict},
		"twice":                  {seat: contract.SeatCommunity, code: approval.AlreadyActed},
		"altered":                {change: func(s *contract.State, _ *approval.Act) { s.Lay(documents('c'), parties()) }, code: approval.StaleContent},
		"no hash":                {change: func(_ *contract.State, act *approval.Act) { act.ContentHash = "" }, code: approval.StaleContent},
		"too late":               {now: noon.AddDate(0, 0, 30), code: approval.TaskClosed},
		"on a session alone":     {change: func(_ *contract.State, act *approval.Act) { act.Reauthenticated = "" }, code: approval.Reauthenticate},
		"by an unknown proof":    {change: func(_ *contract.State, act *approval.Act) { act.Reauthenticated = "token" }, code: approval.Reauthenticate},
		"for two parties":        {change: func(_ *contract.State, act *approval.Act) { act.Person.ID = "p_secretary" }, code: approval.SamePerson},
		"for one who has signed": {change: func(_ *contract.State, act *approval.Act) { act.Person.For = "p_secretary" }, code: approval.SamePerson},
		"with details":           {change: func(_ *contract.State, act *approval.Act) { act.Form.Details = json.RawMessage(`{"a":1}`) }, code: approval.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			s := laid()
			sign(t, s, contract.SeatCommunity, signing("p_secretary", s), noon)
			act := signing("p_li", s)
			if play.change != nil {
				play.change(s, &act)
			}
			if play.seat == "" {
				play.seat = contract.SeatOperator
			}
			if play.now.IsZero() {
				play.now = noon
			}
			if err := s.Check(play.seat, act, play.now); approval.CodeOf(err) != play.code {
				t.Errorf("got %v, want %s", err, play.code)
			}
		})
	}
}

func TestAChangedByteVoidsEverySignature(t *testing.T) {
	s := laid()
	given := sign(t, s, contract.SeatOperator, signing("p_li", s), noon)
	s.Lay(documents('a'), parties())
	if len(s.Signatures) != 1 || s.DueAt.IsZero() {
		t.Fatal("the same documents again voided a signature")
	}
	old := signing("p_secretary", s)
	s.Lay(documents('c'), parties())
	if len(s.Signatures) != 0 || !reflect.DeepEqual(s.Void, []contract.Signature{given}) || !s.DueAt.IsZero() || len(s.Missing()) != 3 {
		t.Fatalf("left after a change: %+v", s)
	}
	if err := s.Check(contract.SeatCommunity, old, noon); approval.CodeOf(err) != approval.StaleContent {
		t.Errorf("the old hash was taken: %v", err)
	}
	sign(t, s, contract.SeatOperator, signing("p_li", s), noon)
	other := parties()
	other[0].People = other[0].People[:1]
	s.Lay(documents('c'), other)
	if len(s.Signatures) != 0 || len(s.Void) != 2 {
		t.Error("other parties kept a signature")
	}
}

func TestDeadlineOfSigning(t *testing.T) {
	s := laid()
	if s.Expired(s.DueAt.Add(-time.Second)) || !s.Expired(s.DueAt) {
		t.Error("the deadline is the first moment that is too late")
	}
	s.DueAt = time.Time{}
	if s.Expired(noon.AddDate(9, 0, 0)) {
		t.Error("expired without a deadline")
	}
}

func TestTasksAskEachPartyForTheHash(t *testing.T) {
	s := laid()
	tasks := s.Tasks(15, []string{"p_scorer"}, approval.Reject)
	if len(tasks) != 3 {
		t.Fatalf("%d tasks", len(tasks))
	}
	for _, task := range tasks {
		if task.ContentHash != s.Hash || task.Days != 15 || !task.Offers(approval.Sign) || !task.Offers(approval.Reject) || task.Excluded[0] != "p_scorer" {
			t.Errorf("%+v", task)
		}
	}
	if !reflect.DeepEqual(tasks[0].Persons, []string{"p_li", "p_zhao"}) || tasks[1].Role != approval.Secretary || tasks[1].Scope != community {
		t.Errorf("%+v", tasks)
	}
}

func TestStateIsPlainData(t *testing.T) {
	s := laid()
	sign(t, s, contract.SeatOperator, signing("p_li", s), noon.UTC())
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back contract.State
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if string(raw) != string(again) {
		t.Errorf("%s\n%s", raw, again)
	}
}

func TestOrdersSealEveryDocument(t *testing.T) {
	s := laid()
	orders := s.Orders("c1", sign(t, s, contract.SeatOperator, signing("p_li", s), noon))
	if len(orders) != 2 || orders[0].Document.Number != "c1-1" || orders[1].Document.Number != "c1-2" {
		t.Fatalf("%+v", orders)
	}
	statement := orders[1].Statement("李明", "")
	if statement.Party != "示例运营公司" || statement.SetHash != s.Hash || statement.Capacity != "法定代表人" ||
		!reflect.DeepEqual(statement.Parties, []string{"operator", "community", "subdistrict"}) {
		t.Errorf("%+v", statement)
	}
}
