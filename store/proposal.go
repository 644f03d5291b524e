package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store/sqlgen"
)

// SaveProposal keeps a version of what a case decides on, before its workflow
// hears of it; the same content again changes nothing.
func (s *Store) SaveProposal(ctx context.Context, caseID string, scope approval.Scope, proposal funduse.Proposal, at time.Time) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertProposal(ctx, sqlgen.InsertProposalParams{
			CaseID: caseID, ContentHash: proposal.Hash(), Scope: string(scope), Proposal: approval.CanonicalJSON(proposal),
			SavedBy: personOf(ctx).ID, SavedAt: stored(at),
		})
	})
}

// Proposal reads one version of a case's proposal by its content hash; with
// hash "" the one the case decides on now. A stored version that no longer
// matches its hash is a fault.
func (s *Store) Proposal(ctx context.Context, caseID, hash string) (proposal funduse.Proposal, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := proposalRow(ctx, q, caseID, hash)
		if err != nil {
			return absent(err, "申请", "proposal")
		}
		if err := json.Unmarshal(row.Proposal, &proposal); err != nil {
			return fmt.Errorf("reading a proposal of case %s: %w", caseID, err)
		}
		if proposal.Hash() != row.ContentHash {
			return fmt.Errorf("the stored proposal %s of case %s does not match its hash", row.ContentHash, caseID)
		}
		return nil
	})
	if err != nil {
		return funduse.Proposal{}, err
	}
	return proposal, nil
}

func proposalRow(ctx context.Context, q *sqlgen.Queries, caseID, hash string) (sqlgen.CurrentProposalRow, error) {
	if hash == "" {
		return q.CurrentProposal(ctx, caseID)
	}
	row, err := q.Proposal(ctx, sqlgen.ProposalParams{CaseID: caseID, ContentHash: hash})
	return sqlgen.CurrentProposalRow(row), err
}
