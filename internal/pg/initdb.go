package pg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// initialise creates the cluster on first use and returns the superuser's
// password. A creation cut short leaves nothing that looks like a cluster.
func initialise(ctx context.Context, p place, bin string, cfg Config) (string, error) {
	if version, err := p.version(); err != nil || version != "" {
		if err != nil {
			return "", err
		}
		text, err := os.ReadFile(p.password())
		if err != nil {
			return "", fmt.Errorf("reading the database password: %w", err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	begun := time.Now()
	cfg.Log("正在创建数据库集群… / creating the database cluster…")
	password, err := p.newPassword()
	if err != nil {
		return "", fmt.Errorf("writing the database password: %w", err)
	}
	if err := initdb(ctx, p, bin, cfg.Disposable); err != nil {
		return "", err
	}
	cfg.Log(fmt.Sprintf("数据库集群已创建（%[1]s） / database cluster created (%[1]s)", elapsed(begun)))
	return password, nil
}

func (p place) newPassword() (string, error) {
	password := rand.Text()
	if err := os.WriteFile(p.password(), []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	return password, p.owner.give(p.password(), 0o600)
}

// initdb builds beside the final name and renames, so that a killed run is
// simply repeated.
func initdb(ctx context.Context, p place, bin string, disposable bool) error {
	unfinished := p.cluster() + ".unfinished"
	var failure error
	for _, locale := range []string{"C.UTF-8", "C"} { // the first is missing on some systems
		if err := freshDir(unfinished, p.owner); err != nil {
			return err
		}
		cmd := p.owner.command(ctx, filepath.Join(bin, "initdb"), "--pgdata", unfinished,
			"--username", Superuser, "--pwfile", p.password(), "--auth", "scram-sha-256",
			"--encoding", "UTF8", "--locale", locale, "--data-checksums", "--no-instructions")
		if disposable {
			cmd.Args = append(cmd.Args, "--no-sync")
		}
		output, err := cmd.CombinedOutput()
		if err == nil {
			return os.Rename(unfinished, p.cluster())
		}
		failure = fmt.Errorf("initdb with locale %s: %w\n%s", locale, err, output)
		if !strings.Contains(string(output), "locale") {
			break
		}
	}
	return errors.Join(failure, ctx.Err(), os.RemoveAll(unfinished))
}

func freshDir(dir string, o owner) error {
	if err := os.RemoveAll(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return o.give(dir, 0o700)
}

func elapsed(since time.Time) string {
	return fmt.Sprintf("%.1f s", time.Since(since).Seconds())
}
