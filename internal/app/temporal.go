package app

import (
	"context"
	"fmt"
	"os"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	tlog "go.temporal.io/sdk/log"

	"linli/config"
)

const (
	defaultTemporal  = "127.0.0.1:7233"
	defaultNamespace = "linli"
)

// dial connects to Temporal.
func dial(ctx context.Context, c config.Config, seen *sight) (client.Client, error) {
	options, err := engineOptions(c)
	if err != nil {
		return nil, err
	}
	options.Logger = tlog.NewStructuredLogger(seen.log)
	if err := seen.through(&options); err != nil {
		return nil, err
	}
	connected, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("connecting to Temporal at %s, namespace %s: %w", options.HostPort, options.Namespace, err)
	}
	return connected, nil
}

// engineOptions follows one rule: the SDK's file and variables first, then our
// two settings over them, then the defaults. A program that brings its own
// Temporal passes no settings, and nothing on the machine is consulted.
func engineOptions(c config.Config) (client.Options, error) {
	if file := c.TemporalSettings["TEMPORAL_CONFIG_FILE"]; file != "" {
		if _, err := os.Stat(file); err != nil { // to the SDK a file that is not there is none
			return client.Options{}, unusable("TEMPORAL_CONFIG_FILE", err)
		}
	}
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{
		DisableFile: c.TemporalSettings == nil, ConfigFileStrict: true, EnvLookup: settings(c.TemporalSettings),
	})
	if err != nil {
		return options, unusable("TEMPORAL_*", err)
	}
	options.HostPort = first(c.TemporalAddress, options.HostPort, defaultTemporal)
	// A case's messages are small, and Temporal stands beside: packing them costs
	// both ends more than sending them.
	options.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	options.Namespace = first(c.TemporalNamespace, options.Namespace, defaultNamespace)
	return options, nil
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

// settings is an environment that holds the SDK's variables only.
type settings map[string]string

// Environ is where the SDK looks for arbitrary request headers; those may be
// given in its file.
func (settings) Environ() []string { return nil }

// LookupEnv finds one variable.
func (s settings) LookupEnv(name string) (string, bool) {
	value, ok := s[name]
	return value, ok
}

// reaches asks whether Temporal answers.
func reaches(connected client.Client) probe {
	return func(ctx context.Context) error {
		_, err := connected.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	}
}
