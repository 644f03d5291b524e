// Command linli runs the parts of a deployment: `serve` (API and public
// pages), `worker`, `migrate`; and the tools beside them: rule checks, the
// first administrator, the demonstration data, the practice bank. Flags and
// wiring only; settings come from the environment, see `linli settings`.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"linli/config"
	"linli/internal/app"
)

type program struct {
	Serve    serve    `cmd:"" help:"Run the API and the public pages. 运行接口与公示页面"`
	Worker   work     `cmd:"" help:"Run a worker. 运行流程执行器"`
	Migrate  migrate  `cmd:"" help:"Bring the database to this version. 升级数据库"`
	Keys     keys     `cmd:"" help:"Write fresh key files into a folder. 生成密钥文件"`
	Admin    admin    `cmd:"" help:"Create the city and its first administrator. 创建首位管理员"`
	Rules    ruleCmd  `cmd:"" help:"Check rule sets. 检查规则"`
	Demo     demoCmd  `cmd:"" help:"Load the demonstration data through the API. 载入演示数据"`
	Bank     sandbank `cmd:"" help:"Run the practice bank. 运行模拟银行"`
	Settings settings `cmd:"" help:"List every setting. 列出全部配置项"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed := kong.Parse(&program{}, kong.Name("linli"), kong.Description("邻里 · approvals for community funds"), kong.UsageOnError())
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.FatalIfErrorf(parsed.Run())
}

// deployment reads the settings and makes the log they ask for.
func deployment() (config.Config, *slog.Logger, error) {
	c, err := config.Load(os.LookupEnv)
	if err != nil {
		return c, nil, err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return c, nil, fmt.Errorf("LINLI_LOG_LEVEL: %w", err)
	}
	return c, slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})), nil
}

type serve struct{}

func (serve) Run(ctx context.Context) error {
	c, log, err := deployment()
	if err != nil {
		return err
	}
	secrets, err := app.LoadKeys(c)
	if err != nil {
		return err
	}
	return app.Serve(ctx, c, secrets, log)
}

type work struct{}

func (work) Run(ctx context.Context) error {
	c, log, err := deployment()
	if err != nil {
		return err
	}
	secrets, err := app.LoadKeys(c)
	if err != nil {
		return err
	}
	return app.Work(ctx, c, secrets, log)
}

type migrate struct{}

func (migrate) Run(ctx context.Context) error {
	c, log, err := deployment()
	if err != nil {
		return err
	}
	if err := app.Migrate(ctx, c); err != nil {
		return err
	}
	log.Info("The database is at this version.")
	return nil
}

type settings struct{}

func (settings) Run() error {
	for _, v := range config.Variables {
		note := ""
		if v.Required {
			note = " (required)"
		} else if v.Default != "" {
			note = " (default " + v.Default + ")"
		}
		fmt.Printf("%-28s %s%s\n", v.Name, v.Meaning, note)
	}
	return nil
}
