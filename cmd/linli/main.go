// Command linli runs the parts of a deployment: `serve` (API and public
// pages), `worker`, `migrate`; and the tools beside them: rule checks, the
// first administrator, signed agreements, the demonstration data, the practice bank. Flags and
// wiring only; settings come from the environment, see `linli settings`.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

type program struct {
	Serve       serve       `cmd:"" help:"Run the API and the public pages. 运行接口与公示页面"`
	Worker      work        `cmd:"" help:"Run a worker. 运行流程执行器"`
	Migrate     migrate     `cmd:"" help:"Bring the database to this version. 升级数据库"`
	Healthcheck healthcheck `cmd:"" help:"Ask whether a process of this machine can work. 检查本机进程是否就绪"`
	Keys        keys        `cmd:"" help:"Write fresh key files into a folder. 生成密钥文件"`
	Admin       admin       `cmd:"" help:"Create the city and its first administrator. 创建首位管理员"`
	Rules       ruleCmd     `cmd:"" help:"Check rule sets. 检查规则"`
	Contract    contractCmd `cmd:"" help:"Verify signed agreements. 验证协议签名"`
	Demo        demoCmd     `cmd:"" help:"Load the demonstration data through the API. 载入演示数据"`
	Bank        sandbank    `cmd:"" help:"Run the practice bank. 运行模拟银行"`
	Settings    settings    `cmd:"" help:"List every setting. 列出全部配置项"`
}

// garbage is how much may gather beside what lives before it is collected, in
// percent: an act leaves much and keeps little. GOGC overrules it.
const garbage = 300

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	line := commandLine()
	parsed, err := line.Parse(os.Args[1:])
	line.FatalIfErrorf(err)
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.FatalIfErrorf(parsed.Run())
}

// commandLine is every command and flag there is.
func commandLine() *kong.Kong {
	return kong.Must(&program{}, kong.Name("linli"), kong.Description("邻里 · approvals for community funds"), kong.UsageOnError())
}
