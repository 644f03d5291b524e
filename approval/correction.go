package approval

import (
	"strings"
	"time"
)

// Correction is the stage at which a case is back with whoever handed it in (补正).
const Correction Stage = "correction"

// Reasons are the findings a case cannot go on with: failed blocks, errors,
// missing evidence.
func (e Evidence) Reasons() []string {
	var all []string
	for _, finding := range e.Failed() {
		if finding.Severity == SeverityBlock || finding.Verdict != FindingFail {
			all = append(all, finding.Message)
		}
	}
	return all
}

// AskCorrection sends the case back with everything that is to be corrected
// named at once (一次性告知, Administrative Licensing Law art. 32). The task says
// who corrects, within how many days.
func (c *Course) AskCorrection(reasons []string, task Task, now time.Time) {
	c.Reason = strings.Join(reasons, ";")
	c.Enter(Correction, now)
	task.Kind, task.Actions = Form, []Action{Correct, Reassign}
	c.Ask(now, Correction, task)
}

// MayCorrect counts a correction request made by screening and reports whether
// there was one left: the second time the verdict stands.
func (c *Course) MayCorrect() bool {
	c.Corrections++
	return c.Corrections == 1
}

// Corrected reports whether the correction came in or its clock ran out.
func (c *Course) Corrected() bool {
	open := c.OpenAt(Correction)
	return len(open) == 0 || open[0].Escalated
}

// Uncorrected reports whether the correction's clock ran out.
func (c *Course) Uncorrected() bool { return len(c.OpenAt(Correction)) > 0 }
