// Package config is what an operator may set: one struct, read from the
// environment, checked as a whole so that every problem is reported at once.
//
// A process is asked only for what it needs: the part it plays decides what is
// required, so that a worker need not hold the key that signs acts. A secret
// can be given as a file, NAME_FILE instead of NAME; keys only so. Nothing here
// ever repeats a secret in an error. The package imports the standard library
// only.
package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Part is a process of a deployment; several can be joined with |.
type Part uint8

// The parts that read settings. Zero needs nothing.
const (
	Serve Part = 1 << iota
	Worker
	Migrate
	Admin
)

// String names the parts as the commands that play them.
func (p Part) String() string {
	var names []string
	for i, name := range []string{"serve", "worker", "migrate", "admin"} {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Config is one deployment's settings.
type Config struct {
	Listen            string // host:port of the API and the public pages
	WorkerListen      string // host:port on which a worker tells its health; empty = nowhere
	MetricsListen     string // host:port for Prometheus; empty = nowhere
	TraceCollector    string // OTLP over HTTP; empty = no traces
	PublicURL         string // as people type it
	TrustedProxies    []netip.Prefix
	OwnerDatabaseURL  string            // migrate only
	APIDatabaseURL    string            // role linli_api
	WorkerDatabaseURL string            // role linli_worker
	TemporalAddress   string            // empty: as TemporalSettings say
	TemporalNamespace string            // empty: as TemporalSettings say
	TemporalSettings  map[string]string // the SDK's own variables, by name; nil keeps its files and profiles out
	BlobURL           string            // a folder: file:///var/lib/linli/blobs
	SigningKeyFile    string            // Ed25519 private key, PEM: signs acts; a worker does without
	VerifyKeysFile    string            // public keys acts were ever signed with, PEM
	SealKeyFile       string            // 32 bytes, hex: seals payees' account numbers
	Gateway           string            // manual or http
	BankURL           string
	BankSecretFile    string
	ContractAlgorithm string        // how signatures under agreements are sealed: Ed25519 or SM2
	ContractKeyFile   string        // the private key that seals them, PEM: a worker's
	CharityAccount    string        // the account the charity pays from
	DayLength         time.Duration // training only: how long a "day" of a deadline lasts; 0 = real days
	FontFiles         string        // of posters, comma-separated
	LogLevel          string
}

// Load reads the settings of a part through lookup (os.LookupEnv) and reports
// every problem at once.
func Load(lookup func(string) (string, bool), part Part) (Config, error) {
	c := Config{TemporalSettings: map[string]string{}}
	var problems []error
	for _, variable := range Variables {
		value, err := variable.read(lookup)
		if err == nil && value == "" && variable.Required&part != 0 {
			err = errors.New("必须设置 / required: " + variable.Meaning)
		}
		if err == nil {
			err = variable.set(&c, value)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", variable.Name, err))
		}
	}
	problems = append(problems, c.Validate(part))
	return c, errors.Join(problems...)
}
