package contract

import (
	"slices"
	"time"

	"linli/approval"
)

// The usual parties' seats.
const (
	SeatOperator    = "operator"    // 乙方, 捐赠方: the operator
	SeatCommunity   = "community"   // 甲方, 受赠方: the community, by its secretary
	SeatSubdistrict = "subdistrict" // 见证方: the subdistrict as witness
)

// Party is one side of the agreements. Who may sign for it is whoever holds
// Role at Scope or, where people are named, one of them; see approval.Task.
type Party struct {
	Seat     string         `json:"seat"`
	Name     string         `json:"name"`     // as the documents have it
	Capacity string         `json:"capacity"` // in which whoever signs by role does so, e.g. 社区党委书记
	Role     approval.Role  `json:"role,omitempty"`
	Scope    approval.Scope `json:"scope,omitempty"`
	People   []Signatory    `json:"people,omitempty"`
}

// Signatory is a named person who may sign for a party.
type Signatory struct {
	Person   string `json:"person"`
	Capacity string `json:"capacity"` // e.g. 法定代表人, 委托代理人
}

// Signature is one party's word on the set of documents.
type Signature struct {
	Seat            string                    `json:"seat"`
	Person          string                    `json:"person"`
	For             string                    `json:"for,omitempty"` // the absent person this one substitutes
	Capacity        string                    `json:"capacity"`
	ActID           string                    `json:"act_id"`
	Hash            string                    `json:"hash"` // of the set
	At              time.Time                 `json:"at"`
	Reauthenticated approval.Reauthentication `json:"reauthenticated"`
}

// State is the signing of one case: plain data, for a procedure's own state.
type State struct {
	Documents  []Document  `json:"documents,omitempty"`
	Hash       string      `json:"hash,omitempty"` // of Documents; "" until they are drawn
	Parties    []Party     `json:"parties,omitempty"`
	Signatures []Signature `json:"signatures,omitempty"`
	Void       []Signature `json:"void,omitempty"`  // given on documents that were changed since
	DueAt      time.Time   `json:"due_at,omitzero"` // after that nobody signs; zero = no deadline yet
}

// Lay puts documents on the table for the parties to sign. The same documents
// and parties again change nothing; anything else voids what was signed and
// waits for a new deadline.
func (s *State) Lay(documents []Document, parties []Party) {
	hash := SetHash(documents)
	if s.Hash == hash && slices.EqualFunc(s.Parties, parties, Party.equal) {
		return
	}
	s.Void = append(s.Void, s.Signatures...)
	s.Documents, s.Hash, s.Parties, s.Signatures, s.DueAt = documents, hash, parties, nil, time.Time{}
}

func (p Party) equal(other Party) bool {
	return p.Seat == other.Seat && p.Name == other.Name && p.Capacity == other.Capacity && p.Role == other.Role &&
		p.Scope == other.Scope && slices.Equal(p.People, other.People)
}

// Replace names other people who may sign for a party that has not signed yet.
// What the documents say, and what others have signed, stands.
func (s *State) Replace(seat string, people []Signatory) {
	if party := s.party(seat); party != nil && s.of(seat) == nil {
		party.People = people
	}
}

// Persons are the signatories by id.
func Persons(people []Signatory) []string {
	persons := make([]string, len(people))
	for i := range people {
		persons[i] = people[i].Person
	}
	return persons
}

// Tasks are what the parties are asked for: one each, on the hash of the set.
// The actions come beside signing, such as approval.Reject for refusing to.
func (s *State) Tasks(days int, excluded []string, actions ...approval.Action) []approval.Task {
	var tasks []approval.Task
	for _, party := range s.Parties {
		task := approval.Task{
			Seat: party.Seat, Kind: approval.Decision, Role: party.Role, Scope: party.Scope, Excluded: excluded, Days: days,
			Actions: append([]approval.Action{approval.Sign}, actions...), ContentHash: s.Hash,
		}
		for _, person := range party.People {
			task.Persons = append(task.Persons, person.Person)
		}
		tasks = append(tasks, task)
	}
	return tasks
}

// Check refuses to take an act of signing for a seat. The desk has checked the
// task; this holds whatever the task said. Signing carries no details.
func (s *State) Check(seat string, act approval.Act, now time.Time) error {
	party := s.party(seat)
	switch {
	case s.Hash == "" || party == nil:
		return approval.Errorf(approval.Conflict, "没有待签署的协议。", "There is no agreement to be signed here.")
	case s.of(seat) != nil:
		return approval.Errorf(approval.AlreadyActed, "此方已签署，不能重复签署。", "This party has signed already; nobody signs twice.")
	case act.ContentHash != s.Hash:
		return approval.Errorf(approval.StaleContent, "协议内容已变更，请重新阅读后签署。", "The agreement has changed; read it again before signing.").At("content_hash")
	case s.Expired(now):
		return approval.Errorf(approval.TaskClosed, "签署期限已过。", "The deadline for signing has passed.")
	case act.Reauthenticated != approval.ByPassword && act.Reauthenticated != approval.ByTOTP:
		return approval.NotReauthenticated()
	}
	if len(act.Form.Details) > 0 {
		return approval.Errorf(approval.Invalid, "签署不附其他内容。", "Signing carries nothing else.").At("form/details")
	}
	for _, signed := range s.Signatures {
		if signed.involves(act.Person.ID) || signed.involves(act.Person.For) {
			return approval.Errorf(approval.SamePerson, "一人不能代表两方签署。", "One person cannot sign for two parties.")
		}
	}
	return nil
}

// involves: the person signed or was signed for.
func (s Signature) involves(person string) bool {
	return person != "" && (s.Person == person || s.For == person)
}

// Sign takes a checked act of signing.
func (s *State) Sign(act approval.Accepted) Signature {
	signed := Signature{
		Seat: act.Seat, Person: act.Person, For: act.For, Capacity: s.party(act.Seat).capacity(act), ActID: act.ID,
		Hash: act.ContentHash, At: act.At, Reauthenticated: act.Reauthenticated,
	}
	s.Signatures = append(s.Signatures, signed)
	return signed
}

func (p Party) capacity(act approval.Accepted) string {
	for _, named := range p.People {
		if named.Person == act.Person || named.Person == act.For {
			return named.Capacity
		}
	}
	return p.Capacity
}

// Complete reports whether every party has signed the set on the table.
func (s *State) Complete() bool { return s.Hash != "" && len(s.Missing()) == 0 }

// Expired reports whether the deadline passed before every party had signed.
func (s *State) Expired(now time.Time) bool {
	return !s.DueAt.IsZero() && !now.Before(s.DueAt) && !s.Complete()
}

// Missing are the parties that have not signed yet.
func (s *State) Missing() []Party {
	return slices.DeleteFunc(slices.Clone(s.Parties), func(p Party) bool { return s.of(p.Seat) != nil })
}

// Orders are the seals a signature asks for: one on each document.
func (s *State) Orders(caseID string, signed Signature) []SealOrder {
	orders := make([]SealOrder, len(s.Documents))
	for i, document := range s.Documents {
		orders[i] = SealOrder{CaseID: caseID, Document: document, Parties: s.Parties, Signature: signed}
	}
	return orders
}

func (s *State) party(seat string) *Party {
	for i := range s.Parties {
		if s.Parties[i].Seat == seat {
			return &s.Parties[i]
		}
	}
	return nil
}

func (s *State) of(seat string) *Signature {
	for i := range s.Signatures {
		if s.Signatures[i].Seat == seat {
			return &s.Signatures[i]
		}
	}
	return nil
}
