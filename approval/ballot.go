package approval

import (
	"fmt"
	"time"
)

// Choice is what a ballot says.
type Choice string

// The choices. An abstention counts as being present, never as a vote.
const (
	For       Choice = "for"     // 赞成
	Against   Choice = "against" // 反对
	Abstained Choice = "abstain" // 弃权
)

// Seat is a capacity in which somebody sits on a committee: "chair",
// "resident", "donor", "party". The names belong to the district's rules.
type Seat = string

// Ballot is one member's choice in one round. Ballots carry their time and the
// id of the act for the record; neither influences the verdict.
type Ballot struct {
	Member string    `json:"member"`
	Choice Choice    `json:"choice"`
	CastAt time.Time `json:"cast_at"`
	Act    string    `json:"act"`
}

// Ratio is an exact share such as 2/3.
type Ratio struct {
	Num int64 `json:"num"`
	Den int64 `json:"den"`
}

// String renders the share as "2/3".
func (r Ratio) String() string { return fmt.Sprintf("%d/%d", r.Num, r.Den) }

// Validate refuses shares that are not above zero, are above one, or have a
// denominator over 1000 (which would let a product overflow on no real rule).
func (r Ratio) Validate(field string) error {
	if r.Den < 1 || r.Den > 1000 || r.Num < 1 || r.Num > r.Den {
		return Errorf(RuleInvalid, "比例 %s 应大于 0 且不超过 1，分母不超过 1000。",
			"The ratio %s must be above 0 and at most 1, with a denominator of at most 1000.", r).At(field)
	}
	return nil
}

// atLeast is the smallest whole number that is at least the share of n.
func (r Ratio) atLeast(n int) int { return int((r.Num*int64(n) + r.Den - 1) / r.Den) }

// moreThan is the smallest whole number above the share of n.
func (r Ratio) moreThan(n int) int { return int(r.Num*int64(n)/r.Den) + 1 }

// VoteBase names the people a share is taken of.
type VoteBase string

// The bases. A recused or interested member leaves OfEligible and stays in OfAll.
const (
	OfPresent  VoteBase = "present"  // those who cast a ballot, abstentions included; pass share only
	OfEligible VoteBase = "eligible" // those who may cast one
	OfAll      VoteBase = "all"      // every regular member; quorum only
)

// MaxRoster is the largest committee, reserves included. No committee comes
// near it; it bounds the exhaustive check of whether a vote is settled.
const MaxRoster = 99

const maxRequiredSeats = 8

// BallotRules is how a committee decides. All of it comes from the rule set
// pinned to the case.
type BallotRules struct {
	MinEligible   int      `json:"min_eligible"`             // fewer eligible members never pass anything (I10)
	Quorum        Ratio    `json:"quorum"`                   // at least this share must cast a ballot
	QuorumBase    VoteBase `json:"quorum_base"`              // OfEligible or OfAll
	Pass          Ratio    `json:"pass"`                     // share of for-votes that passes
	PassStrict    bool     `json:"pass_strict"`              // more than Pass instead of at least Pass
	PassBase      VoteBase `json:"pass_base"`                // OfPresent or OfEligible
	Reject        *Ratio   `json:"reject,omitempty"`         // against-votes of at least this share of the eligible reject, whatever Pass says
	RequiredSeats []Seat   `json:"required_seats,omitempty"` // each must be held by somebody who cast a ballot
	MinValid      int      `json:"min_valid"`                // least number of for and against ballots together
	Sealed        bool     `json:"sealed"`                   // the split is withheld while the vote is open
}

// CityFloor is the laxest rule the city admits (I12): three eligible members,
// half of them voting, and more than half of those present in favour. A
// district may be stricter, never laxer.
func CityFloor() BallotRules {
	return BallotRules{
		MinEligible: 3,
		Quorum:      Ratio{1, 2}, QuorumBase: OfEligible,
		Pass: Ratio{1, 2}, PassStrict: true, PassBase: OfPresent,
	}
}

