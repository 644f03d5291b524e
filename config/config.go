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
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
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
	BlobURL           string            // gocloud.dev/blob, e.g. file:///var/lib/linli/blobs
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
			err = errors.New("required: " + variable.Meaning)
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

// Validate reports every setting with which the part cannot work.
func (c Config) Validate(part Part) error {
	var problems []error
	complain := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	c.checkAddresses(complain)
	if part&(Serve|Worker) != 0 {
		c.checkGateway(complain)
	}
	if part&Worker != 0 && c.SigningKeyFile == "" && c.VerifyKeysFile == "" {
		complain("LINLI_VERIFY_KEYS_FILE: required: a worker believes no act whose signature it cannot check")
	}
	if part&Worker != 0 && c.ContractAlgorithm != "Ed25519" && c.ContractAlgorithm != "SM2" {
		complain("LINLI_CONTRACT_ALGORITHM: want Ed25519 or SM2, not %q", c.ContractAlgorithm)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		complain("LINLI_LOG_LEVEL: want debug, info, warn or error, not %q", c.LogLevel)
	}
	for _, key := range []struct{ name, file string }{
		{"LINLI_SIGNING_KEY_FILE", c.SigningKeyFile}, {"LINLI_VERIFY_KEYS_FILE", c.VerifyKeysFile},
		{"LINLI_SEAL_KEY_FILE", c.SealKeyFile}, {"LINLI_BANK_SECRET_FILE", c.BankSecretFile},
		{"LINLI_CONTRACT_KEY_FILE", c.ContractKeyFile},
		// The SDK goes on without it, to its default address and in the clear.
		{"TEMPORAL_CONFIG_FILE", c.TemporalSettings["TEMPORAL_CONFIG_FILE"]},
	} {
		if _, err := os.ReadFile(key.file); key.file != "" && err != nil {
			complain("%s: 文件无法读取 / the file cannot be read: %w", key.name, err)
		}
	}
	return errors.Join(problems...)
}

func (c Config) checkAddresses(complain func(string, ...any)) {
	for _, door := range []struct{ name, address string }{{"LINLI_LISTEN", c.Listen}, {"LINLI_WORKER_LISTEN", c.WorkerListen}} {
		if _, _, err := net.SplitHostPort(door.address); err != nil {
			complain("%s: want host:port, not %q", door.name, door.address)
		}
	}
	if _, _, err := net.SplitHostPort(c.MetricsListen); err != nil && c.MetricsListen != "" {
		complain("LINLI_METRICS_LISTEN: want host:port, not %q", c.MetricsListen)
	}
	if collector, err := url.Parse(c.TraceCollector); c.TraceCollector != "" && (err != nil || collector.Scheme != "http" && collector.Scheme != "https") {
		complain("OTEL_EXPORTER_OTLP_ENDPOINT: want an address such as http://127.0.0.1:4318")
	}
	if address, err := url.Parse(c.PublicURL); err != nil || address.Host == "" {
		complain("LINLI_PUBLIC_URL: want an address such as https://linli.example, not %q", c.PublicURL)
	}
	for _, database := range []struct{ name, address string }{
		{"LINLI_OWNER_DATABASE_URL", c.OwnerDatabaseURL}, {"LINLI_API_DATABASE_URL", c.APIDatabaseURL}, {"LINLI_WORKER_DATABASE_URL", c.WorkerDatabaseURL},
	} {
		parsed, err := url.Parse(database.address)
		if database.address != "" && (err != nil || parsed.Scheme != "postgres" && parsed.Scheme != "postgresql") {
			complain("%s: want postgres://user:password@host:5432/database", database.name) // without the value: it holds a password
		}
	}
}

func (c Config) checkGateway(complain func(string, ...any)) {
	switch c.Gateway {
	case "manual":
	case "http":
		if c.BankURL == "" || c.BankSecretFile == "" || c.CharityAccount == "" {
			complain("LINLI_GATEWAY=http needs LINLI_BANK_URL, LINLI_BANK_SECRET_FILE and LINLI_CHARITY_ACCOUNT")
		}
	default:
		complain("LINLI_GATEWAY: want manual or http, not %q", c.Gateway)
	}
}
