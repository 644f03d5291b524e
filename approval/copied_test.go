package approval_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"linli/approval"
)

type leaf struct {
	Words []string
	At    time.Time
	Fee   approval.Fen
	plain int
}

type state struct {
	approval.Desk
	One   leaf
	Many  []leaf
	Where *leaf
	Deep  [][]string
	Pair  [2][]int
	Raw   []byte
	None  *leaf
	Empty []leaf
}

func planted() *state {
	return &state{
		Desk: approval.Desk{CaseID: "c_1", Tasks: []approval.Task{{ID: "c_1.a", Persons: []string{"p_1", "p_2"}}}},
		One:  leaf{Words: []string{"甲"}, At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Fee: 3, plain: 7},
		Many: []leaf{{Words: []string{"乙", "丙"}}, {}}, Where: &leaf{Words: []string{"丁"}},
		Deep: [][]string{{"戊"}, nil, {}}, Pair: [2][]int{{1}, {2}}, Raw: []byte(`{"a":1}`), Empty: []leaf{},
	}
}

// TestACopyIsOnItsOwn: what is done to a copy never reaches the original, at
// any depth.
func TestACopyIsOnItsOwn(t *testing.T) {
	original := planted()
	for _, change := range []func(s *state){
		func(s *state) { s.Tasks[0].Persons[1] = "p_9" },
		func(s *state) { s.Tasks = append(s.Tasks[:0], approval.Task{ID: "c_1.b"}) },
		func(s *state) { s.One.Words[0], s.One.Fee, s.One.plain = "x", 9, 9 },
		func(s *state) { s.Many[0].Words[1] = "x" },
		func(s *state) { s.Many[1].At = time.Now() },
		func(s *state) { s.Where.Words[0] = "x" },
		func(s *state) { s.Where.Fee = 9 },
		func(s *state) { s.Deep[0][0] = "x" },
		func(s *state) { s.Pair[1][0] = 9 },
		func(s *state) { s.Raw[2] = 'b' },
	} {
		copied := approval.Copied(original)
		if !reflect.DeepEqual(copied, planted()) {
			t.Fatalf("a copy is %+v, want %+v", copied, planted())
		}
		change(copied)
		if !reflect.DeepEqual(original, planted()) {
			t.Fatalf("the original became %+v", original)
		}
		if reflect.DeepEqual(copied, original) {
			t.Fatal("the change did nothing")
		}
	}
}

// TestWhatCannotBeCopiedIsRefused: sharing it would break a state quietly.
func TestWhatCannotBeCopiedIsRefused(t *testing.T) {
	for name, copying := range map[string]func(){
		"a map":              func() { approval.Copied(&struct{ Seats map[string]int }{}) },
		"a function":         func() { approval.Copied(&struct{ Do func() }{}) },
		"an interface":       func() { approval.Copied(&struct{ Any any }{}) },
		"a hidden reference": func() { approval.Copied(&struct{ Text bytes.Buffer }{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was copied", name)
				}
			}()
			copying()
		}()
	}
}
