package contract

import "time"

// View is an agreement of a case as people read it.
type View struct {
	Document
	SetHash    string    `json:"set_hash"` // what an act of signing names
	Current    bool      `json:"current"`  // on the table; else it was replaced and what was signed on it is void
	DrawnAt    time.Time `json:"drawn_at"`
	Complete   bool      `json:"complete"` // every party has signed
	Signatures []Signer  `json:"signatures"`
	Scans      []Scan    `json:"scans"`
}

// Scan is an attachment that shows the countersigned paper.
type Scan struct {
	Attachment string    `json:"attachment"`
	AddedBy    string    `json:"added_by"`
	AddedAt    time.Time `json:"added_at"`
}

// ViewOf is the agreement with those who signed it.
func ViewOf(file File, drawnAt time.Time, current bool, scans []Scan) View {
	view := View{
		Document: file.Document, SetHash: file.SetHash, Current: current, DrawnAt: drawnAt, Complete: file.Complete,
		Signatures: []Signer{}, Scans: append([]Scan{}, scans...),
	}
	for _, s := range file.Signatures {
		view.Signatures = append(view.Signatures, s.Signer)
	}
	return view
}
