package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// NewPlain is the line of one plain transaction per act.
func NewPlain(rows *pgxpool.Pool, key, name string, acts int) *Line {
	var opened atomic.Int64
	run := time.Now().UnixNano()
	open := func(ctx context.Context) (Case, error) {
		c := &plainCase{rows: rows, id: fmt.Sprintf("bench-%s-%d-%d", key, run, opened.Add(1)), acts: acts}
		return c, c.commit(ctx, "opened")
	}
	return &Line{Key: key, Name: name, Open: open, OpenWhole: open}
}

type plainCase struct {
	rows  *pgxpool.Pool
	id    string
	acts  int
	taken int
}

func (p *plainCase) ID() string                  { return p.id }
func (p *plainCase) Left() int                   { return p.acts - p.taken }
func (p *plainCase) Ready(context.Context) error { return nil }

func (p *plainCase) Act(ctx context.Context) error {
	p.taken++
	return p.commit(ctx, fmt.Sprint(p.taken))
}

func (p *plainCase) commit(ctx context.Context, what string) error {
	return pgx.BeginFunc(ctx, p.rows, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, insertRow, p.id+"/"+what, "同意（示例）", time.Now())
		return err
	})
}
