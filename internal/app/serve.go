package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // attachments in a folder: config refuses other schemes

	"go.temporal.io/sdk/client"

	"linli/approval/funduse"
	"linli/config"
	"linli/poster"
	"linli/server"
	"linli/store"
	"linli/workflows"
)

const (
	drainTimeout   = 20 * time.Second
	redeliverEvery = 5 * time.Second
)

// Serve runs the API and the public pages until ctx ends, then lets running
// requests finish.
func Serve(ctx context.Context, c config.Config, keys Keys, log *slog.Logger) error {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", c.Listen, err)
	}
	return ServeOn(ctx, listener, c, keys, log)
}

// ServeOn is Serve on a listener that is already open; it closes it.
func ServeOn(ctx context.Context, listener net.Listener, c config.Config, keys Keys, log *slog.Logger) error {
	defer listener.Close()
	seen, err := watch(ctx, c, "linli-serve", log)
	if err != nil {
		return err
	}
	defer seen.close(ctx)
	db, err := seen.database(ctx, apiDoor(c), c)
	if err != nil {
		return err
	}
	defer db.Close()
	connected, err := dial(ctx, c, seen)
	if err != nil {
		return err
	}
	defer connected.Close()
	bucket, err := openBucket(ctx, c)
	if err != nil {
		return err
	}
	defer bucket.Close()
	surface, err := surface(c, keys, seen, db, connected, bucket)
	if err != nil {
		return err
	}
	seen.api(db, connected)
	return listen(ctx, listener, surface, seen)
}

// holds asks whether the attachments are where they should be.
func holds(bucket *blob.Bucket) func(context.Context) error {
	return func(ctx context.Context) error {
		accessible, err := bucket.IsAccessible(ctx)
		if err == nil && !accessible {
			err = errors.New("the attachments are not where they should be")
		}
		return err
	}
}

// openFont works on without a font; whatever is printed is then refused.
func openFont(c config.Config, seen *sight) poster.Font {
	font, err := poster.OpenFont(c.FontFiles)
	if err != nil {
		seen.log.Warn("Papers cannot be printed.", "error", err)
	}
	return font
}

func openBucket(ctx context.Context, c config.Config) (*blob.Bucket, error) {
	bucket, err := blob.OpenBucket(ctx, beside(c.BlobURL))
	if err != nil {
		return nil, fmt.Errorf("opening the attachments at %s: %w", c.BlobURL, err)
	}
	return bucket, nil
}

// beside makes a folder of attachments its own place for unfinished files:
// from /tmp they could not be moved in where that is another disk.
func beside(address string) string {
	folder, err := url.Parse(address)
	if err != nil || folder.Scheme != "file" || folder.Query().Has("no_tmp_dir") {
		return address
	}
	query := folder.Query()
	query.Set("no_tmp_dir", "true")
	folder.RawQuery = query.Encode()
	return folder.String()
}

func surface(c config.Config, keys Keys, seen *sight, db *store.Store, connected client.Client, bucket *blob.Bucket) (*server.Server, error) {
	var secret []byte
	if c.Gateway == funduse.HTTP {
		var err error
		if secret, err = secretFile(c.BankSecretFile); err != nil {
			return nil, err
		}
	}
	font := openFont(c, seen)
	return server.New(server.Config{
		PublicURL: c.PublicURL, TrustedProxies: c.TrustedProxies,
		Records: db.Sealing(keys.Sealer), Scoped: store.WithPerson,
		Engine: workflows.NewClient(connected), Signer: keys.Signer, Rules: seen.rules(db),
		Gateway: c.Gateway, BankSecret: secret, Bucket: bucket, Font: font, Now: time.Now, DayLength: c.DayLength, Log: seen.log, Observer: seen.metrics,
		Ready: map[string]func(context.Context) error{
			"schema":      db.Migrated,
			"temporal":    reaches(connected),
			"attachments": holds(bucket),
		},
	})
}

func listen(ctx context.Context, listener net.Listener, surface *server.Server, seen *sight) error {
	log := seen.log
	httpServer := server.HTTP(seen.traces.HTTP(surface.Handler()), log)
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }()
	go redeliver(ctx, surface, log)
	log.Info("The API is running.", "address", listener.Addr().String())
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := httpServer.Shutdown(draining); err != nil {
		return errors.Join(fmt.Errorf("draining: %w", err), httpServer.Close())
	}
	return nil
}

// redeliver sends acts again whose process died before it knew the outcome.
func redeliver(ctx context.Context, surface *server.Server, log *slog.Logger) {
	ticker := time.NewTicker(redeliverEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if _, err := surface.Redeliver(ctx); err != nil && ctx.Err() == nil {
				log.Warn("Some pending operations could not be delivered.", "error", err)
			}
		}
	}
}
