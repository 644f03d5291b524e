package engagement

import "linli/approval"

// TrackRecord is what an operator's engagements say of it.
type TrackRecord struct {
	Running   int64
	Scored    bool  // there is a confirmed yearly score
	LastScore int64 // of the latest; known if Scored
}

// TrackRecordOf reads the track record out of an operator's engagements, in whatever
// order. A score counts once its band is confirmed.
func TrackRecordOf(views []View) TrackRecord {
	var record TrackRecord
	var last Assessment
	for _, view := range views {
		if view.Status == approval.Running {
			record.Running++
		}
		for _, assessment := range view.Evaluations {
			if assessment.Band != "" && (!record.Scored || assessment.At.After(last.At)) {
				record.Scored, last = true, assessment
			}
		}
	}
	record.LastScore = last.Total
	return record
}
