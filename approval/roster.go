package approval

import (
	"slices"
	"strings"
)

// Member is one person on the roster of a committee, frozen when the review
// opens. Only RecuseMember and CallReserve change a roster, and both return a copy.
type Member struct {
	ID         string `json:"id"`
	Seats      []Seat `json:"seats,omitempty"`
	Reserve    bool   `json:"reserve,omitempty"`    // votes only once called in
	CalledFor  string `json:"called_for,omitempty"` // the member whose place this reserve took
	Recused    bool   `json:"recused,omitempty"`    // stepped aside
	Interested bool   `json:"interested,omitempty"` // found to have an interest when the roster was made
	Reason     string `json:"reason,omitempty"`     // why recused or interested
}

// Eligible reports whether the member's ballot counts: a regular member or a
// called-in reserve, neither recused nor interested (I4).
func (m Member) Eligible() bool {
	return (!m.Reserve || m.CalledFor != "") && !m.out()
}

func (m Member) out() bool { return m.Recused || m.Interested }

func (m Member) holds(seat Seat) bool { return slices.Contains(m.Seats, seat) }

// ValidateRoster refuses more than MaxRoster people, unnamed or repeated
// people, and a reserve called in for nobody who is out: nobody can be added
// to a committee by marking them as called in.
func ValidateRoster(roster []Member) error {
	if len(roster) > MaxRoster {
		return Errorf(Invalid, "委员名单最多 %d 人。", "A roster holds at most %d people.", MaxRoster).At("roster")
	}
	byID := make(map[string]Member, len(roster))
	for _, member := range roster {
		if _, twice := byID[member.ID]; twice || member.ID == "" {
			return Errorf(Invalid, "委员名单中“%s”为空或重复。",
				"The roster names %q twice or leaves it empty.", member.ID).At("roster")
		}
		byID[member.ID] = member
	}
	return validateCalls(roster, byID)
}

func validateCalls(roster []Member, byID map[string]Member) error {
	replaced := map[string]bool{}
	for _, member := range roster {
		if member.CalledFor == "" {
			continue
		}
		absent, known := byID[member.CalledFor]
		if !member.Reserve || !known || !absent.out() || absent.uncalled() || replaced[absent.ID] {
			return Errorf(Invalid, "“%s”不能递补“%s”：只有候补委员可以递补一名已回避且尚未被递补的委员。",
				"%q cannot stand in for %q: only a reserve takes the place of one recused member not yet replaced.",
				member.ID, member.CalledFor).At("roster")
		}
		replaced[absent.ID] = true
	}
	return nil
}

func (m Member) uncalled() bool { return m.Reserve && m.CalledFor == "" }

// RecuseMember returns the roster with one member stepping aside for a reason. A
// ballot that member has cast stops counting.
func RecuseMember(roster []Member, id, reason string) ([]Member, error) {
	at := slices.IndexFunc(roster, func(m Member) bool { return m.ID == id })
	switch {
	case at < 0:
		return nil, Errorf(NotFound, "委员名单中没有“%s”。", "The roster does not name %q.", id)
	case strings.TrimSpace(reason) == "":
		return nil, Errorf(CommentRequired, "回避须说明理由。", "Recusal needs a reason.").At("reason")
	case roster[at].out():
		return nil, Errorf(Conflict, "“%s”已经回避。", "%q is already recused.", id)
	}
	changed := slices.Clone(roster)
	changed[at].Recused, changed[at].Reason = true, reason
	return changed, nil
}

// CallReserve returns the roster with one reserve called in for the first
// member who is out and not yet replaced, and that reserve's id; the id is ""
// when nobody needs or can be called. Call it until it returns "".
//
// Reserves come in roster order, except that one who holds a seat nobody
// eligible holds any more is preferred, so a required seat survives a recusal.
func CallReserve(roster []Member) ([]Member, string) {
	absent := slices.IndexFunc(roster, func(m Member) bool { return needsReplacing(m, roster) })
	if absent < 0 {
		return roster, ""
	}
	orphaned := orphanedSeats(roster[absent], roster)
	next, most := -1, -1
	for i, member := range roster {
		if !member.uncalled() || member.out() {
			continue
		}
		if shared := sharedSeats(member, orphaned); shared > most {
			next, most = i, shared
		}
	}
	if next < 0 {
		return roster, ""
	}
	changed := slices.Clone(roster)
	changed[next].CalledFor = roster[absent].ID
	return changed, changed[next].ID
}

func needsReplacing(member Member, roster []Member) bool {
	if !member.out() || member.uncalled() {
		return false
	}
	return !slices.ContainsFunc(roster, func(m Member) bool { return m.CalledFor == member.ID })
}

func orphanedSeats(absent Member, roster []Member) []Seat {
	var orphaned []Seat
	for _, seat := range absent.Seats {
		held := slices.ContainsFunc(roster, func(m Member) bool { return m.Eligible() && m.holds(seat) })
		if !held {
			orphaned = append(orphaned, seat)
		}
	}
	return orphaned
}

func sharedSeats(member Member, seats []Seat) int {
	shared := 0
	for _, seat := range seats {
		if member.holds(seat) {
			shared++
		}
	}
	return shared
}
