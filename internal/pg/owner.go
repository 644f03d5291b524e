package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// owner is the user the server runs as and the data belongs to. PostgreSQL
// refuses root, so root hands the server to another user.
type owner struct {
	uid, gid uint32
	name     string
	other    bool // not the user of this process
}

// ownerOf returns who already owns the cluster in dir, so that data made under
// one user is never reopened under another.
func ownerOf(dir string) (owner, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return owner{}, err
	}
	stat := info.Sys().(*syscall.Stat_t)
	found := owner{uid: stat.Uid, gid: stat.Gid, name: strconv.Itoa(int(stat.Uid)), other: int(stat.Uid) != os.Geteuid()}
	if known, err := user.LookupId(found.name); err == nil {
		found.name = known.Username
	}
	if found.other && os.Geteuid() != 0 {
		return owner{}, fmt.Errorf("数据目录 %[1]s 属于用户 %[2]s，请以该用户或 root 运行 / data folder %[1]s belongs to user %[2]s: run as that user or as root", dir, found.name)
	}
	return found, nil
}

// newOwner chooses who will own a cluster that does not exist yet.
func newOwner() (owner, error) {
	if uid := os.Geteuid(); uid != 0 {
		return owner{uid: uint32(uid), gid: uint32(os.Getegid()), name: strconv.Itoa(uid)}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		known, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(known.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(known.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			return owner{}, fmt.Errorf("reading ids of user %s: %w", name, err)
		}
		return owner{uid: uint32(uid), gid: uint32(gid), name: name, other: true}, nil
	}
	return owner{}, errors.New("PostgreSQL 不能以 root 运行，而本机没有 postgres 或 nobody 用户 / PostgreSQL refuses root and this machine has no user postgres or nobody: create one (useradd --system postgres) or run as a normal user")
}

// command runs a program as the owner, from a directory everybody may enter
// and in its own process group, so that a Ctrl-C at the terminal reaches only
// this process. The environment is bare: PGPORT and its like would steer the
// server, and the start reads some of its messages in English.
func (o owner) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH"), "LD_LIBRARY_PATH=" + os.Getenv("LD_LIBRARY_PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if o.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid}
	}
	return cmd
}

// reaches reports whether the owner may enter dir, parents included.
func (o owner) reaches(dir string) bool {
	return o.command(context.Background(), "/bin/sh", "-c", `cd -- "$0"`, dir).Run() == nil
}

// give makes path the owner's, for nobody else to read.
func (o owner) give(path string, mode os.FileMode) error {
	if o.other {
		if err := os.Chown(path, int(o.uid), int(o.gid)); err != nil {
			return err
		}
	}
	return os.Chmod(path, mode)
}
