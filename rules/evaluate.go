package rules

import (
	"context"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"linli/approval"
)

// Evaluate holds facts against every criterion of a stage, and at screening
// against the routing as well. It depends on nothing but its arguments: equal
// sets, stages and facts give equal evidence, byte for byte. The pin carries
// no version, which only the keeper of the set knows: see Pin. An error means
// nothing was evaluated: facts of another procedure, an unknown stage, facts
// without a time, or an ended ctx. Whatever goes wrong inside a criterion is a finding instead.
func (s *Set) Evaluate(ctx context.Context, stage string, facts Facts) (approval.Evidence, error) {
	if facts.Procedure() != s.procedure.name {
		return approval.Evidence{}, approval.Errorf(approval.RuleInvalid, "规则“%[1]s”不适用于这一程序。", "The rule set %[1]q is for another procedure.", s.ID())
	}
	if !slices.Contains(s.procedure.stages, stage) && !slices.Contains(s.procedure.again, stage) {
		return approval.Evidence{}, approval.Errorf(approval.Invalid, "没有“%[1]s”这一阶段。", "There is no stage %[1]q.", stage).At("stage")
	}
	if facts.Moment().IsZero() {
		return approval.Evidence{}, approval.Errorf(approval.Invalid, "缺少评估时间。", "The facts carry no time.").At("now")
	}
	e, err := s.begin(ctx, facts)
	if err != nil {
		return approval.Evidence{}, err
	}
	evidence := approval.Evidence{
		Pin: s.Pin(0), EnvHash: s.EnvHash(), CELVersion: CELVersion, TZVersion: TZVersion,
		InputHash: approval.ContentHash(facts), EvaluatedAt: facts.Moment().UTC(), Stage: stage, Findings: []approval.Finding{},
	}
	for _, c := range s.criteria {
		if c.Stage != stage && !slices.Contains(c.Also, stage) {
			continue
		}
		finding, err := e.judge(c)
		if err != nil {
			return approval.Evidence{}, err
		}
		evidence.Findings = append(evidence.Findings, finding)
	}
	if stage == s.procedure.stages[0] {
		if err := e.route(&evidence); err != nil {
			return approval.Evidence{}, err
		}
	}
	evidence.Outcome = outcome(evidence.Findings, facts.Answered())
	return evidence, nil
}

// evaluation is one run of a set over one set of facts.
type evaluation struct {
	ctx        context.Context
	set        *Set
	vars       map[string]any
	unknown    []*cel.AttributePatternType
	answered   []string
	spent      uint64                   // cost units of verdicts and texts so far
	explaining uint64                   // cost units of explaining loops so far
	explained  map[string]approval.Term // per variable
}

func (s *Set) begin(ctx context.Context, facts Facts) (*evaluation, error) {
	e := &evaluation{ctx: ctx, set: s, answered: facts.Answered(), explained: map[string]approval.Term{}, vars: s.procedure.bound(facts)}
	e.vars["params"] = s.source.Parameters
	for _, path := range s.procedure.absent(facts) {
		e.unknown = append(e.unknown, pattern(path))
	}
	return e, e.bindVariables()
}

// bindVariables evaluates the variables in order. A failed or unknown one is
// bound as such and fails or leaves unknown whatever uses it.
func (e *evaluation) bindVariables() error {
	for _, v := range e.set.variables {
		result, err := e.run(v.expression)
		if err != nil {
			return err
		}
		e.vars["variables."+v.name] = result.value
		tree, err := e.explain(v.expression, result)
		if err != nil {
			return err
		}
		if len(tree) > 0 {
			e.explained["variables."+v.name] = tree[0]
		}
	}
	return nil
}

// run evaluates one expression within the set's budget.
func (e *evaluation) run(x *expression) (evaluated, error) {
	if e.spent >= SetCostLimit {
		return evaluated{value: types.NewErr("the cost limit of the rule set is exceeded"), node: noNode}, nil
	}
	vars, err := e.activation(e.vars)
	if err != nil {
		return evaluated{}, err
	}
	result, err := x.run(e.ctx, vars)
	e.spent += result.cost
	return result, err
}

func (e *evaluation) activation(vars map[string]any) (cel.Activation, error) {
	return cel.PartialVars(vars, e.unknown...)
}

