package city

import (
	"context"
	"crypto/sha256"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"linli/approval"
	"linli/examples"
	"linli/internal/demo"
)

// people are the sessions of everybody who acts.
type people struct {
	url      string
	admin    string // the administrator's password; everybody else has the demonstration's
	mu       sync.Mutex
	sessions map[string]*session
}

type session struct {
	once   sync.Mutex
	client *demo.Client
}

// as is the person's session; logins are few a minute, so it may take a while.
func (p *people) as(ctx context.Context, username string) (*demo.Client, error) {
	p.mu.Lock()
	s := p.sessions[username]
	if s == nil {
		s = &session{}
		p.sessions[username] = s
	}
	p.mu.Unlock()
	s.once.Lock()
	defer s.once.Unlock()
	if s.client != nil {
		return s.client, nil
	}
	return s.client, patiently(ctx, func() error {
		client, err := p.login(ctx, username)
		s.client = client
		return err
	})
}

// login: where the system runs on this machine, every person sits at an address
// of its own, as people of many offices do.
func (p *people) login(ctx context.Context, username string) (*demo.Client, error) {
	if username == examples.AdminUsername {
		return demo.Login(ctx, p.url, username, p.admin)
	}
	at, err := url.Parse(p.url)
	if local := net.ParseIP(at.Hostname()); err == nil && local.IsLoopback() && local.To4() != nil {
		sum := sha256.Sum256([]byte(username))
		return demo.LoginFrom(ctx, net.IPv4(127, 1+sum[0]%250, 1+sum[1]%250, 1+sum[2]%250), p.url, username, demo.Password)
	}
	return demo.Login(ctx, p.url, username, demo.Password)
}

const (
	breath = time.Second
	tries  = 120
)

// patiently asks again where the system is busy or did not answer: every write
// has its key, so that nothing happens twice.
func patiently(ctx context.Context, ask func() error) (err error) {
	for range tries {
		if err = ask(); err == nil || final(err) {
			return err
		}
		if err := rest(ctx, breath); err != nil {
			return err
		}
	}
	return err
}

// final is a refusal that will be the same however often one asks.
func final(err error) bool {
	switch refused := approval.Refusal(err); {
	case refused == nil:
		return false // the answer did not arrive
	case refused.Code == approval.RateLimited, refused.Code == approval.Unavailable:
		return false
	case refused.Code == approval.Conflict && refused.Field == "Idempotency-Key":
		return false // still being worked on
	}
	return true
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// call is a request of a person; a session that has run out is begun anew.
func (r *run) call(ctx context.Context, username string, ask func(*demo.Client) error) error {
	return patiently(ctx, func() error {
		client, err := r.as(ctx, username)
		if err != nil {
			return err
		}
		if err = ask(client); approval.CodeOf(err) == approval.Unauthenticated {
			r.forget(username)
			return errPending
		}
		return err
	})
}

func (p *people) forget(username string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, username)
}

// write is one keyed write of a person, its answer read into out.
func (r *run) write(ctx context.Context, username, method, path, key string, in, out any) error {
	return r.call(ctx, username, func(client *demo.Client) error {
		status, err := client.Send(ctx, method, path, r.tag+key, in, out)
		if err == nil && status == http.StatusAccepted {
			return errPending
		}
		return err
	})
}

func (r *run) read(ctx context.Context, username, path string, out any) error {
	return r.call(ctx, username, func(client *demo.Client) error { return client.Read(ctx, path, out) })
}

func (r *run) upload(ctx context.Context, username string, scope approval.Scope, key, text string) (id string, err error) {
	err = r.call(ctx, username, func(client *demo.Client) error {
		id, err = client.Upload(ctx, scope, r.tag+key, text)
		return err
	})
	return id, err
}

// keep and id remember the ids of people.
func (r *run) keep(username, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids[username] = id
}

func (r *run) id(username string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids[username]
}
