package approval_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"linli/approval"
)

func ExampleCanonicalJSON() {
	fmt.Printf("%s\n", approval.CanonicalJSON(json.RawMessage(`{"b": [2, 1], "a": {"d": null, "c": "<邻里>"}}`)))
	// Output: {"a":{"c":"<邻里>","d":null},"b":[2,1]}
}

func ExampleContentHash() {
	fmt.Println(approval.ContentHash(struct {
		Amount approval.Fen `json:"amount"`
	}{100}))
	// Output: 4d4bbe59c6aad22442cde199a6a8a5f034405fcd78fb5a81c24ef249de1c45f1
}

func TestCanonicalJSON(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{`{}`, `{}`},
		{` [ ] `, `[]`},
		{`{"b":1,"a":2}`, `{"a":2,"b":1}`},
		{`9007199254740993`, `9007199254740993`}, // above 2^53, where a float loses a unit
		{`"a\/b&c"`, `"a/b&c"`},
		{`"\u4e2d"`, `"中"`},
		{`{"x":[{"b":1,"a":1}]}`, `{"x":[{"a":1,"b":1}]}`},
	} {
		if got := string(approval.CanonicalJSON(json.RawMessage(c.raw))); got != c.want {
			t.Errorf("%s becomes %s, want %s", c.raw, got, c.want)
		}
	}
}

func TestHashingWhatJSONCannotCarryPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	approval.ContentHash(math.NaN())
}

// TestHashTellsContentApart draws values and holds the hash to what it is for:
// canonical bytes are a fixed point, and differ exactly when the content does.
func TestHashTellsContentApart(t *testing.T) {
	type content struct {
		Title string           `json:"title"`
		Lines []string         `json:"lines"`
		Sums  map[string]int64 `json:"sums"`
	}
	draw := rapid.Custom(func(t *rapid.T) content {
		return content{
			Title: rapid.StringMatching(`[甲乙<>&" ]{0,2}`).Draw(t, "title"),
			Lines: rapid.SliceOfN(rapid.StringMatching(`[ab]?`), 0, 2).Draw(t, "lines"),
			Sums:  rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "乙"}), rapid.Int64(), 0, 3).Draw(t, "sums"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		one, other := draw.Draw(t, "one"), draw.Draw(t, "other")
		canonical := approval.CanonicalJSON(one)
		if again := approval.CanonicalJSON(json.RawMessage(canonical)); string(again) != string(canonical) {
			t.Fatalf("%s becomes %s", canonical, again)
		}
		plain, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(other)
		if err != nil {
			t.Fatal(err)
		}
		if same := approval.ContentHash(one) == approval.ContentHash(other); same != (string(plain) == string(second)) {
			t.Fatalf("%s and %s hash alike: %v", plain, second, same)
		}
	})
}
