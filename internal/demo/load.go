package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"linli/approval"
	"linli/examples"
	"linli/rules"
)

// Password is that of every person of the demonstration. It is public: never
// load the demonstration into a system that people work with.
const Password = "Linli-demo-2026"

// Options say where to load and who opens the accounts.
type Options struct {
	URL           string
	AdminPassword string
	GroundOnly    bool         // people, rules and funds without a case
	Marker        string       // file beside the data that names the version loaded; "" remembers nothing
	Log           func(string) // progress, for a person
}

// Report tells what there is to try.
type Report struct {
	People   int
	Cases    int
	Logins   []string
	Requests []string
}

type loader struct {
	Options
	data      Data
	admin     *Client
	mu        sync.Mutex
	sessions  map[string]*Client
	people    map[string]string // username -> person id
	funds     map[string]string
	earmarks  map[string]string
	payees    map[string]string
	spaces    map[string]string
	operators map[string]operatorEntry
}

const (
	cases    = "事项 / cases"
	register = "运营主体与阵地 / operators and spaces"
)

// Load plays the demonstration into a running system; in one that has it,
// nothing changes. One that holds another version is refused with KeyReused
// and goes on with what it has.
func Load(ctx context.Context, options Options) (Report, error) {
	data, err := Read()
	if err != nil {
		return Report{}, err
	}
	l := &loader{
		Options: options, data: data, sessions: map[string]*Client{}, people: map[string]string{},
		funds: map[string]string{}, earmarks: map[string]string{}, payees: map[string]string{},
		spaces: map[string]string{}, operators: map[string]operatorEntry{},
	}
	if l.admin, err = l.firstLogin(ctx); err != nil {
		return Report{}, err
	}
	if err := l.claim(ctx); err != nil {
		return Report{}, err
	}
	for _, part := range []struct {
		name string
		load func(context.Context) error
	}{
		{"工作日 / working days", l.loadCalendars},
		{"区划 / divisions", l.loadDivisions},
		{"人员 / people", l.loadPeople},
		{"规则 / rule sets", l.loadRules},
		{"基金 / funds", l.loadFunds},
		{register, l.loadRegister},
		{cases, l.loadCases},
	} {
		if options.GroundOnly && (part.name == cases || part.name == register) {
			continue
		}
		started := time.Now()
		if err := part.load(ctx); approval.CodeOf(err) == approval.KeyReused {
			return Report{}, fmt.Errorf("%s: %w", part.name, errors.Join(otherVersion(), err))
		} else if err != nil {
			return Report{}, fmt.Errorf("%s: %w", part.name, err)
		}
		l.Log(fmt.Sprintf("  演示数据 / demonstration: %s  %.1fs", part.name, time.Since(started).Seconds()))
	}
	return l.report(), nil
}

// firstLogin waits for the API to come up.
func (l *loader) firstLogin(ctx context.Context) (*Client, error) {
	deadline := time.Now().Add(time.Minute)
	for {
		c, err := Login(ctx, l.URL, examples.AdminUsername, l.AdminPassword)
		if err == nil || approval.CodeOf(err) != "" || time.Now().After(deadline) {
			return c, err
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(100 * time.Millisecond):
		return nil
	}
}

func (l *loader) as(ctx context.Context, username string) (*Client, error) {
	l.mu.Lock()
	c := l.sessions[username]
	l.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := Login(ctx, l.URL, username, Password)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions[username] = c
	return c, nil
}

func (l *loader) loadDivisions(ctx context.Context) error {
	for _, division := range l.data.Divisions {
		err := l.admin.Write(ctx, "POST", "/v1/scopes", "demo-scope-"+strings.ReplaceAll(string(division.Path), "/", "."),
			approval.Division{Path: division.Path, NameZH: division.ZH, NameEN: division.EN}, nil)
		if err != nil && approval.CodeOf(err) != approval.Conflict {
			return fmt.Errorf("%s: %w", division.Path, err)
		}
	}
	return nil
}

func (l *loader) loadPeople(ctx context.Context) error {
	for _, person := range l.data.People {
		wanted := approval.NewAccount{Username: person.Username, Name: person.Name, Scope: person.Scope, Password: Password}
		for _, grant := range person.Grants {
			wanted.Grants = append(wanted.Grants, approval.Grant(grant))
		}
		var account approval.Account
		if err := l.admin.Write(ctx, "POST", "/v1/accounts", "demo-account-"+person.Username, wanted, &account); err != nil {
			return fmt.Errorf("%s: %w", person.Username, err)
		}
		l.people[person.Username] = account.ID
	}
	return nil
}

// loadRules publishes the city's set and then the districts'.
func (l *loader) loadRules(ctx context.Context) error {
	files, err := rules.LoadFiles(examples.RuleSets)
	if err != nil {
		return err
	}
	for _, file := range files {
		keeper := "zb-rules"
		for _, person := range l.data.People {
			for _, grant := range person.Grants {
				if grant.Role == approval.RuleKeeper && grant.Scope == file.Set.Scope() {
					keeper = person.Username
				}
			}
		}
		c, err := l.as(ctx, keeper)
		if err != nil {
			return err
		}
		text := map[string]string{"source": string(file.Set.Text()), "tests": string(file.Tests)}
		if err := c.Write(ctx, "POST", "/v1/rules", "demo-rules-"+file.Set.Hash()[:16], text, nil); err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
	}
	return nil
}

func (l *loader) report() Report {
	report := Report{People: len(l.data.People), Cases: len(l.data.Cases) + len(l.data.Applications)}
	for _, person := range l.data.People {
		if !strings.HasPrefix(person.Username, "zd-") && !strings.HasPrefix(person.Username, "zb-") && !strings.HasPrefix(person.Username, "op-") {
			continue
		}
		report.Logins = append(report.Logins, fmt.Sprintf("%-14s %s", person.Username, person.Name))
	}
	page := `-H 'X-Linli-Page: curl'`
	report.Requests = []string{
		"试一试 / try:",
		fmt.Sprintf(`  curl -s %s/v1/public/notices`, l.URL),
		fmt.Sprintf(`  curl -s -c jar %s -H 'Content-Type: application/json' -d '{"username":"zd-m2","password":"%s"}' %s/v1/login`, page, Password, l.URL),
		fmt.Sprintf(`  curl -s -b jar %s/v1/tasks`, l.URL),
	}
	return report
}

var errNoTask = errors.New("the task did not open in time")
