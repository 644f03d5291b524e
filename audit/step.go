package audit

import "strconv"

// Step is one written step of a case as the readable copy keeps it. Position
// counts what was written, from 1 without gaps; Seq and Attempt say which step
// of the case it was and how often that step had been written. Record is the
// step's canonical JSON, byte for byte as it was hashed.
type Step struct {
	CaseID       string
	Position     int64
	Seq          int
	Attempt      int
	Record       []byte
	PreviousHash string
	Hash         string
}

// ChainStep is the hash of step when it follows the step with the hash
// previous; step's own PreviousHash and Hash are not looked at.
func ChainStep(previous string, step Step) string {
	return fields("linli-step-v1", previous, step.CaseID, strconv.FormatInt(step.Position, 10),
		strconv.Itoa(step.Seq), strconv.Itoa(step.Attempt), string(step.Record))
}

// VerifySteps checks all steps of one case in the order they were written and
// returns a *Broken for the first that was altered, moved or follows a missing
// one.
func VerifySteps(steps []Step) error {
	previous := Genesis
	for i, step := range steps {
		reason := ""
		switch {
		case step.Position != int64(i)+1:
			reason = "position " + strconv.Itoa(i+1) + " was expected here"
		case step.CaseID != steps[0].CaseID:
			reason = "it belongs to another case"
		case step.PreviousHash != previous:
			reason = "it does not follow the step before it"
		case step.Hash != ChainStep(previous, step):
			reason = "its content does not match its hash"
		}
		if reason != "" {
			return &Broken{Index: step.Position, CaseID: step.CaseID, Reason: reason}
		}
		previous = step.Hash
	}
	return nil
}
