package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank/sandbox"
	"linli/config"
	"linli/examples"
	"linli/internal/app"
	"linli/internal/demo"
	"linli/internal/fonts"
	"linli/internal/observe"
	"linli/internal/pg"
	"linli/standalone/temporal"
	"linli/store"
)

// machine is what the application stands on.
type machine struct {
	*terminal
	cluster  *pg.Cluster
	temporal string // host:port of the Temporal frontend
	data     string // folder for whatever must survive a restart
}

const (
	database       = "linli"
	owner          = "linli_owner"
	charityAccount = "370300000000000001" // the practice bank's account of the fictional charity
)

// application serves until ctx ends. It is the only part of this program that
// knows more than PostgreSQL and Temporal.
func application(ctx context.Context, m machine) error {
	log, logFile, err := m.log()
	if err != nil {
		return err
	}
	defer logFile.Close()
	c, keys, err := m.settle(ctx)
	if err != nil {
		return err
	}
	m.fonts(ctx, c.FontFiles)
	api, bankDoor, err := m.doors(&c)
	if err != nil {
		return err
	}
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return m.bank(ctx, bankDoor, c, log) })
	parts.Go(func() error { return app.Work(ctx, c, keys, log) })
	parts.Go(func() error { return app.ServeOn(ctx, api, c, keys, log) })
	parts.Go(func() error { return m.welcome(ctx, c) })
	return parts.Wait()
}

