package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"linli/internal/demo"
	"linli/internal/demo/city"
)

type demoCmd struct {
	URL               string `default:"http://127.0.0.1:8080" help:"The running system."`
	AdminPasswordFile string `required:"" help:"File holding the administrator's password."`
	Scale             string `default:"sample" enum:"sample,city" help:"sample: the demonstration; city: a city of the size Zibo reports, in a practice system only."`
	Percent           int    `default:"100" help:"How much of the city, 1 to 100."`
	Seed              uint64 `default:"1" help:"The same seed and percent make the same city; run again, they go on where it stopped."`
	Workers           int    `default:"12" help:"Things of the city made side by side."`
}

func (d demoCmd) Run(ctx context.Context) error {
	password, err := os.ReadFile(d.AdminPasswordFile)
	if err != nil {
		return err
	}
	if d.Scale == "city" {
		return d.city(ctx, strings.TrimSpace(string(password)))
	}
	report, err := demo.Load(ctx, demo.Options{URL: d.URL, AdminPassword: strings.TrimSpace(string(password)), Log: func(line string) { fmt.Println(line) }})
	for _, line := range append(report.Logins, report.Requests...) {
		fmt.Println(line)
	}
	return err
}

func (d demoCmd) city(ctx context.Context, password string) error {
	if d.Percent < 1 || d.Percent > 100 || d.Workers < 1 {
		return fmt.Errorf("--percent 须为1至100，--workers 至少为1 / --percent is 1 to 100, --workers at least 1")
	}
	terminal, err := os.Stdout.Stat()
	live := err == nil && terminal.Mode()&os.ModeCharDevice != 0
	report, err := city.Make(ctx, city.Options{
		URL: d.URL, AdminPassword: password, Percent: d.Percent, Seed: d.Seed, Workers: d.Workers, Out: os.Stdout, Live: live,
	})
	if err != nil {
		return err
	}
	s := report.Scale
	fmt.Printf("示例城市已生成（全部虚构），与统计一致，用时 %s / the sample city is made and agrees with the statistics, it took %[1]s\n", report.Took.Round(time.Second))
	fmt.Printf("  社区 / communities %d  基金 / funds %d  运营主体 / operators %d  服务项目 / services %d  微项目 / micro-projects %d + %d  基金总额 / fund total %s 元 / yuan\n",
		s.Communities, s.Funds, s.Operators, s.Services, s.OldProjects, s.NewProjects, s.Total.Yuan())
	return nil
}
