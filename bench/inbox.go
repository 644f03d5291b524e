package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// crowd is the prefix of cases that exist for their tasks' sake only.
const crowd = "c_benchcrowd"

// FillInboxes writes so many open tasks into the copy, as the database's
// administrator: half wait for a committee member, half for the charity's
// officers. Only the copy holds these cases; EmptyInboxes removes them again.
func FillInboxes(ctx context.Context, administrator string, p *People, tasks int) error {
	return administer(ctx, administrator, func(conn *pgx.Conn) error {
		for i, t := range p.towns {
			share := tasks / 2 / len(p.towns) // cases of this town, two tasks each
			if i == 0 {
				share += tasks/2 - share*len(p.towns)
			}
			var members []string
			for _, member := range t.members {
				members = append(members, member.id)
			}
			for _, statement := range crowdOf {
				if _, err := conn.Exec(ctx, statement, pgx.NamedArgs{
					"prefix": fmt.Sprintf("%s%d", crowd, i), "count": share, "scope": string(t.scope), "proposer": t.handler.id, "members": members,
				}); err != nil {
					return err
				}
			}
		}
		_, err := conn.Exec(ctx, "ANALYZE cases, tasks, inbox")
		return err
	})
}

var crowdOf = []string{
	`INSERT INTO cases (id, procedure, scope, title, amount, stage, stage_name_zh, stage_name_en, next_zh, next_en, status, reason,
	     proposer, content_hash, rule_id, rule_version, rule_hash, sealed, opened_at, seq, updated_at)
	 SELECT @prefix || '_' || n, 'funduse', @scope, '测速（示例） ' || n, 100, 'committee', '委员会评审', 'committee review', '', '', 'running', '',
	     @proposer, repeat('0', 64), 'bench', 1, repeat('0', 64), false, now() - n * interval '1 second', 1, now()
	 FROM generate_series(1, @count::integer) AS n`,
	`INSERT INTO tasks (id, case_id, stage, round, seat, kind, persons, role, scope, excluded, actions, content_hash, parent, days,
	     opened_at, remind_at, due_at, reminded, escalated, status, closed_by, closed_as)
	 SELECT @prefix || '_' || n || '.' || k.stage || '.1.' || k.seat, @prefix || '_' || n, k.stage, 1, k.seat, k.kind, k.persons, k.role,
	     k.scope, k.excluded, k.actions, repeat('0', 64), '', 10, now(), NULL, now() + n * interval '1 minute', false, false, 'open', '', ''
	 FROM generate_series(1, @count::integer) AS n
	 CROSS JOIN LATERAL (VALUES
	     ('committee', 'seat', 'vote', ARRAY[(@members::text[])[1 + n % cardinality(@members::text[])]], '', @scope, '{}'::text[], '{approve,reject,abstain,recuse}'::text[]),
	     ('charity', 'officer-1', 'decision', '{}'::text[], 'charity_officer', split_part(@scope, '/', 1), ARRAY[@proposer::text], '{approve,reject,return}'::text[])
	 ) AS k (stage, seat, kind, persons, role, scope, excluded, actions)`,
	`INSERT INTO inbox (seat, due_at, task_id)
	 SELECT CASE WHEN role = '' THEN 'person:' || persons[1] ELSE role || '@' || scope END, due_at, id
	 FROM tasks WHERE starts_with(case_id, @prefix || '_')`,
}

// EmptyInboxes removes what FillInboxes wrote.
func EmptyInboxes(ctx context.Context, administrator string) error {
	return administer(ctx, administrator, func(conn *pgx.Conn) error {
		for _, table := range []string{"tasks", "cases"} {
			column := map[string]string{"tasks": "case_id", "cases": "id"}[table]
			if _, err := conn.Exec(ctx, "DELETE FROM "+table+" WHERE starts_with("+column+", $1)", crowd); err != nil {
				return err
			}
		}
		return nil
	})
}

// Inbox reads first pages of the inbox of an officer, for whom half of all
// tasks wait, and of a committee member in turn. Between two rounds a reader
// pauses, for no person reads more often than the API admits, and no two pause
// alike: people do not all press a key at the same moment.
func Inbox(ctx context.Context, p *People, clients int, length time.Duration) (Sample, error) {
	readers := []*person{p.charity[0], p.towns[0].members[0], p.charity[1], p.towns[len(p.towns)-1].members[1]}
	return load(ctx, clients, length, func(ctx context.Context, w *watch) error {
		if err := sleep(ctx, rand.N(time.Duration(clients)*40*time.Millisecond)); err != nil {
			return err
		}
		for _, reader := range readers {
			err := w.time(func() error {
				var page struct {
					Items []struct {
						ID string `json:"id"`
					} `json:"items"`
				}
				if err := reader.Read(ctx, "/v1/tasks?limit=20", &page); err != nil {
					return err
				}
				if len(page.Items) != 20 {
					return fmt.Errorf("the inbox shows %d tasks, want 20", len(page.Items))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func administer(ctx context.Context, address string, do func(conn *pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}
