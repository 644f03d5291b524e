// Package config is what an operator may set: one struct, read from the
// environment, checked as a whole so that every problem is reported at once.
//
// Secrets are given as files, never as values: an environment is too easily
// printed. The package imports the standard library only.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config is one deployment's settings.
type Config struct {
	Listen            string // host:port of the API and the public pages
	PublicURL         string // as people type it
	TrustedProxies    []netip.Prefix
	OwnerDatabaseURL  string // migrate only
	APIDatabaseURL    string // role linli_api
	WorkerDatabaseURL string // role linli_worker
	TemporalAddress   string
	TemporalNamespace string
	BlobURL           string // gocloud.dev/blob, e.g. file:///var/lib/linli/blobs
	SigningKeyFile    string // Ed25519 private key, PEM: signs acts
	VerifyKeysFile    string // public keys acts were ever signed with, PEM
	SealKeyFile       string // 32 bytes, hex: seals payees' account numbers
	Gateway           string // manual or http
	BankURL           string
	BankSecretFile    string
	CharityAccount    string        // the account the charity pays from
	DayLength         time.Duration // training only: how long a "day" of a deadline lasts; 0 = real days
	LogLevel          string
}

// Variable is one setting as documented and read.
type Variable struct {
	Name     string
	Default  string
	Meaning  string
	Required bool
	set      func(*Config, string) error
}

// Variables is every setting, in the order of the documentation.
var Variables = []Variable{
	text("LINLI_LISTEN", "127.0.0.1:8080", "address of the API and the public pages", func(c *Config) *string { return &c.Listen }),
	text("LINLI_PUBLIC_URL", "http://127.0.0.1:8080", "the address people type; https unless on this machine", func(c *Config) *string { return &c.PublicURL }),
	{Name: "LINLI_TRUSTED_PROXIES", Meaning: "comma-separated networks whose X-Forwarded-For is believed", set: proxies},
	text("LINLI_OWNER_DATABASE_URL", "", "PostgreSQL, as the owner of the database; migrate only", func(c *Config) *string { return &c.OwnerDatabaseURL }),
	required(text("LINLI_API_DATABASE_URL", "", "PostgreSQL, as role linli_api", func(c *Config) *string { return &c.APIDatabaseURL })),
	required(text("LINLI_WORKER_DATABASE_URL", "", "PostgreSQL, as role linli_worker", func(c *Config) *string { return &c.WorkerDatabaseURL })),
	text("LINLI_TEMPORAL_ADDRESS", "127.0.0.1:7233", "Temporal frontend", func(c *Config) *string { return &c.TemporalAddress }),
	text("LINLI_TEMPORAL_NAMESPACE", "linli", "Temporal namespace", func(c *Config) *string { return &c.TemporalNamespace }),
	required(text("LINLI_BLOB_URL", "", "attachments, as a gocloud.dev/blob address such as file:///var/lib/linli/blobs", func(c *Config) *string { return &c.BlobURL })),
	required(text("LINLI_SIGNING_KEY_FILE", "", "Ed25519 private key (PEM) that signs acts", func(c *Config) *string { return &c.SigningKeyFile })),
	text("LINLI_VERIFY_KEYS_FILE", "", "public keys (PEM) of earlier signing keys", func(c *Config) *string { return &c.VerifyKeysFile }),
	required(text("LINLI_SEAL_KEY_FILE", "", "32 bytes in hex that seal account numbers", func(c *Config) *string { return &c.SealKeyFile })),
	text("LINLI_GATEWAY", "manual", "how new cases are paid: manual or http", func(c *Config) *string { return &c.Gateway }),
	text("LINLI_BANK_URL", "", "the bank's interface, for the http gateway", func(c *Config) *string { return &c.BankURL }),
	text("LINLI_BANK_SECRET_FILE", "", "the secret shared with the bank, for the http gateway", func(c *Config) *string { return &c.BankSecretFile }),
	text("LINLI_CHARITY_ACCOUNT", "", "the account the charity pays from, for the http gateway", func(c *Config) *string { return &c.CharityAccount }),
	{Name: "LINLI_DAY_LENGTH", Meaning: "training only: length of a day in deadlines, e.g. 20s; empty = the calendar", set: dayLength},
	text("LINLI_LOG_LEVEL", "info", "debug, info, warn or error", func(c *Config) *string { return &c.LogLevel }),
}

func text(name, value, meaning string, field func(*Config) *string) Variable {
	return Variable{Name: name, Default: value, Meaning: meaning, set: func(c *Config, v string) error {
		*field(c) = v
		return nil
	}}
}

func required(v Variable) Variable {
	v.Required = true
	return v
}

// Load reads the settings through lookup (os.LookupEnv) and reports every
// problem at once.
func Load(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	var problems []error
	for _, variable := range Variables {
		value, _ := lookup(variable.Name)
		if value = strings.TrimSpace(value); value == "" {
			value = variable.Default
		}
		if value == "" && variable.Required {
			problems = append(problems, fmt.Errorf("%s is required: %s", variable.Name, variable.Meaning))
			continue
		}
		if err := variable.set(&c, value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", variable.Name, err))
		}
	}
	problems = append(problems, c.Validate())
	return c, errors.Join(problems...)
}

// Validate reports every setting that cannot work.
func (c Config) Validate() error {
	var problems []error
	complain := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		complain("LINLI_LISTEN: want host:port, not %q", c.Listen)
	}
	if address, err := url.Parse(c.PublicURL); err != nil || address.Host == "" {
		complain("LINLI_PUBLIC_URL: want an address such as https://linli.example, not %q", c.PublicURL)
	}
	switch c.Gateway {
	case "manual":
	case "http":
		if c.BankURL == "" || c.BankSecretFile == "" || c.CharityAccount == "" {
			complain("LINLI_GATEWAY=http needs LINLI_BANK_URL, LINLI_BANK_SECRET_FILE and LINLI_CHARITY_ACCOUNT")
		}
	default:
		complain("LINLI_GATEWAY: want manual or http, not %q", c.Gateway)
	}
	for _, file := range []string{c.SigningKeyFile, c.VerifyKeysFile, c.SealKeyFile, c.BankSecretFile} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			complain("%w", err)
		}
	}
	return errors.Join(problems...)
}

func proxies(c *Config, value string) error {
	if value == "" {
		return nil
	}
	for part := range strings.SplitSeq(value, ",") {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}
	return nil
}

func dayLength(c *Config, value string) error {
	if value == "" {
		return nil
	}
	length, err := time.ParseDuration(value)
	if err != nil || length < time.Second {
		return fmt.Errorf("want a duration of at least 1s, not %q", value)
	}
	c.DayLength = length
	return nil
}
