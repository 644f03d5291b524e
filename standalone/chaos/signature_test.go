package chaos_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"linli/approval"
	"linli/approval/onboarding"
	"linli/workflows"
)

// document is one agreement that was drawn, by the database.
type document struct{ CaseID, SHA256, SetHash string }

// seal is one seal on one party's signature, by the database.
type seal struct{ CaseID, SHA256, Seat, ActID, Statement, Algorithm, KeyID, Value string }

// signatures: every party signed the one set of documents that was drawn, bytes
// included, and every seal is on a signature somebody gave.
func (g *game) signatures(ctx context.Context, cases map[string]told) []string {
	documents, err := query[document](ctx, g.s, `SELECT case_id, sha256, set_hash FROM contracts ORDER BY case_id, set_hash, place`)
	if err != nil {
		return []string{"reading agreements: " + err.Error()}
	}
	seals, err := query[seal](ctx, g.s, `SELECT case_id, sha256, seat, act_id, statement, algorithm, key_id, value FROM contract_seals ORDER BY case_id, sha256, seat`)
	if err != nil {
		return []string{"reading seals: " + err.Error()}
	}
	keys, err := g.s.keys(ctx)
	if err != nil {
		return []string{"reading keys: " + err.Error()}
	}
	return slices.Concat(drawn(documents, cases), g.s.unaltered(documents), signed(documents, seals, cases), sealed(seals, keys))
}

