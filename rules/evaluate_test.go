package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/approval"
	"linli/approval/funduse"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// goodFacts pass every criterion of the city and of Zhangdian at both stages.
func goodFacts() funduse.Facts {
	return funduse.Facts{
		Proposal: funduse.ProposalFacts{
			Category: "event", Amount: 420_000,
			Lines: []funduse.LineFact{{Item: "场地布置", Amount: 300_000}, {Item: "物料", Amount: 120_000}},
			Needs: []string{"N-014"}, Beneficiaries: 120, Months: 1,
			AttachmentKinds: []string{"application", "budget"}, AnsweredReviews: []string{},
		},
		Fund:      funduse.FundFacts{Available: 8_800_000, OpenCases: 1, CommitteeMembers: 3},
		Earmark:   funduse.EarmarkFacts{Categories: []string{}},
		Payee:     funduse.PayeeFacts{Known: true},
		Community: funduse.CommunityFacts{Scope: "370300/370303/370303001/370303001901", Households: 860, HouseKnown: true},
		Now:       time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC),
	}
}

func evaluate(t testing.TB, s *Set, stage string, facts Facts) approval.Evidence {
	t.Helper()
	evidence, err := s.Evaluate(t.Context(), stage, facts)
	if err != nil {
		t.Fatal(err)
	}
	return evidence
}

func finding(t testing.TB, evidence approval.Evidence, id string) approval.Finding {
	t.Helper()
	for _, f := range evidence.Findings {
		if f.ID == id {
			return f
		}
	}
	t.Fatalf("there is no finding %s", id)
	return approval.Finding{}
}

// smallWith compiles the small baseline with one more criterion in front.
func smallWith(t testing.TB, criterion string) *Set {
	t.Helper()
	set, err := Compile([]byte(strings.Replace(smallSet, "criteria:\n", "criteria:\n"+criterion, 1)), nil)
	if err != nil {
		t.Fatalf("compiling the test's set:\n%v", err)
	}
	return set
}

func criterionText(severity, require string) string {
	return fmt.Sprintf("  - id: probe\n    title: 探针\n    stage: screening\n    severity: %s\n    require: |\n      %s\n", severity, require)
}

// The golden file is what a resident or an auditor is shown: a repair that
// exceeds the share of the fund, spends a directed donation against its
// purpose and hides an empty budget line.
func TestEvidenceReadsWell(t *testing.T) {
	facts := goodFacts()
	facts.Proposal.Category, facts.Proposal.Amount = "repair", 8_600_000
	facts.Proposal.Lines = []funduse.LineFact{{Item: "楼道照明", Amount: 8_600_000}, {Item: "无障碍坡道"}}
	facts.Earmark = funduse.EarmarkFacts{Present: true, Available: 9_000_000, Categories: []string{"visit", "emergency"}}
	facts.Community.HouseKnown = false
	readsLike(t, evaluate(t, sample(t, "370303/funduse"), StageScreening, facts), "testdata/zhangdian-repair.golden")
}

func readsLike(t *testing.T, evidence approval.Evidence, golden string) {
	t.Helper()
	got := printed(evidence)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the evidence reads differently (rewrite with -update):\n%s", got)
	}
}

func printed(evidence approval.Evidence) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s %s\n", evidence.Pin.ID, evidence.Stage, evidence.Outcome)
	for _, f := range evidence.Findings {
		fmt.Fprintf(&text, "\n%s [%s] %s: %s\n", f.ID, f.Severity, f.Title, f.Verdict)
		for _, line := range [][2]string{{"message", f.Message}, {"value", f.Value}, {"limit", f.Limit}, {"citation", f.Citation}} {
			if line[1] != "" {
				fmt.Fprintf(&text, "  %s: %s\n", line[0], line[1])
			}
		}
		printTerms(&text, f.Terms, "  ")
	}
	for _, each := range evidence.Approvals {
		fmt.Fprintf(&text, "\n+ %s (%s) %s\n", each.Level, each.Rule, each.Reason)
	}
	return text.String()
}

func printTerms(text *strings.Builder, terms []approval.Term, indent string) {
	for _, term := range terms {
		fmt.Fprintf(text, "%s· %s = %s\n", indent, term.Text, term.Value)
		printTerms(text, term.Terms, indent+"  ")
	}
}

func TestEvidenceRepeatsByteForByte(t *testing.T) {
	set, facts := sample(t, "370303/funduse"), goodFacts()
	facts.Proposal.Amount, facts.Earmark.Present = 8_000_000, true
	first := approval.CanonicalJSON(evaluate(t, set, StageScreening, facts))
	for range 200 {
		if again := approval.CanonicalJSON(evaluate(t, set, StageScreening, facts)); !bytes.Equal(first, again) {
			t.Fatalf("two evaluations differ:\n%s\n%s", first, again)
		}
	}
	if again := approval.CanonicalJSON(evaluate(t, sample(t, "370303/funduse"), StageScreening, facts)); !bytes.Equal(first, again) {
		t.Error("a set compiled anew evaluates differently")
	}
}