// Validate refuses rules that are malformed, could never pass anything, or lie
// below CityFloor.
func (r BallotRules) Validate() error {
	for _, check := range []func() error{r.validateShares, r.validateFloor, r.validateSeats} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (r BallotRules) validateShares() error {
	if err := r.Quorum.Validate("quorum"); err != nil {
		return err
	}
	if err := r.Pass.Validate("pass"); err != nil {
		return err
	}
	if r.Reject != nil {
		if err := r.Reject.Validate("reject"); err != nil {
			return err
		}
	}
	if r.QuorumBase != OfEligible && r.QuorumBase != OfAll {
		return Errorf(RuleInvalid, "到会人数的计算基数“%s”应为 eligible 或 all。",
			"The quorum base %q must be eligible or all.", r.QuorumBase).At("quorum_base")
	}
	if r.PassBase != OfPresent && r.PassBase != OfEligible {
		return Errorf(RuleInvalid, "通过比例的计算基数“%s”应为 present 或 eligible。",
			"The pass base %q must be present or eligible.", r.PassBase).At("pass_base")
	}
	if r.PassStrict && r.Pass.Num == r.Pass.Den {
		return Errorf(RuleInvalid, "赞成票不可能超过全体，通过比例 %s 不能要求“超过”。",
			"Nothing can exceed the whole: a pass ratio of %s cannot be strict.", r.Pass).At("pass")
	}
	return nil
}

func (r BallotRules) validateFloor() error {
	floor := CityFloor()
	if r.MinEligible < floor.MinEligible || r.MinEligible > MaxRoster {
		return Errorf(RuleInvalid, "有表决资格的委员下限应在 %d 至 %d 人之间。",
			"The least number of eligible members must be %d to %d.", floor.MinEligible, MaxRoster).At("min_eligible")
	}
	if 2*r.Quorum.Num < r.Quorum.Den {
		return Errorf(RuleInvalid, "到会比例 %s 低于全市底线 %s。",
			"The quorum %s is below the city's floor of %s.", r.Quorum, floor.Quorum).At("quorum")
	}
	if 2*r.Pass.Num < r.Pass.Den || (2*r.Pass.Num == r.Pass.Den && !r.PassStrict) {
		return Errorf(RuleInvalid, "通过比例 %s 低于全市底线：赞成须超过半数。",
			"The pass ratio %s is below the city's floor: more than half must be in favour.", r.Pass).At("pass")
	}
	if r.MinValid < 0 || r.MinValid > MaxRoster {
		return Errorf(RuleInvalid, "有效票下限应在 0 至 %d 之间。",
			"The least number of valid ballots must be 0 to %d.", MaxRoster).At("min_valid")
	}
	return nil
}

func (r BallotRules) validateSeats() error {
	if len(r.RequiredSeats) > maxRequiredSeats {
		return Errorf(RuleInvalid, "必须到会的席位最多 %d 个。",
			"At most %d seats can be required.", maxRequiredSeats).At("required_seats")
	}
	seen := map[Seat]bool{}
	for _, seat := range r.RequiredSeats {
		if seat == "" || seen[seat] {
			return Errorf(RuleInvalid, "必须到会的席位“%s”为空或重复。",
				"The required seat %q is empty or named twice.", seat).At("required_seats")
		}
		seen[seat] = true
	}
	return nil
}

func (r BallotRules) quorumNeeded(eligible, all int) int {
	if r.QuorumBase == OfAll {
		return r.Quorum.atLeast(all)
	}
	return r.Quorum.atLeast(eligible)
}

func (r BallotRules) passNeeded(cast, eligible int) int {
	base := eligible
	if r.PassBase == OfPresent {
		base = cast
	}
	if r.PassStrict {
		return r.Pass.moreThan(base)
	}
	return r.Pass.atLeast(base)
}
