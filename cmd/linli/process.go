package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"linli/config"
	"linli/internal/app"
	"linli/internal/observe"
)

// deployment reads the settings of a part and makes the log they ask for.
func deployment(part config.Part) (config.Config, *slog.Logger, error) {
	c, err := config.Load(os.LookupEnv, part)
	if err != nil {
		return c, nil, err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return c, nil, err
	}
	log := observe.NewLog(os.Stderr, level)
	slog.SetDefault(log)
	return c, log, nil
}

type serve struct{}

func (serve) Run(ctx context.Context) error {
	return process(ctx, config.Serve, app.Serve)
}

type work struct{}

func (work) Run(ctx context.Context) error {
	return process(ctx, config.Worker, app.Work)
}

// process runs a part that stays until it is told to end.
func process(ctx context.Context, part config.Part, run func(context.Context, config.Config, app.Keys, *slog.Logger) error) error {
	c, log, err := deployment(part)
	keys, err := app.Prepare(c, err)
	if err != nil {
		return err
	}
	return run(ctx, c, keys, log)
}

type migrate struct{}

func (migrate) Run(ctx context.Context) error {
	c, log, err := deployment(config.Migrate)
	if err != nil {
		return err
	}
	if err := app.Migrate(ctx, c); err != nil {
		return err
	}
	log.Info("The database is at this version.")
	return nil
}

type healthcheck struct {
	Process string `arg:"" optional:"" default:"serve" help:"serve or worker, found by their settings, or an address to ask, such as http://127.0.0.1:8090/healthz."`
}

func (h healthcheck) Run(ctx context.Context) error {
	c, err := config.Load(os.LookupEnv, 0)
	if err != nil {
		return err
	}
	switch h.Process {
	case "serve":
		return app.Ready(ctx, c.Listen)
	case "worker":
		return app.Ready(ctx, c.WorkerListen)
	}
	return app.Healthy(ctx, h.Process)
}

type settings struct{}

func (settings) Run() error {
	for _, v := range config.Variables {
		note := ""
		switch {
		case v.Required != 0:
			note = " (required by " + v.Required.String() + ")"
		case v.Default != "":
			note = " (default " + v.Default + ")"
		}
		name := v.Name
		if v.Secret {
			name += "[_FILE]"
		}
		fmt.Printf("%-33s %s%s\n", name, v.Meaning, note)
	}
	return nil
}
