package server_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"

	"linli/approval"
	"linli/bank"
	"linli/examples"
)

func sample(t *testing.T, path string) string {
	t.Helper()
	raw, err := fs.ReadFile(examples.RuleSets, path)
	fatal(t, err)
	return string(raw)
}

func TestRulesAreReadCheckedAndPublished(t *testing.T) {
	c := newCaseWorld(t)
	source, tests := sample(t, "370303-zhangdian/funduse.yaml"), sample(t, "370303-zhangdian/funduse.tests.yaml")
	if listed := c.read(c.handler, "/v1/rules"); !strings.Contains(string(listed.raw), `"370303/funduse"`) || !strings.Contains(string(listed.raw), "示例数值") {
		t.Errorf("the list reads %s", listed.raw)
	}
	var set struct {
		Source   string
		Versions []int
		Sample   bool
	}
	decode(t, c.read(c.handler, "/v1/rules/370303"), &set)
	if set.Source != source || len(set.Versions) != 1 || !set.Sample {
		t.Errorf("version %v, sample %v", set.Versions, set.Sample)
	}
	c.read(c.handler, "/v1/rules/999999").want(t, 404, approval.NotFound)
	c.read(c.handler, "/v1/rules/370303?version=0").want(t, 422, approval.Invalid)

	stricter := strings.Replace(source, "days: 5", "days: 7", 1)
	var report struct {
		OK       bool
		Problems []struct{ Line, Column int }
	}
	check := asked{method: "POST", path: "/v1/rules/check", bearer: c.who["keeper"]}
	check.body = map[string]string{"source": strings.Replace(source, "variables.paid_after <= 10000000", "proposal.amuont <= 1", 1), "tests": tests}
	decode(t, c.ask(check), &report)
	if report.OK || len(report.Problems) == 0 || report.Problems[0].Line == 0 || report.Problems[0].Column == 0 {
		t.Errorf("a misspelt fact is reported as %+v", report)
	}
	check.body = map[string]string{"source": strings.Replace(source, "min_members: 3", "min_members: 2", 1), "tests": tests}
	c.ask(check).want(t, 200, "")
	c.write(c.who["keeper"], "POST", "/v1/rules", check.body).want(t, 422, approval.RuleInvalid)

	text := map[string]string{"source": stricter, "tests": tests}
	c.write(c.handler, "POST", "/v1/rules", text).want(t, 403, approval.Forbidden)
	c.write(c.who["keeper"], "POST", "/v1/rules", text).want(t, 200, "")
	decode(t, c.read(c.handler, "/v1/rules/370303"), &set)
	if len(set.Versions) != 2 || set.Source != stricter {
		t.Errorf("after publishing: versions %v", set.Versions)
	}
	other := map[string]string{"source": sample(t, "370305-linzi/funduse.yaml"), "tests": sample(t, "370305-linzi/funduse.tests.yaml")}
	c.write(c.who["keeper"], "POST", "/v1/rules", other).want(t, 403, approval.Forbidden)
}