func (e *evaluation) judge(c criterion) (approval.Finding, error) {
	finding := approval.Finding{ID: c.ID, Title: c.Title, Severity: c.Severity, Citation: c.Citation}
	before := e.spent
	applies, err := e.decide(c.when, &finding)
	if err != nil {
		return finding, err
	}
	if applies {
		if _, err = e.decide(c.require, &finding); err == nil {
			err = e.describe(c, &finding)
		}
	} else if finding.Verdict == approval.FindingFail {
		finding.Verdict = approval.FindingSkipped
	}
	finding.Cost = e.spent - before
	return finding, err
}

// decide sets verdict and terms from one condition and reports whether it
// holds; an absent condition holds.
func (e *evaluation) decide(x *expression, finding *approval.Finding) (bool, error) {
	if x == nil {
		return true, nil
	}
	result, err := e.run(x)
	if err != nil {
		return false, err
	}
	switch value := result.value.(type) {
	case types.Bool:
		finding.Verdict = approval.FindingFail
		if value {
			finding.Verdict = approval.FindingOK
		}
	case *types.Unknown:
		finding.Verdict, finding.Missing = approval.FindingUnknown, missing(value)
	default:
		finding.Verdict = approval.FindingError
	}
	finding.Message = trouble(result.value)
	finding.Terms, err = e.explain(x, result)
	return finding.Verdict == approval.FindingOK, err
}

// describe adds value and limit, and to a failed criterion its message.
func (e *evaluation) describe(c criterion, finding *approval.Finding) error {
	var err error
	if finding.Value, err = e.show(c.value); err != nil {
		return err
	}
	if finding.Limit, err = e.show(c.limit); err != nil {
		return err
	}
	if finding.Verdict != approval.FindingFail {
		return nil
	}
	if finding.Message, err = e.show(c.message); err != nil {
		return err
	}
	if finding.Message == "" {
		finding.Message = c.Title
	}
	if c.Severity == approval.SeverityReview && slices.Contains(e.answered, c.ID) {
		finding.Message += "(已有人工答复)"
	}
	return nil
}

// show renders an expression meant for the reader; "" if it is absent, fails
// or is unknown.
func (e *evaluation) show(x *expression) (string, error) {
	if x == nil {
		return "", nil
	}
	result, err := e.run(x)
	if err != nil || trouble(result.value) != "" {
		return "", err
	}
	if text, ok := result.value.(types.String); ok {
		return clip(string(text)), nil
	}
	return render(result.value), nil
}

// route adds the approvals asked for. A rule that cannot be decided becomes a
// finding, so that the evidence is missing something rather than one approval
// too few.
func (e *evaluation) route(evidence *approval.Evidence) error {
	for _, each := range e.set.routes {
		finding := approval.Finding{ID: "routing." + each.ID, Title: each.Reason, Severity: approval.SeverityBlock}
		before := e.spent
		asked, err := e.decide(each.when, &finding)
		if err != nil {
			return err
		}
		switch {
		case asked:
			evidence.Approvals = append(evidence.Approvals, approval.Route{Level: each.Level, Rule: each.ID, Reason: each.Reason})
		case finding.Verdict != approval.FindingFail:
			finding.Cost = e.spent - before
			evidence.Findings = append(evidence.Findings, finding)
		}
	}
	return nil
}

// outcome is the worst of the findings. A failed review criterion that a
// person has answered stays failed on record but no longer asks for review.
func outcome(findings []approval.Finding, answered []string) approval.Outcome {
	ranks := []approval.Outcome{approval.OutcomePass, approval.OutcomeReview, approval.OutcomeMissing, approval.OutcomeBlocked}
	worst := 0
	for _, finding := range findings {
		rank := 0
		switch finding.Verdict {
		case approval.FindingOK, approval.FindingSkipped:
		case approval.FindingFail:
			switch {
			case finding.Severity == approval.SeverityBlock:
				rank = 3
			case finding.Severity == approval.SeverityReview && !slices.Contains(answered, finding.ID):
				rank = 1
			}
		default:
			rank = 2
		}
		worst = max(worst, rank)
	}
	return ranks[worst]
}

// missing names the facts an unknown result would need, sorted.
func missing(unknown *types.Unknown) []string {
	var paths []string
	for _, id := range unknown.IDs() {
		trails, _ := unknown.GetAttributeTrails(id)
		for _, trail := range trails {
			paths = append(paths, trail.String())
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// trouble says why a value is no value; "" if it is one.
func trouble(value ref.Val) string {
	switch value := value.(type) {
	case *types.Unknown:
		return "缺少证据：" + joinNames(missing(value))
	case *types.Err:
		return "无法判断：" + value.Error()
	}
	return ""
}
