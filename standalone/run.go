package main

import (
	"context"
	"errors"
	"path/filepath"

	"linli/internal/pg"
	"linli/standalone/temporal"
)

// run starts the parts one on top of the other and stops them in reverse. It
// ends with running; the end of stopping cuts the stopping short.
func run(running, stopping context.Context, data string) (err error) {
	t := newTerminal()
	var cluster *pg.Cluster
	err = t.step("启动 PostgreSQL / starting PostgreSQL", func() (err error) {
		cluster, err = pg.Start(running, pg.Config{DataDir: data, Log: t.say})
		return err
	})
	if err != nil {
		return ended(running, err)
	}
	defer func() {
		err = errors.Join(err, t.step("停止 PostgreSQL / stopping PostgreSQL", func() error { return cluster.Stop(stopping) }))
	}()
	running, lost := context.WithCancelCause(running)
	defer lost(nil)
	go func() {
		<-cluster.Done()
		lost(errors.New("PostgreSQL 意外退出，请看数据目录中的 postgres.log / PostgreSQL has ended unexpectedly, see postgres.log in the data folder"))
	}()
	if err := onCluster(running, stopping, data, cluster, t); err != nil {
		return ended(running, err)
	}
	return unexpected(running)
}

func onCluster(running, stopping context.Context, data string, cluster *pg.Cluster, t *terminal) (err error) {
	var server *temporal.Server
	err = t.step("启动 Temporal / starting Temporal", func() (err error) {
		server, err = temporal.Start(running, temporal.Config{Cluster: cluster, LogFile: filepath.Join(data, "temporal.log"), Log: t.say})
		return err
	})
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, t.step("停止 Temporal / stopping Temporal", func() error { return patiently(stopping, server.Stop) }))
	}()
	return application(running, machine{cluster: cluster, temporal: server.FrontendAddress(), data: data, terminal: t})
}

// patiently waits for stop until ctx ends.
func patiently(ctx context.Context, stop func() error) error {
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
		return errors.New("未等其停止 / did not wait for it to stop")
	}
}

// ended turns the faults of an interrupted start into silence: the user knows.
func ended(running context.Context, err error) error {
	if cause := unexpected(running); cause != nil {
		return errors.Join(cause, err)
	}
	if running.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// unexpected is why running ended, if it was not by the user's wish.
func unexpected(running context.Context) error {
	if cause := context.Cause(running); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