// Both procedures have their rules side by side: one list, one place each, one
// door for publishing, and the city's baseline of the same procedure below.
func TestRulesOfBothProcedures(t *testing.T) {
	c := newCaseWorld(t)
	list := func(query string) (ids []string) {
		t.Helper()
		var page struct {
			Items []struct {
				Procedure string
				Pin       approval.RulePin
			}
		}
		decode(t, c.read(c.handler, "/v1/rules"+query), &page)
		for _, set := range page.Items {
			if !strings.HasSuffix(set.Pin.ID, "/"+set.Procedure) {
				t.Errorf("%s is said to be of %s", set.Pin.ID, set.Procedure)
			}
			ids = append(ids, set.Pin.ID)
		}
		return ids
	}
	if all, some := list(""), list("?procedure=onboarding"); len(all) != 4 || !slices.Equal(some, []string{"370300/onboarding", "370303/onboarding"}) {
		t.Errorf("all rule sets: %v; of onboarding: %v", all, some)
	}
	c.read(c.handler, "/v1/rules?procedure=welcome").want(t, 422, approval.Invalid)

	source, tests := sample(t, "370303-zhangdian/onboarding.yaml"), sample(t, "370303-zhangdian/onboarding.tests.yaml")
	var set struct {
		Source, Procedure string
		Versions          []int
		Parameters        struct {
			Panel struct{ Use string }
			Share []struct{ Kind string }
		}
	}
	decode(t, c.read(c.handler, "/v1/rules/370303?procedure=onboarding"), &set)
	if set.Source != source || set.Procedure != "onboarding" || set.Parameters.Panel.Use != "calls" || len(set.Parameters.Share) != 5 {
		t.Errorf("the set reads %+v", set)
	}
	keeper := c.who["keeper"]
	text := func(old, with string) map[string]string {
		if !strings.Contains(source, old) {
			t.Fatalf("%q does not stand in the sample", old)
		}
		return map[string]string{"source": strings.Replace(source, old, with, 1), "tests": tests}
	}
	for name, wrong := range map[string]map[string]string{
		"no notice at all":             text("{days: 5", "{days: 0"),
		"two scorers":                  text("scorers: 5", "scorers: 2"),
		"a share below the city's":     text("profit_percent, minimum: 20", "profit_percent, minimum: 9"),
		"a district without community": text("[community, subdistrict]", "[subdistrict]"),
		"a failing test":               text("s.over60 >= 10", "s.over60 >= 11"),
		"tests of fund use":            {"source": source, "tests": sample(t, "370303-zhangdian/funduse.tests.yaml")},
		"a fact of fund use":           text("needs.priority > 0", "fund.available > 0"),
		"the other baseline":           text("base: 370300/onboarding", "base: 370300/funduse"),
	} {
		t.Run(name, func(t *testing.T) {
			c.write(keeper, "POST", "/v1/rules", wrong).want(t, 422, approval.RuleInvalid)
		})
	}
	stricter := text("{days: 5", "{days: 7")
	c.write(c.handler, "POST", "/v1/rules", stricter).want(t, 403, approval.Forbidden)
	c.write(keeper, "POST", "/v1/rules", stricter).want(t, 200, "")
	decode(t, c.read(c.handler, "/v1/rules/370303?procedure=onboarding"), &set)
	if len(set.Versions) != 2 || set.Source != stricter["source"] {
		t.Errorf("after publishing: versions %v", set.Versions)
	}
	decode(t, c.read(c.handler, "/v1/rules/370303"), &set)
	if len(set.Versions) != 1 || set.Procedure != "funduse" {
		t.Errorf("the rules of fund use have versions %v", set.Versions)
	}
}

func TestABankCallbackIsAHintAndMustBeSigned(t *testing.T) {
	c := newCaseWorld(t)
	body := []byte(`{"key":"c_1/payment/1","status":"succeeded","bankReference":"2026","settledAt":"2026-03-04T02:00:00Z","amountFen":420000}`)
	call := func(secret string, body []byte) int {
		t.Helper()
		request, err := http.NewRequest("POST", c.http.URL+"/v1/bank/callbacks", bytes.NewReader(body))
		fatal(t, err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set(bank.KeyHeader, "c_1/payment/1")
		fatal(t, bank.Signer{Secret: []byte(secret), Direction: bank.Callback}.Sign(request, body))
		response, err := http.DefaultClient.Do(request)
		fatal(t, err)
		response.Body.Close()
		return response.StatusCode
	}
	if status := call(bankSecret, body); status != 204 || c.engine.called.Load() != "c_1 c_1/payment/1" {
		t.Errorf("an authentic callback answers %d, the case heard %v", status, c.engine.called.Load())
	}
	c.engine.called.Store("nothing")
	if status := call("another secret of some length", body); status != 403 || c.engine.called.Load() != "nothing" {
		t.Errorf("a forged callback answers %d, the case heard %v", status, c.engine.called.Load())
	}
	c.engine.unreachable.Store(true)
	if status := call(bankSecret, body); status != 503 {
		t.Errorf("while no case can be reached the callback answers %d", status)
	}
	unsigned := c.ask(asked{method: "POST", path: "/v1/bank/callbacks", body: string(body)})
	unsigned.want(t, 422, approval.Invalid)
}