// keys are the public keys seals were made with, by id.
func (s *system) keys(ctx context.Context) (map[string]ed25519.PublicKey, error) {
	rows, err := query[struct{ ID, Public string }](ctx, s, `SELECT id, public FROM signature_keys`)
	keys := map[string]ed25519.PublicKey{}
	for _, row := range rows {
		block, _ := pem.Decode([]byte(row.Public))
		if block == nil {
			return nil, fmt.Errorf("key %s is no PEM", row.ID)
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		public, ok := key.(ed25519.PublicKey)
		if err != nil || !ok {
			return nil, fmt.Errorf("key %s is %T, %w", row.ID, key, err)
		}
		keys[row.ID] = public
	}
	return keys, err
}

// drawn: the documents of a case are what was drawn in its history, each set
// whole.
func drawn(documents []document, cases map[string]told) (problems []string) {
	kept := map[string]map[string][]string{} // case, set, sums in order
	for _, d := range documents {
		if kept[d.CaseID] == nil {
			kept[d.CaseID] = map[string][]string{}
		}
		kept[d.CaseID][d.SetHash] = append(kept[d.CaseID][d.SetHash], d.SHA256)
	}
	for caseID, h := range cases {
		drawings := [][]string{}
		for _, e := range h.of("DrawContract") {
			var set []struct{ SHA256 string }
			if err := json.Unmarshal(e.result, &set); e.done && err != nil {
				problems = append(problems, err.Error())
			}
			var sums []string
			for _, each := range set {
				sums = append(sums, each.SHA256)
			}
			if e.done && !slices.ContainsFunc(drawings, func(known []string) bool { return slices.Equal(known, sums) }) {
				drawings = append(drawings, sums)
			}
		}
		for set, sums := range kept[caseID] {
			if !slices.ContainsFunc(drawings, func(known []string) bool { return slices.Equal(known, sums) }) {
				problems = append(problems, fmt.Sprintf("%s has the agreements %v under %s, drawn were %v", caseID, sums, set, drawings))
			}
		}
		if len(kept[caseID]) != len(drawings) {
			problems = append(problems, fmt.Sprintf("%s has %d sets of agreements, drawn were %d", caseID, len(kept[caseID]), len(drawings)))
		}
		delete(kept, caseID)
	}
	for caseID := range kept {
		problems = append(problems, "agreements belong to no case: "+caseID)
	}
	return problems
}

// unaltered: the bytes on disk are those every hash is about.
func (s *system) unaltered(documents []document) (problems []string) {
	for _, d := range documents {
		bytes, err := os.ReadFile(filepath.Join(s.dir, "blobs", "contracts", d.SHA256+".pdf"))
		if sum := sha256.Sum256(bytes); err != nil || hex.EncodeToString(sum[:]) != d.SHA256 {
			problems = append(problems, fmt.Sprintf("agreement %s of %s: the bytes have the sum %x, %v", d.SHA256, d.CaseID, sum, err))
		}
	}
	return problems
}

// signed: one signature per party, each by somebody else, all on one hash; for
// each of them a seal on every document of the set, and none besides.
func signed(documents []document, seals []seal, cases map[string]told) (problems []string) {
	sealsOf := map[string]int{} // by case, document, seat and act
	for _, s := range seals {
		sealsOf[s.CaseID+" "+s.SHA256+" "+s.Seat+" "+s.ActID]++
	}
	for caseID, h := range cases {
		rounds := map[int]map[string]approval.Act{}
		for _, o := range h.acts {
			at := placeOf(o.act)
			if o.receipt == nil || o.act.Action != approval.Sign {
				continue
			}
			if rounds[at.round] == nil {
				rounds[at.round] = map[string]approval.Act{}
			}
			if _, twice := rounds[at.round][at.seat]; twice || o.act.Reauthenticated == "" {
				problems = append(problems, fmt.Sprintf("%s: %s was signed for twice, or without proof", caseID, o.act.TaskID))
			}
			rounds[at.round][at.seat] = o.act
			for _, d := range documents {
				if d.CaseID != caseID || d.SetHash != o.act.ContentHash {
					continue
				}
				found := caseID + " " + d.SHA256 + " " + at.seat + " " + o.act.ID
				if sealsOf[found] != 1 {
					problems = append(problems, fmt.Sprintf("%s has %d seals on act %s under %s", caseID, sealsOf[found], o.act.ID, d.SHA256))
				}
				delete(sealsOf, found)
			}
		}
		problems = append(problems, together(caseID, h, rounds, documents)...)
	}
	for found := range sealsOf {
		problems = append(problems, "a seal belongs to no signature on its document: "+found)
	}
	return problems
}

// together: the parties of a round signed the same, and whoever was admitted was
// signed for by all.
func together(caseID string, h told, rounds map[int]map[string]approval.Act, documents []document) (problems []string) {
	whole := false
	for round, acts := range rounds {
		var people, hashes []string
		for _, act := range acts {
			people, hashes = append(people, act.Person.ID), append(hashes, act.ContentHash)
		}
		slices.Sort(people)
		slices.Sort(hashes)
		if len(slices.Compact(people)) != len(acts) || len(slices.Compact(hashes)) != 1 {
			problems = append(problems, fmt.Sprintf("%s, round %d: %v signed %v", caseID, round, people, hashes))
		}
		if !slices.ContainsFunc(documents, func(d document) bool { return d.CaseID == caseID && d.SetHash == hashes[0] }) {
			problems = append(problems, fmt.Sprintf("%s, round %d: what was signed, %s, was never drawn", caseID, round, hashes[0]))
		}
		_, operator := acts["operator"]
		_, community := acts["community"]
		_, subdistrict := acts["subdistrict"]
		whole = whole || operator && community && subdistrict
	}
	admitted := h.procedure == workflows.NameOnboarding && h.closed && h.result.Status == approval.Completed
	if wanted, err := h.application(); admitted && !whole && (err != nil || wanted.Takeover == nil) {
		problems = append(problems, caseID+" was handed over without all three signatures")
	}
	return problems
}

// sealed: a seal says what its row says, and the key made it.
func sealed(seals []seal, keys map[string]ed25519.PublicKey) (problems []string) {
	for _, s := range seals {
		var said struct {
			CaseID   string                  `json:"case_id"`
			Document struct{ SHA256 string } `json:"document"`
			Seat     string                  `json:"seat"`
			ActID    string                  `json:"act_id"`
		}
		err := json.Unmarshal([]byte(s.Statement), &said)
		if err != nil || said.CaseID != s.CaseID || said.Document.SHA256 != s.SHA256 || said.Seat != s.Seat || said.ActID != s.ActID {
			problems = append(problems, fmt.Sprintf("the seal %s of %s says %s", s.Seat, s.CaseID, s.Statement))
		}
		value, err := base64.StdEncoding.DecodeString(s.Value)
		if key := keys[s.KeyID]; err != nil || len(key) == 0 || !ed25519.Verify(key, []byte(s.Statement), value) {
			problems = append(problems, fmt.Sprintf("the seal %s of %s does not verify, %v", s.Seat, s.CaseID, err))
		}
	}
	return problems
}

// apart: whoever applies decides nothing, nobody decides at two desks of a round
// or scores what he has reviewed, and one person never speaks for both sides of a
// handover (I5, I7).
func apart(h told) (problems []string) {
	if h.procedure != workflows.NameOnboarding {
		return nil
	}
	var start struct{ Applicant string }
	if err := json.Unmarshal(h.input, &start); err != nil {
		return []string{err.Error()}
	}
	did := map[string]map[string]bool{} // by what, the seats of each person
	for _, o := range h.acts {
		at := placeOf(o.act)
		if o.receipt == nil {
			continue
		}
		what := ""
		switch {
		case at.stage == onboarding.DeskReview && o.act.Action == approval.Approve:
			what = fmt.Sprint("desk", at.round)
		case at.stage == onboarding.Scoring && o.act.Action == approval.Submit:
			what = fmt.Sprint("scores", at.round)
		case at.stage == onboarding.Handover && o.act.Action == approval.Confirm:
			what = "handover"
		default:
			continue
		}
		if o.act.Person.ID == start.Applicant && what != "handover" {
			problems = append(problems, "the applicant decided "+o.act.TaskID)
		}
		key := what + " by " + o.act.Person.ID
		if did[key] == nil {
			did[key] = map[string]bool{}
		}
		did[key][at.seat] = true
	}
	for what, seats := range did {
		if len(seats) > 1 {
			problems = append(problems, fmt.Sprintf("%s at %d seats", what, len(seats)))
		}
	}
	return problems
}
