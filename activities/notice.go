package activities

import (
	"context"
	"time"

	"linli/approval"
	"linli/internal/crashpoint"
)

// Published is when a notice really went up and when its clock runs out.
type Published struct {
	PublishedAt time.Time `json:"published_at"`
	EndsAt      time.Time `json:"ends_at"`
}

// Publish puts a notice up for the public. A repetition answers with the
// first publication.
func (a *Activities) Publish(ctx context.Context, notice approval.Notice) (Published, error) {
	crashpoint.Here("publish.before")
	published, err := a.Board.Publish(ctx, notice)
	crashpoint.Here("publish.after")
	if err != nil {
		return Published{}, err
	}
	return Published{PublishedAt: published.PublishedAt, EndsAt: published.EndsAt}, nil
}

// AddNote adds a visible note beside a notice.
func (a *Activities) AddNote(ctx context.Context, note approval.NoticeNote) error {
	return a.Board.AddNote(ctx, note)
}

// AnswerObjection makes the answer to an objection public.
func (a *Activities) AnswerObjection(ctx context.Context, answer approval.Objection) error {
	return a.Board.AnswerObjection(ctx, answer)
}
