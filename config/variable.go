package config

import (
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// Variable is one setting as documented and read.
type Variable struct {
	Name     string
	Default  string
	Meaning  string
	Required Part // the parts that cannot run without it
	Secret   bool // may also be given as the file that NAME_FILE names
	set      func(*Config, string) error
}

const defaultFonts = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf,/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

// Variables is every setting, in the order of the documentation. Temporal is
// reached as the SDK's own variables, file and profile say; the two LINLI_
// variables, where set, win over those; where nothing is set it is
// 127.0.0.1:7233, namespace linli.
var Variables = []Variable{
	text("LINLI_LISTEN", "127.0.0.1:8080", "address of the API and the public pages", func(c *Config) *string { return &c.Listen }),
	text("LINLI_WORKER_LISTEN", "127.0.0.1:8081", "address on which a worker tells its health; workers on one machine need one each", func(c *Config) *string { return &c.WorkerListen }),
	text("LINLI_METRICS_LISTEN", "", "address on which a process serves Prometheus /metrics; empty = nowhere; processes on one machine need one each, such as 127.0.0.1:9464", func(c *Config) *string { return &c.MetricsListen }),
	text("OTEL_EXPORTER_OTLP_ENDPOINT", "", "trace collector, OTLP over HTTP, such as http://127.0.0.1:4318; empty = no traces; OpenTelemetry's other variables apply", func(c *Config) *string { return &c.TraceCollector }),
	text("LINLI_PUBLIC_URL", "http://127.0.0.1:8080", "the address people type; https unless on this machine", func(c *Config) *string { return &c.PublicURL }),
	{Name: "LINLI_TRUSTED_PROXIES", Meaning: "comma-separated networks whose X-Forwarded-For is believed", set: proxies},
	secret(required(Migrate, text("LINLI_OWNER_DATABASE_URL", "", "PostgreSQL, as the owner of the database", func(c *Config) *string { return &c.OwnerDatabaseURL }))),
	secret(required(Serve|Migrate|Admin, text("LINLI_API_DATABASE_URL", "", "PostgreSQL, as role linli_api; TLS by ?sslmode=verify-full&sslrootcert=/file", func(c *Config) *string { return &c.APIDatabaseURL }))),
	secret(required(Worker|Migrate, text("LINLI_WORKER_DATABASE_URL", "", "PostgreSQL, as role linli_worker", func(c *Config) *string { return &c.WorkerDatabaseURL }))),
	text("LINLI_TEMPORAL_ADDRESS", "", "Temporal frontend; wins over TEMPORAL_ADDRESS", func(c *Config) *string { return &c.TemporalAddress }),
	text("LINLI_TEMPORAL_NAMESPACE", "", "Temporal namespace; wins over TEMPORAL_NAMESPACE", func(c *Config) *string { return &c.TemporalNamespace }),
	sdk("TEMPORAL_ADDRESS", "Temporal frontend, host:port (127.0.0.1:7233 where nothing says otherwise)"),
	sdk("TEMPORAL_NAMESPACE", "Temporal namespace (linli where nothing says otherwise)"),
	secret(sdk("TEMPORAL_API_KEY", "key for Temporal Cloud or a server with authorisation; switches TLS on")),
	sdkSwitch("TEMPORAL_TLS", "true or false; on as soon as another TLS setting or an API key is given"),
	sdk("TEMPORAL_TLS_CLIENT_CERT_PATH", "client certificate (PEM) for mutual TLS"),
	sdk("TEMPORAL_TLS_CLIENT_KEY_PATH", "its private key (PEM)"),
	sdk("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "authority that signed the server's certificate (PEM), if not a public one"),
	sdk("TEMPORAL_TLS_SERVER_NAME", "name in the server's certificate, if not its address"),
	sdk("TEMPORAL_CONFIG_FILE", "TOML file with profiles, as Temporal's own tools read it; it must be there if named"),
	sdk("TEMPORAL_PROFILE", "profile in that file"),
	required(Serve|Worker, text("LINLI_BLOB_URL", "", "folder of attachments and agreements, file:// only, such as file:///var/lib/linli/blobs", func(c *Config) *string { return &c.BlobURL })),
	required(Serve, text("LINLI_SIGNING_KEY_FILE", "", "Ed25519 private key (PEM) that signs acts", func(c *Config) *string { return &c.SigningKeyFile })),
	text("LINLI_VERIFY_KEYS_FILE", "", "public keys (PEM) acts are or were signed with; a worker without the signing key needs it", func(c *Config) *string { return &c.VerifyKeysFile }),
	required(Serve|Worker, text("LINLI_SEAL_KEY_FILE", "", "32 bytes in hex that seal account numbers and secrets of one-time codes", func(c *Config) *string { return &c.SealKeyFile })),
	text("LINLI_CONTRACT_ALGORITHM", "Ed25519", "how signatures under agreements are sealed: Ed25519, or SM2 (with SM3)", func(c *Config) *string { return &c.ContractAlgorithm }),
	required(Worker, text("LINLI_CONTRACT_KEY_FILE", "", "private key (PEM) of that algorithm, which seals them", func(c *Config) *string { return &c.ContractKeyFile })),
	text("LINLI_GATEWAY", "manual", "how new cases are paid: manual or http", func(c *Config) *string { return &c.Gateway }),
	text("LINLI_BANK_URL", "", "the bank's interface, for the http gateway", func(c *Config) *string { return &c.BankURL }),
	text("LINLI_BANK_SECRET_FILE", "", "the secret shared with the bank, for the http gateway", func(c *Config) *string { return &c.BankSecretFile }),
	text("LINLI_CHARITY_ACCOUNT", "", "the account the charity pays from, for the http gateway", func(c *Config) *string { return &c.CharityAccount }),
	{Name: "LINLI_DAY_LENGTH", Meaning: "training only: length of a day in deadlines, e.g. 20s; empty = the calendar", set: dayLength},
	text("LINLI_FONT_FILE", defaultFonts, "comma-separated TrueType fonts of posters and agreements; each character is drawn with the first that has it", func(c *Config) *string { return &c.FontFiles }),
	text("LINLI_LOG_LEVEL", "info", "debug, info, warn or error", func(c *Config) *string { return &c.LogLevel }),
}

func text(name, value, meaning string, field func(*Config) *string) Variable {
	return Variable{Name: name, Default: value, Meaning: meaning, set: func(c *Config, v string) error {
		*field(c) = v
		return nil
	}}
}

// sdk passes on a variable Temporal's SDK understands. An empty one is as good
// as absent: to the SDK an empty certificate path already means TLS.
func sdk(name, meaning string) Variable {
	return Variable{Name: name, Meaning: meaning, set: func(c *Config, v string) error {
		if v != "" {
			c.TemporalSettings[name] = v
		}
		return nil
	}}
}

// sdkSwitch passes on a switch in the words the SDK takes: another word would
// be as good as none to it, and TEMPORAL_TLS=yes a connection in the clear.
func sdkSwitch(name, meaning string) Variable {
	return Variable{Name: name, Meaning: meaning, set: func(c *Config, v string) error {
		if v == "" {
			return nil
		}
		on, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("应为 true 或 false，不是 %[1]q / want true or false, not %[1]q", v)
		}
		c.TemporalSettings[name] = strconv.FormatBool(on)
		return nil
	}}
}

func required(by Part, v Variable) Variable {
	v.Required = by
	return v
}

func secret(v Variable) Variable {
	v.Secret = true
	return v
}

// read finds the value, in the file NAME_FILE names where that is allowed.
func (v Variable) read(lookup func(string) (string, bool)) (string, error) {
	value, _ := lookup(v.Name)
	value = strings.TrimSpace(value)
	if v.Secret {
		file, _ := lookup(v.Name + "_FILE")
		if file = strings.TrimSpace(file); file != "" {
			if value != "" {
				return "", fmt.Errorf("只能设置本项或 %[1]s_FILE 之一 / set it or %[1]s_FILE, not both", v.Name)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return "", fmt.Errorf("文件无法读取 / the file cannot be read: %w", err)
			}
			value = strings.TrimSpace(string(content))
		}
	}
	if value == "" {
		value = v.Default
	}
	return value, nil
}

func proxies(c *Config, value string) error {
	if value == "" {
		return nil
	}
	for part := range strings.SplitSeq(value, ",") {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return fmt.Errorf("应为 10.0.0.0/8 这样的网段 / want networks such as 10.0.0.0/8: %w", err)
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
		return fmt.Errorf("应为至少 1s 的时长，不是 %[1]q / want a duration of at least 1s, not %[1]q", value)
	}
	c.DayLength = length
	return nil
}
