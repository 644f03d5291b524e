// Package fonts finds the fonts that posters are printed with and, where it
// may, installs them.
//
// It decides which Debian packages stand for the default fonts. It installs
// only as root, only with apt-get, and only what is missing: whoever names
// fonts of their own brings them.
package fonts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Debian is the default chain of fonts, as poster.OpenFont reads it: Chinese,
// then Latin letters and digits, which the Chinese one lacks.
const Debian = droid + "," + dejavu

const (
	droid  = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"
	dejavu = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
)

var debian = map[string]string{droid: "fonts-droid-fallback", dejavu: "fonts-dejavu-core"}

// Ensure installs the packages of the default fonts among files that are not
// there. Doing it again changes nothing.
func Ensure(ctx context.Context, files string) error {
	return ensure(ctx, files, debian, os.Geteuid() == 0)
}

func ensure(ctx context.Context, files string, packages map[string]string, root bool) error {
	var missing []string
	for file := range strings.SplitSeq(files, ",") {
		file = strings.TrimSpace(file)
		if _, err := os.Stat(file); err != nil && packages[file] != "" {
			missing = append(missing, packages[file])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if !root {
		return fmt.Errorf("缺少字体，请以管理员安装 / fonts are missing, install them as root: apt-get install %s", strings.Join(missing, " "))
	}
	if stale := install(ctx, missing); stale != nil { // the list of packages may be old or absent
		return errors.Join(aptGet(ctx, "update", "-q"), install(ctx, missing))
	}
	return nil
}

func install(ctx context.Context, names []string) error {
	return aptGet(ctx, append([]string{"install", "-y", "-q", "--no-install-recommends"}, names...)...)
}

// aptGet waits for its turn: tests of several packages may install at once.
func aptGet(ctx context.Context, args ...string) error {
	command := exec.CommandContext(ctx, "apt-get", append([]string{"-o", "DPkg::Lock::Timeout=300"}, args...)...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w: %s", args[0], err, tail(said))
	}
	return nil
}

func tail(said []byte) string {
	const kept = 400
	return strings.TrimSpace(string(said[max(0, len(said)-kept):]))
}
