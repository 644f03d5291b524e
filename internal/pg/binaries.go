package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// oldest is the first major version whose SQL the program uses.
const oldest = 15

// program is one folder with server programs.
type program struct {
	bin   string
	major int
}

// binaries returns the folder of the server programs to use: one found on the
// machine, else installed by Debian's package manager (as root), else by npm
// into the data folder. Existing data dictates the major version.
func binaries(ctx context.Context, p place, log func(string)) (string, error) {
	version, err := p.version()
	if err != nil {
		return "", err
	}
	wanted := 0
	if version != "" {
		if wanted, err = strconv.Atoi(version); err != nil {
			return "", fmt.Errorf("reading PG_VERSION: %w", err)
		}
	}
	if bin, ok := choose(installed(ctx, p), wanted); ok {
		return bin, nil
	}
	var failures []error
	for _, install := range []func(context.Context, place, int, func(string)) error{installDebian, installNPM} {
		if err := install(ctx, p, wanted, log); err != nil {
			failures = append(failures, err)
			continue
		}
		if bin, ok := choose(installed(ctx, p), wanted); ok {
			return bin, nil
		}
	}
	return "", missing(wanted, failures)
}

func missing(wanted int, failures []error) error {
	what := "PostgreSQL"
	if wanted != 0 {
		what = fmt.Sprintf("PostgreSQL %d", wanted)
	}
	return fmt.Errorf("找不到 %[1]s 服务器程序。三种办法任选其一：(1) 安装后放进 PATH 或 /usr/lib/postgresql/<版本>/bin；(2) 以 root 运行，由程序用 apt-get 安装；(3) 安装 node 与 npm，由程序安装 %[2]s"+
		" / no %[1]s server programs found. Any of three ways: (1) install them into PATH or /usr/lib/postgresql/<version>/bin; (2) run as root, then apt-get is used; (3) install node and npm, then %[2]s is used: %[3]w",
		what, npmPackage(), errors.Join(failures...))
}

// choose prefers the search order unless existing data wants one version.
func choose(found []program, wanted int) (string, bool) {
	for _, candidate := range found {
		if wanted == candidate.major || wanted == 0 && candidate.major >= oldest {
			return candidate.bin, true
		}
	}
	return "", false
}

// installed lists the usable program folders in order of preference: PATH,
// the distributions' folders with the newest first, the npm package.
func installed(ctx context.Context, p place) []program {
	var found, system []program
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			found = inspect(ctx, p.owner, filepath.Dir(real), found)
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"} {
		matches, _ := filepath.Glob(pattern) // the patterns are well-formed
		for _, folder := range matches {
			system = inspect(ctx, p.owner, folder, system)
		}
	}
	slices.SortStableFunc(system, func(a, b program) int { return b.major - a.major })
	found = append(found, system...)
	return inspect(ctx, p.owner, filepath.Join(p.npm(), "node_modules", npmPackage(), "native", "bin"), found)
}

var majorVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect appends folder if its owner can run both programs there.
func inspect(ctx context.Context, o owner, folder string, found []program) []program {
	if _, err := os.Stat(filepath.Join(folder, "initdb")); err != nil {
		return found
	}
	output, err := o.command(ctx, filepath.Join(folder, "postgres"), "--version").Output()
	if err != nil {
		return found
	}
	match := majorVersion.FindSubmatch(output)
	if match == nil {
		return found
	}
	major, err := strconv.Atoi(string(match[1]))
	if err != nil {
		return found
	}
	return append(found, program{bin: folder, major: major})
}
