package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// complaint says what is wrong with a setting; both texts get the same
// arguments, by their number.
type complaint func(name, zh, en string, args ...any)

// Validate reports every setting with which the part cannot work, as far as
// that can be known without connecting to anything. What keys hold is for
// whoever reads them.
func (c Config) Validate(part Part) error {
	var problems []error
	complain := func(name, zh, en string, args ...any) {
		problems = append(problems, fmt.Errorf(name+": "+zh+" / "+en, args...))
	}
	c.checkAddresses(complain)
	if part&Serve != 0 {
		c.checkPublicURL(complain)
	}
	if part&(Serve|Worker) != 0 {
		c.checkGateway(complain)
		c.checkBlobs(complain)
	}
	if part&Worker != 0 && c.SigningKeyFile == "" && c.VerifyKeysFile == "" {
		complain("LINLI_VERIFY_KEYS_FILE", "必须设置，无法核对签名的操作不会被执行", "required: a worker believes no act whose signature it cannot check")
	}
	if part&Worker != 0 && c.ContractAlgorithm != "Ed25519" && c.ContractAlgorithm != "SM2" {
		complain("LINLI_CONTRACT_ALGORITHM", "应为 Ed25519 或 SM2，不是 %[1]q", "want Ed25519 or SM2, not %[1]q", c.ContractAlgorithm)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		complain("LINLI_LOG_LEVEL", "应为 debug、info、warn 或 error，不是 %[1]q", "want debug, info, warn or error, not %[1]q", c.LogLevel)
	}
	c.checkFiles(part, complain)
	return errors.Join(problems...)
}

func (c Config) checkAddresses(complain complaint) {
	for _, door := range []struct{ name, address string }{
		{"LINLI_LISTEN", c.Listen}, {"LINLI_WORKER_LISTEN", c.WorkerListen}, {"LINLI_METRICS_LISTEN", c.MetricsListen},
	} {
		if _, _, err := net.SplitHostPort(door.address); err != nil && (door.address != "" || door.name != "LINLI_METRICS_LISTEN") {
			complain(door.name, "应为 主机:端口，不是 %[1]q", "want host:port, not %[1]q", door.address)
		}
	}
	if collector, err := url.Parse(c.TraceCollector); c.TraceCollector != "" && (err != nil || !web(collector)) {
		complain("OTEL_EXPORTER_OTLP_ENDPOINT", "应为 http://127.0.0.1:4318 这样的地址", "want an address such as http://127.0.0.1:4318")
	}
	for _, database := range []struct{ name, address string }{
		{"LINLI_OWNER_DATABASE_URL", c.OwnerDatabaseURL}, {"LINLI_API_DATABASE_URL", c.APIDatabaseURL}, {"LINLI_WORKER_DATABASE_URL", c.WorkerDatabaseURL},
	} {
		parsed, err := url.Parse(database.address)
		if database.address != "" && (err != nil || parsed.Scheme != "postgres" && parsed.Scheme != "postgresql") {
			// without the value: it holds a password
			complain(database.name, "应为 postgres://用户:口令@主机:5432/数据库", "want postgres://user:password@host:5432/database")
		}
	}
}

// checkPublicURL insists on https where a cookie would travel a network, as
// the server does.
func (c Config) checkPublicURL(complain complaint) {
	address, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || address.Host == "" || !web(address):
		complain("LINLI_PUBLIC_URL", "应为 https://linli.example 这样的地址，不是 %[1]q", "want an address such as https://linli.example, not %[1]q", c.PublicURL)
	case address.Scheme == "http":
		ip, err := netip.ParseAddr(address.Hostname())
		if address.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
			complain("LINLI_PUBLIC_URL", "只有本机地址可以用 http，%[1]q 应为 https", "plain http is for this machine only; %[1]q must be https", c.PublicURL)
		}
	}
}

var account = regexp.MustCompile(`^[0-9A-Za-z-]{6,34}$`)

func (c Config) checkGateway(complain complaint) {
	if c.Gateway != "http" {
		if c.Gateway != "manual" {
			complain("LINLI_GATEWAY", "应为 manual 或 http，不是 %[1]q", "want manual or http, not %[1]q", c.Gateway)
		}
		return
	}
	bank, err := url.Parse(c.BankURL)
	if err != nil || bank.Host == "" || !web(bank) || bank.User != nil || bank.RawQuery != "" || bank.Fragment != "" {
		complain("LINLI_BANK_URL", "LINLI_GATEWAY=http 时应为 https://主机[/路径]，不含其他部分", "with LINLI_GATEWAY=http, want http(s)://host[/path] and nothing more")
	}
	if c.BankSecretFile == "" {
		complain("LINLI_BANK_SECRET_FILE", "LINLI_GATEWAY=http 时必须设置", "required with LINLI_GATEWAY=http")
	}
	if !account.MatchString(c.CharityAccount) {
		complain("LINLI_CHARITY_ACCOUNT", "LINLI_GATEWAY=http 时应为 6 至 34 位数字、字母或 -", "with LINLI_GATEWAY=http, want 6 to 34 digits, letters or -")
	}
}

// checkBlobs: the program has the driver of folders only.
func (c Config) checkBlobs(complain complaint) {
	if c.BlobURL == "" {
		return // said already where it is required
	}
	address, err := url.Parse(c.BlobURL)
	if err != nil || address.Scheme != "file" || address.Path == "" {
		// without the value: an address of an object store may hold a secret
		complain("LINLI_BLOB_URL", "只支持目录，应为 file:///var/lib/linli/blobs 这样的地址", "folders only: want an address such as file:///var/lib/linli/blobs")
		return
	}
	folder := address.Path
	if address.Host == "." {
		folder = filepath.Clean(strings.TrimPrefix(folder, "/"))
	}
	if found, err := os.Stat(folder); address.Query().Get("create_dir") == "" && (err != nil || !found.IsDir()) {
		complain("LINLI_BLOB_URL", "没有目录 %[1]s", "there is no folder %[1]s", folder)
	}
}

// named is a file a setting names.
type named struct{ setting, file string }

// checkFiles: what is named can be read.
func (c Config) checkFiles(part Part, complain complaint) {
	files := []named{
		{"LINLI_SIGNING_KEY_FILE", c.SigningKeyFile}, {"LINLI_VERIFY_KEYS_FILE", c.VerifyKeysFile},
		{"LINLI_SEAL_KEY_FILE", c.SealKeyFile}, {"LINLI_BANK_SECRET_FILE", c.BankSecretFile},
		{"LINLI_CONTRACT_KEY_FILE", c.ContractKeyFile},
	}
	if part&(Serve|Worker) != 0 {
		files = append(files, c.otherFiles()...)
	}
	for _, each := range files {
		if _, err := os.ReadFile(each.file); each.file != "" && err != nil {
			complain(each.setting, "文件无法读取", "the file cannot be read: %[1]w", err)
		}
	}
}

// otherFiles hold no keys of ours. Without its configuration file the SDK would
// go on, to its default address and in the clear. Fonts may be missing where
// they are by default: papers are refused then, nothing else.
func (c Config) otherFiles() []named {
	var files []named
	for _, setting := range []string{
		"TEMPORAL_CONFIG_FILE", "TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_KEY_PATH", "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
	} {
		files = append(files, named{setting, c.TemporalSettings[setting]})
	}
	if c.FontFiles != defaultFonts {
		for font := range strings.SplitSeq(c.FontFiles, ",") {
			files = append(files, named{"LINLI_FONT_FILE", strings.TrimSpace(font)})
		}
	}
	return files
}

func web(address *url.URL) bool { return address.Scheme == "http" || address.Scheme == "https" }