func TestEvidenceNamesWhatMadeIt(t *testing.T) {
	set, facts := sample(t, "370303/funduse"), goodFacts()
	evidence := evaluate(t, set, StageScreening, facts)
	if evidence.Pin != set.Pin(0) || evidence.EnvHash != set.EnvHash() || evidence.InputHash != approval.ContentHash(facts) ||
		!evidence.EvaluatedAt.Equal(facts.Now) || evidence.Outcome != approval.OutcomePass {
		t.Errorf("the evidence is %+v", evidence)
	}
	total := uint64(0)
	for _, f := range evidence.Findings {
		total += f.Cost
	}
	if total == 0 || total > SetCostLimit {
		t.Errorf("the evaluation cost %d", total)
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(module), CELVersion) {
		t.Errorf("go.mod does not name %s", CELVersion)
	}
}

func TestRefusesToEvaluate(t *testing.T) {
	set := sample(t, "370300/funduse")
	if _, err := set.Evaluate(t.Context(), "payout", goodFacts()); approval.CodeOf(err) != approval.Invalid {
		t.Errorf("an unknown stage: %v", err)
	}
	timeless := goodFacts()
	timeless.Now = time.Time{}
	if _, err := set.Evaluate(t.Context(), StageCharity, timeless); approval.CodeOf(err) != approval.Invalid {
		t.Errorf("facts without a time: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := set.Evaluate(ended, StageCharity, goodFacts()); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

// cancelling ends after it has been asked a number of times, which is while an
// expression runs.
type cancelling struct {
	context.Context
	mu    sync.Mutex
	asked int
	done  chan struct{}
}

func (c *cancelling) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked++; c.asked == 3 {
		close(c.done)
	}
	return c.done
}

func (c *cancelling) Err() error {
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

func TestInterruptsARunningExpression(t *testing.T) {
	set := smallWith(t, criterionText("block", "proposal.lines.all(a, proposal.lines.all(b, a.amount + b.amount > 0))"))
	facts := goodFacts()
	facts.Proposal.Lines = make([]funduse.LineFact, 100)
	ctx := &cancelling{Context: t.Context(), done: make(chan struct{})}
	if _, err := set.Evaluate(ctx, StageScreening, facts); !errors.Is(err, errInterrupted) {
		t.Errorf("the error is %v", err)
	}
}

// The static estimate counts on lists of bounded length. Longer ones, from
// whatever fault, run into the limit while evaluating: no verdict, no pass.
func TestCostLimitHoldsWhileExplaining(t *testing.T) {
	set := smallWith(t, criterionText("block", "proposal.lines.all(a, proposal.lines.exists(b, a.amount <= b.amount))"))
	facts := goodFacts()
	facts.Proposal.Lines = make([]funduse.LineFact, 20_000)
	evidence := evaluate(t, set, StageScreening, facts)
	got := finding(t, evidence, "probe")
	if got.Verdict != approval.FindingError || !strings.Contains(got.Message, "cost limit") || evidence.Outcome != approval.OutcomeMissing {
		t.Errorf("the finding is %s %q, the outcome %s", got.Verdict, got.Message, evidence.Outcome)
	}
	if got.Cost > 2*ExpressionCostLimit {
		t.Errorf("the expression cost %d, its limit is %d", got.Cost, ExpressionCostLimit)
	}
}

func TestCostLimitOfTheSetHolds(t *testing.T) {
	var many strings.Builder
	for i := range 7 {
		many.WriteString(strings.Replace(criterionText("warn", "proposal.lines.all(a, proposal.needs.all(b, b != a.item))"), "probe", fmt.Sprintf("probe%d", i), 1))
	}
	set := smallWith(t, many.String())
	facts := goodFacts()
	facts.Proposal.Lines, facts.Proposal.Needs = make([]funduse.LineFact, 700), strings.Split(strings.Repeat("N", 31), "")
	evidence := evaluate(t, set, StageScreening, facts)
	first, last := finding(t, evidence, "probe0"), finding(t, evidence, "available")
	if first.Verdict != approval.FindingOK {
		t.Fatalf("the first criterion should still fit: %s %q", first.Verdict, first.Message)
	}
	if last.Verdict != approval.FindingError || !strings.Contains(last.Message, "rule set") || evidence.Outcome != approval.OutcomeMissing {
		t.Errorf("the last finding is %s %q, the outcome %s", last.Verdict, last.Message, evidence.Outcome)
	}
}

func TestErrorsAndUnknownsNeverPass(t *testing.T) {
	for _, severity := range []string{"block", "review", "warn"} {
		for require, want := range map[string]approval.FindingVerdict{
			"10 / (proposal.amount - proposal.amount) == 0":                      approval.FindingError,
			"proposal.lines[7].amount > 0":                                       approval.FindingError,
			"proposal.amount * 9223372036854775807 > 0":                          approval.FindingError,
			"community.households > 0":                                           approval.FindingUnknown,
			"earmark.available == 0":                                             approval.FindingUnknown,
			"earmark.categories.size() == 0":                                     approval.FindingUnknown,
			"[1, 2].all(x, community.households > x)":                            approval.FindingUnknown,
			"!(community.households > 0)":                                        approval.FindingUnknown,
			"community.households_known && community.households > 100":           approval.FindingFail,
			"!community.households_known || community.households > 0":            approval.FindingOK,
			"proposal.amount > 0 || 1 / (proposal.amount - proposal.amount) > 0": approval.FindingOK,
		} {
			set := smallWith(t, criterionText(severity, require))
			facts := goodFacts()
			facts.Community.HouseKnown = false
			evidence := evaluate(t, set, StageScreening, facts)
			got := finding(t, evidence, "probe")
			if got.Verdict != want {
				t.Errorf("%s: %s, want %s (%s)", require, got.Verdict, want, got.Message)
			}
			undecided := want == approval.FindingError || want == approval.FindingUnknown
			if undecided && (evidence.Outcome != approval.OutcomeMissing || got.Message == "") {
				t.Errorf("%s as %s: the outcome is %s, the message %q", require, severity, evidence.Outcome, got.Message)
			}
			if want == approval.FindingUnknown && len(got.Missing) == 0 {
				t.Errorf("%s does not say what is missing", require)
			}
		}
	}
}

func TestFailedVariablesAndConditionsNeverPass(t *testing.T) {
	source := strings.Replace(smallSet, "fund.available > 0 ? proposal.amount * 100 / fund.available : 100", "proposal.amount * 100 / community.households", 1)
	set, err := Compile([]byte(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	facts := goodFacts()
	facts.Community.Households = 0
	if got := finding(t, evaluate(t, set, StageScreening, facts), "share"); got.Verdict != approval.FindingError {
		t.Errorf("with a failed variable the verdict is %s", got.Verdict)
	}
	facts.Community.HouseKnown = false
	if got := finding(t, evaluate(t, set, StageScreening, facts), "share"); got.Verdict != approval.FindingUnknown || got.Missing[0] != "community.households" {
		t.Errorf("with an unknown variable the finding is %+v", got)
	}
	conditional := smallWith(t, criterionText("block", "payee.known")+"    when: community.households > 5\n")
	if got := finding(t, evaluate(t, conditional, StageScreening, facts), "probe"); got.Verdict != approval.FindingUnknown {
		t.Errorf("with an unknown condition the verdict is %s", got.Verdict)
	}
}

func TestUndecidedRoutingIsMissingEvidence(t *testing.T) {
	source := strings.Replace(smallSet, "when: proposal.amount > params.limits.subdistrict_above", "when: community.households > 5", 1)
	set, err := Compile([]byte(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	facts := goodFacts()
	facts.Community.HouseKnown = false
	evidence := evaluate(t, set, StageScreening, facts)
	if got := finding(t, evidence, "routing.big"); got.Verdict != approval.FindingUnknown || evidence.Outcome != approval.OutcomeMissing {
		t.Errorf("the finding is %+v, the outcome %s", got, evidence.Outcome)
	}
	if charity := evaluate(t, set, StageCharity, facts); len(charity.Approvals) != 0 || charity.Outcome != approval.OutcomePass {
		t.Errorf("routing is decided at the charity stage too: %+v", charity)
	}
}

func TestAnsweredReviewStaysOnRecord(t *testing.T) {
	set, facts := sample(t, "370303/funduse"), goodFacts()
	facts.Fund.Available = 500_000
	before := evaluate(t, set, StageScreening, facts)
	facts.Proposal.AnsweredReviews = []string{"fund_share"}
	after := evaluate(t, set, StageScreening, facts)
	if before.Outcome != approval.OutcomeReview || after.Outcome != approval.OutcomePass {
		t.Errorf("the outcomes are %s and %s", before.Outcome, after.Outcome)
	}
	if got := finding(t, after, "fund_share"); got.Verdict != approval.FindingFail || !strings.Contains(got.Message, "已有人工答复") {
		t.Errorf("the answered finding is %s %q", got.Verdict, got.Message)
	}
	facts.Proposal.AnsweredReviews, facts.Proposal.Amount = []string{"fund_share", "amount_available"}, 600_000
	if blocked := evaluate(t, set, StageScreening, facts); blocked.Outcome != approval.OutcomeBlocked {
		t.Errorf("answering a block criterion gives %s", blocked.Outcome)
	}
}

func TestMessageFallsBackToTheTitle(t *testing.T) {
	for message, want := range map[string]string{
		"": "探针",
		"    message: string(1 / (proposal.amount - proposal.amount))\n": "探针",
		"    message: string(community.households)\n":                    "探针",
		"    message: yuan(proposal.amount)\n":                           "4,200.00元",
	} {
		set := smallWith(t, criterionText("block", "proposal.amount < 5")+message)
		facts := goodFacts()
		facts.Community.HouseKnown = false
		if got := finding(t, evaluate(t, set, StageScreening, facts), "probe"); got.Message != want {
			t.Errorf("%q gives %q, want %q", message, got.Message, want)
		}
	}
}

func TestLongListsAreExplainedByWhatSettlesThem(t *testing.T) {
	set := smallWith(t, criterionText("block", "proposal.lines.all(line, line.amount > 0)"))
	facts := goodFacts()
	facts.Proposal.Lines = make([]funduse.LineFact, 90)
	for i := range facts.Proposal.Lines {
		facts.Proposal.Lines[i].Amount = int64(i - 2) // the first three are not above zero
	}
	loop := finding(t, evaluate(t, set, StageScreening, facts), "probe").Terms[0]
	if len(loop.Terms) != 4 || loop.Terms[0].Value != "false" || loop.Terms[3].Text != "…" || loop.Terms[3].Value != "87" {
		t.Errorf("the loop is explained as %+v", loop.Terms)
	}
}

func TestConcurrentEvaluationsAgree(t *testing.T) {
	set, facts := sample(t, "370303/funduse"), goodFacts()
	want := approval.CanonicalJSON(evaluate(t, set, StageScreening, facts))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				evidence, err := set.Evaluate(t.Context(), StageScreening, facts)
				if err != nil || !bytes.Equal(want, approval.CanonicalJSON(evidence)) {
					t.Errorf("a concurrent evaluation differs (%v)", err)
					return
				}
			}
		})
	}
	group.Wait()
}

// Adding a criterion that fails, of whatever severity, never improves the
// outcome; adding one that blocks always blocks.
func TestOneMoreFailureNeverHelps(t *testing.T) {
	rank := map[approval.Outcome]int{approval.OutcomePass: 0, approval.OutcomeReview: 1, approval.OutcomeMissing: 2, approval.OutcomeBlocked: 3}
	plain := smallWith(t, "")
	more := map[string]*Set{}
	for _, severity := range []string{"block", "review", "warn"} {
		more[severity] = smallWith(t, criterionText(severity, "proposal.amount < 0"))
	}
	rapid.Check(t, func(r *rapid.T) {
		facts := goodFacts()
		facts.Proposal.Amount = rapid.Int64Range(0, 20_000_000).Draw(r, "amount")
		facts.Fund.Available = rapid.Int64Range(0, 20_000_000).Draw(r, "available")
		facts.Payee.Known = rapid.Bool().Draw(r, "known")
		facts.Proposal.AnsweredReviews = rapid.SliceOfN(rapid.SampledFrom([]string{"share", "probe", "available"}), 0, 2).Draw(r, "answered")
		severity := rapid.SampledFrom([]string{"block", "review", "warn"}).Draw(r, "severity")
		before, after := evaluate(t, plain, StageScreening, facts), evaluate(t, more[severity], StageScreening, facts)
		if rank[after.Outcome] < rank[before.Outcome] {
			r.Fatalf("one more failed %s criterion turned %s into %s", severity, before.Outcome, after.Outcome)
		}
		if severity == "block" && after.Outcome != approval.OutcomeBlocked {
			r.Fatalf("a failed block criterion leaves %s", after.Outcome)
		}
		if len(after.Findings) != len(before.Findings)+1 {
			r.Fatalf("a failure hides other findings: %d, then %d", len(before.Findings), len(after.Findings))
		}
	})
}

func TestEvidenceSurvivesJSON(t *testing.T) {
	evidence := evaluate(t, sample(t, "370303/funduse"), StageScreening, goodFacts())
	text, err := json.Marshal(evidence)
	if err != nil {
		t.Fatal(err)
	}
	var back approval.Evidence
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if approval.ContentHash(back) != approval.ContentHash(evidence) {
		t.Error("the evidence changes on its way through JSON")
	}
	if len(text) > 64<<10 {
		t.Errorf("one evaluation takes %d bytes of history", len(text))
	}
}
