package store

import (
	"context"
	"fmt"
	"time"

	"linli/approval"
	"linli/approval/funduse"
	"linli/store/sqlgen"
)

// SaveContent keeps a version of what a case of any procedure decides on,
// before its workflow hears of it; the same content again changes nothing.
func (s *Store) SaveContent(ctx context.Context, caseID string, scope approval.Scope, content approval.Content, at time.Time) error {
	return s.tx(ctx, func(q *sqlgen.Queries) error {
		return q.InsertProposal(ctx, sqlgen.InsertProposalParams{
			CaseID: caseID, ContentHash: content.Hash, Scope: string(scope), Proposal: content.JSON,
			SavedBy: personOf(ctx).ID, SavedAt: stored(at),
		})
	})
}

// Content reads one version of what a case decides on by its hash; with hash
// "" the one it decides on now.
func (s *Store) Content(ctx context.Context, caseID, hash string) (content approval.Content, err error) {
	err = s.tx(ctx, func(q *sqlgen.Queries) error {
		row, err := proposalRow(ctx, q, caseID, hash)
		content = approval.Content{Hash: row.ContentHash, JSON: row.Proposal}
		return absent(err, "申请", "proposal")
	})
	return content, err
}

// Proposal is Content of a fund-use case. A stored version that no longer
// matches its hash is a fault.
func (s *Store) Proposal(ctx context.Context, caseID, hash string) (funduse.Proposal, error) {
	content, err := s.Content(ctx, caseID, hash)
	if err != nil {
		return funduse.Proposal{}, err
	}
	var proposal funduse.Proposal
	if err := content.Read(&proposal); err != nil {
		return funduse.Proposal{}, fmt.Errorf("case %s: %w", caseID, err)
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
