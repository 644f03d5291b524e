package pg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// elsewhere takes a cluster whose data folder its owner cannot enter, such as
// a checkout below /root.
const elsewhere = "/var/lib/linli"

// longestSocket is what fits into sockaddr_un together with /.s.PGSQL.32767.
const longestSocket = 107 - len("/.s.PGSQL.32767")

// place is the folder of one cluster: base belongs to this process's user,
// cluster and sockets within it to the owner.
type place struct {
	base  string
	owner owner
}

func (p place) cluster() string  { return filepath.Join(p.base, "cluster") }
func (p place) password() string { return filepath.Join(p.base, "password") }
func (p place) portFile() string { return filepath.Join(p.base, "port") }
func (p place) log() string      { return filepath.Join(p.base, "postgres.log") }
func (p place) npm() string      { return filepath.Join(p.base, "npm") }

// version returns the major version of the data, "" before it is created.
func (p place) version() (string, error) {
	text, err := os.ReadFile(filepath.Join(p.cluster(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}

// settle finds or makes the cluster's folder, dir/postgres. Where its owner
// cannot enter dir, that name becomes a link to a folder in /var/lib/linli.
func settle(dir string, log func(string)) (place, error) {
	name := filepath.Join(dir, "postgres")
	if err := os.MkdirAll(name, 0o755); err != nil {
		return place{}, fmt.Errorf("creating %s: %w", name, err)
	}
	base, err := filepath.EvalSymlinks(name)
	if err != nil {
		return place{}, err
	}
	found := place{base: base}
	found.owner, err = ownerOf(found.cluster())
	fresh := errors.Is(err, fs.ErrNotExist)
	if fresh {
		found.owner, err = newOwner()
	}
	if err != nil {
		return place{}, err
	}
	if found.owner.reaches(base) {
		return found, nil
	}
	if !fresh {
		return place{}, fmt.Errorf("用户 %[2]s 无法进入数据目录 %[1]s，请放开上级目录的进入权限 / user %[2]s cannot enter %[1]s: make its parent folders traversable (chmod o+x)", base, found.owner.name)
	}
	return found.move(name, log)
}

func (p place) move(name string, log func(string)) (place, error) {
	if err := errors.Join(os.MkdirAll(elsewhere, 0o755), os.Chmod(elsewhere, 0o755)); err != nil { // whatever the umask
		return place{}, err
	}
	base, err := os.MkdirTemp(elsewhere, "postgres-")
	if err != nil {
		return place{}, err
	}
	if err := errors.Join(os.Chmod(base, 0o755), os.RemoveAll(name), os.Symlink(base, name)); err != nil {
		return place{}, fmt.Errorf("linking %s to %s: %w", name, base, err)
	}
	log(fmt.Sprintf("用户 %[1]s 无法进入 %[2]s，数据库放在 %[3]s / user %[1]s cannot enter %[2]s, keeping the database in %[3]s", p.owner.name, name, base))
	p.base = base
	return p, nil
}

// sockets returns the folder of the unix socket. A long data path would not
// fit a socket address; there it is a link to a short folder in /tmp, which is
// only trusted while it is private to the owner.
func (p place) sockets() (string, error) {
	name := filepath.Join(p.base, "sockets")
	if len(name) <= longestSocket {
		if err := os.MkdirAll(name, 0o700); err != nil {
			return "", err
		}
		return name, p.owner.give(name, 0o700)
	}
	if target, err := os.Readlink(name); err == nil && p.private(target) {
		return target, nil
	}
	target, err := os.MkdirTemp("/tmp", "linli-postgres-")
	if err != nil {
		return "", err
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return target, errors.Join(p.owner.give(target, 0o700), os.Symlink(target, name))
}

func (p place) private(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.IsDir() && info.Mode().Perm() == 0o700 && stat.Uid == p.owner.uid
}