// log writes to a file: the terminal is for the person in front of it.
func (m machine) log() (*slog.Logger, *os.File, error) {
	file, err := os.OpenFile(filepath.Join(m.data, "linli.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return observe.NewLog(file, slog.LevelInfo), file, nil
}

// settle makes keys and databases ready and returns the settings of this
// machine.
func (m machine) settle(ctx context.Context) (config.Config, app.Keys, error) {
	c := config.Config{
		TemporalAddress: m.temporal, TemporalNamespace: temporal.DefaultNamespace,
		Gateway: funduse.HTTP, CharityAccount: charityAccount, FontFiles: envOr("LINLI_FONT_FILE", fonts.Debian), LogLevel: "info",
		OwnerDatabaseURL:  m.cluster.DSN(owner, m.cluster.RolePassword(owner), database),
		APIDatabaseURL:    m.cluster.DSN(store.APIRole, m.cluster.RolePassword(store.APIRole), database),
		WorkerDatabaseURL: m.cluster.DSN(store.WorkerRole, m.cluster.RolePassword(store.WorkerRole), database),
	}
	if day := os.Getenv("LINLI_DAY_LENGTH"); day != "" {
		length, err := time.ParseDuration(day)
		if err != nil {
			return c, app.Keys{}, fmt.Errorf("LINLI_DAY_LENGTH: %w", err)
		}
		c.DayLength = length
	}
	blobs := filepath.Join(m.data, "blobs")
	if err := os.MkdirAll(blobs, 0o700); err != nil {
		return c, app.Keys{}, err
	}
	absolute, err := filepath.Abs(blobs)
	if err != nil {
		return c, app.Keys{}, err
	}
	// Without a temporary folder of its own the driver would rename across disks.
	c.BlobURL = (&url.URL{Scheme: "file", Path: absolute, RawQuery: "no_tmp_dir=true"}).String()
	if err := app.NewKeyFiles(filepath.Join(m.data, "keys"), &c); err != nil {
		return c, app.Keys{}, err
	}
	keys, err := app.LoadKeys(c)
	if err != nil {
		return c, keys, err
	}
	return c, keys, m.step("准备数据库 / preparing the database", func() error {
		if err := m.cluster.EnsureDatabase(ctx, database, owner, m.cluster.RolePassword(owner)); err != nil {
			return err
		}
		if err := m.cluster.AllowRoles(ctx, owner); err != nil {
			return err
		}
		return app.Migrate(ctx, c)
	})
}

// fonts are installed where that is possible. Without them everything works
// but printing.
func (m machine) fonts(ctx context.Context, files string) {
	ctx, cancel := context.WithTimeout(ctx, fontsPatience)
	defer cancel()
	err := m.step("查找海报字体 / looking for the fonts of posters", func() error { return fonts.Ensure(ctx, files) })
	if err != nil {
		m.say("海报暂不能打印 / posters cannot be printed: " + err.Error())
	}
}

const fontsPatience = 90 * time.Second

// doors opens the two addresses people and the bank use: the usual ones if
// they are free.
func (m machine) doors(c *config.Config) (api, bank net.Listener, err error) {
	if api, err = door(envOr("LINLI_LISTEN", "127.0.0.1:8080")); err != nil {
		return nil, nil, err
	}
	if bank, err = door("127.0.0.1:8090"); err != nil {
		return nil, nil, errors.Join(err, api.Close())
	}
	c.Listen, c.BankURL = api.Addr().String(), "http://"+bank.Addr().String()
	c.PublicURL = "http://" + c.Listen
	return api, bank, nil
}

func envOr(name, value string) string {
	if set := os.Getenv(name); set != "" {
		return set
	}
	return value
}

// door listens on the address or, if it is taken, on a free port.
func door(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return nil, splitErr
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// bank runs the practice bank: a server of its own with a book of its own.
func (m machine) bank(ctx context.Context, listener net.Listener, c config.Config, log *slog.Logger) error {
	secret, err := os.ReadFile(c.BankSecretFile)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	token := m.cluster.RolePassword("bank-behaviour")
	practice, err := sandbox.New(sandbox.Config{
		BookPath: filepath.Join(m.data, "bank-book.jsonl"), Secret: []byte(strings.TrimSpace(string(secret))),
		CallbackURL: c.PublicURL + "/v1/bank/callbacks", AdminToken: token, Log: log.With("part", "practice bank"),
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := os.WriteFile(filepath.Join(m.data, "keys", "bank-behaviour.token"), []byte(token+"\n"), 0o600); err != nil {
		return errors.Join(err, listener.Close())
	}
	served := &http.Server{Handler: practice, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = served.Close()
	}()
	if err := served.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, practice.Close())
	}
	return practice.Close()
}

// welcome loads the demonstration once and tells where everything is.
func (m machine) welcome(ctx context.Context, c config.Config) error {
	password := "Linli-" + m.cluster.RolePassword("first administrator")[:16]
	if err := m.step("创建管理员 / creating the administrator", func() error {
		return app.Bootstrap(ctx, c, examples.City, examples.Administrator(password))
	}); err != nil {
		return err
	}
	report, err := m.demonstrate(ctx, c, password)
	if err != nil {
		return err
	}
	m.say("")
	m.say("邻里已就绪 / Linli is ready")
	m.say("  公示与接口 / notices and API:  " + c.PublicURL + "/    " + c.PublicURL + "/docs")
	m.say("  模拟银行 / practice bank:       " + c.BankURL)
	m.say("  数据目录 / data folder:         " + m.data)
	m.say("  管理员 / administrator:         " + examples.AdminUsername + " / " + password)
	if report.People > 0 {
		m.say("  演示人员口令 / demo password:   " + demo.Password + " (" + strconv.Itoa(report.People) + " 人 / people)")
	}
	for _, line := range report.Logins {
		m.say("    " + line)
	}
	for _, line := range report.Requests {
		m.say(line)
	}
	m.say("已就绪，按 Ctrl-C 停止 / ready, Ctrl-C stops")
	<-ctx.Done()
	return nil
}

// demonstrate loads the sample data unless LINLI_DEMO=off asks for an empty
// system. A folder that holds another version of them keeps it.
func (m machine) demonstrate(ctx context.Context, c config.Config, password string) (demo.Report, error) {
	if os.Getenv("LINLI_DEMO") == "off" {
		return demo.Report{}, nil
	}
	report, err := demo.Load(ctx, demo.Options{
		URL: c.PublicURL, AdminPassword: password, Log: m.say, Marker: filepath.Join(m.data, "sample-data.version"),
	})
	if refusal := approval.Refusal(err); refusal != nil && refusal.Code == approval.KeyReused {
		m.say("示例数据 / sample data: " + refusal.Message.ZH + " / " + refusal.Message.EN)
		return report, nil
	}
	if err != nil {
		return report, fmt.Errorf("载入演示数据 / loading the demonstration: %w", err)
	}
	return report, nil
}
