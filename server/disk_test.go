package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

	"linli/approval"
	"linli/server"
	"linli/store"
	"linli/store/storetest"
)

// keeping moves the world's attachments to another bucket.
func (w *world) keeping(bucket *blob.Bucket) {
	w.t.Helper()
	w.t.Cleanup(func() { bucket.Close() })
	w.reopened(server.Config{Records: w.store, Bucket: bucket})
}

// reopened serves the world with other parts.
func (w *world) reopened(c server.Config) {
	w.t.Helper()
	c.PublicURL, c.Scoped, c.Now, c.Log = "http://127.0.0.1", store.WithPerson, w.now, slog.New(slog.NewTextHandler(io.Discard, nil))
	var err error
	w.server, err = server.New(c)
	fatal(w.t, err)
	w.http.Close()
	w.http = httptest.NewServer(w.server.Handler())
	w.t.Cleanup(w.http.Close)
	w.bucket = c.Bucket
}

// uploaded sends a text of so many bytes under a key.
func (w *world) uploaded(bearer, key string, size int) answered {
	w.t.Helper()
	body, media := form(w.t, storetest.Community1, "a.txt", bytes.Repeat([]byte("x"), size))
	return w.ask(asked{method: "POST", path: "/v1/attachments", bearer: bearer, key: key, body: body, media: media})
}

func (w *world) uploader() string {
	w.t.Helper()
	person := storetest.Person(w.t, w.store, "uploader", storetest.Community1, grant(approval.Handler, storetest.Community1))
	token, err := w.store.CreateToken(store.WithPerson(w.t.Context(), person), person.ID, "test", w.now().AddDate(0, 0, 1), w.now())
	fatal(w.t, err)
	return token.Secret
}

// recorded is how many attachments the database knows.
func (w *world) recorded() (rows int) {
	w.t.Helper()
	fatal(w.t, connect(w.t, w.address.Owner).QueryRow(w.t.Context(), `SELECT count(*) FROM attachments`).Scan(&rows))
	return rows
}

// clearly fails unless the answer is 503, says what is wrong and when to come
// again, and shows nothing of the inside.
func (a answered) clearly(t *testing.T, zh string) {
	t.Helper()
	a.want(t, 503, approval.Unavailable)
	if !strings.Contains(a.Detail, zh) || a.header.Get("Retry-After") == "" || strings.Contains(string(a.raw), "/tmp") || strings.Contains(string(a.raw), "no space") {
		t.Errorf("answered %s, Retry-After %q", a.raw, a.header.Get("Retry-After"))
	}
}

// failing is a bucket whose disk refuses what is written, at the beginning or
// at the end.
type failing struct {
	driver.Bucket
	err   error
	atEnd bool
}

func (f failing) NewTypedWriter(context.Context, string, string, *driver.WriterOptions) (driver.Writer, error) {
	if f.atEnd {
		return failingWriter(f), nil
	}
	return nil, f.err
}
func (f failing) Attributes(context.Context, string) (*driver.Attributes, error) { return nil, f.err }
func (f failing) Delete(context.Context, string, *driver.DeleteOptions) error    { return f.err }
func (failing) ErrorCode(error) gcerrors.ErrorCode                               { return gcerrors.Unknown }
func (failing) ErrorAs(error, any) bool                                          { return false }
func (failing) Close() error                                                     { return nil }

type failingWriter failing

func (failingWriter) Write(p []byte) (int, error) { return len(p), nil }
func (f failingWriter) Close() error              { return f.err }

func TestADiskThatTakesNothing(t *testing.T) {
	w := newWorld(t)
	bearer := w.uploader()
	for name, disk := range map[string]failing{
		"full":             {err: syscall.ENOSPC},
		"full at the end":  {err: syscall.ENOSPC, atEnd: true},
		"read-only":        {err: &fs.PathError{Op: "open", Path: "/var/lib/linli", Err: syscall.EROFS}},
		"over its quota":   {err: syscall.EDQUOT, atEnd: true},
		"failing":          {err: syscall.EIO},
		"away altogether":  {err: errors.New("dial tcp: connection refused")},
		"permission taken": {err: fs.ErrPermission},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.keeping(blob.NewBucket(disk))
			w.uploaded(bearer, "disk-"+strings.ReplaceAll(name, " ", "-"), 100).clearly(t, "附件暂时无法保存")
			if rows := w.recorded(); rows != 0 {
				t.Errorf("%d attachments recorded, none stored", rows)
			}
			w.ask(asked{method: "GET", path: "/readyz"}).want(t, 200, "") // everything else goes on
			w.ask(asked{method: "GET", path: "/v1/me", bearer: bearer}).want(t, 200, "")
		})
	}
	w.t = t
	w.keeping(blob.NewBucket(failing{err: syscall.ENOSPC}))
	w.uploaded(bearer, "disk-recovers", 100).clearly(t, "附件")
	folder, err := fileblob.OpenBucket(t.TempDir(), &fileblob.Options{NoTempDir: true})
	fatal(t, err)
	w.keeping(folder)
	w.uploaded(bearer, "disk-recovers", 100).want(t, 200, "") // the same key, once there is room
	if rows := w.recorded(); rows != 1 || w.stored() != 1 {
		t.Errorf("%d recorded, %d stored, want one", rows, w.stored())
	}
}

// TestATinyDisk fills a real file system of one mebibyte and makes it
// read-only. Mounting takes privileges; without them a folder stands in, to
// which the file system's refusals are put by hand in TestADiskThatTakesNothing.
func TestATinyDisk(t *testing.T) {
	folder := t.TempDir()
	mounted := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=1m") == nil
	if mounted {
		t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	}
	w := newWorld(t)
	bearer := w.uploader()
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true})
	fatal(t, err)
	w.keeping(bucket)
	w.uploaded(bearer, "tiny-first", 700<<10).want(t, 200, "")
	if !mounted {
		w.uploaded(bearer, "tiny-second", 700<<10).want(t, 200, "")
		return
	}
	for i := range 3 {
		w.uploaded(bearer, fmt.Sprintf("tiny-second-%d", i), 700<<10).clearly(t, "附件暂时无法保存")
	}
	left, err := filepath.Glob(folder + "/*")
	fatal(t, err)
	if len(left) != 2 || w.recorded() != 1 || w.stored() != 1 { // the file and what is known of it
		t.Errorf("%v left on the disk, %d recorded, %d stored", left, w.recorded(), w.stored())
	}
	fatal(t, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=8m"))
	w.uploaded(bearer, "tiny-third", 100).clearly(t, "附件暂时无法保存")
	fatal(t, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, "size=8m"))
	for range 2 {
		w.uploaded(bearer, "tiny-second-0", 700<<10).want(t, 200, "")
	}
	if w.recorded() != 2 || w.stored() != 2 {
		t.Errorf("%d recorded, %d stored, want 2 each", w.recorded(), w.stored())
	}
}

// TestADatabaseThatTakesNoWrites: what only reads goes on, what writes is told
// why not, and nothing is left of it.
func TestADatabaseThatTakesNoWrites(t *testing.T) {
	w := newWorld(t)
	bearer := w.uploader()
	w.ask(asked{method: "GET", path: "/v1/me", bearer: bearer}).want(t, 200, "") // notes the use of the token
	db := openAs(t, w.address.API+"&default_transaction_read_only=on")
	w.reopened(server.Config{Records: db, Bucket: w.bucket})
	w.ask(asked{method: "GET", path: "/v1/scopes"}).want(t, 200, "")
	w.ask(asked{method: "GET", path: "/v1/me", bearer: bearer}).want(t, 200, "")
	w.uploaded(bearer, "read-only-database", 100).clearly(t, "数据库暂时不能写入")
	w.ask(asked{method: "POST", path: "/v1/login", body: map[string]string{"username": "x", "password": "y"}}).clearly(t, "数据库暂时不能写入")
	if w.recorded() != 0 || w.stored() != 0 {
		t.Errorf("%d recorded, %d stored, want none", w.recorded(), w.stored())
	}
	w.reopened(server.Config{Records: w.store, Bucket: w.bucket})
	w.uploaded(bearer, "read-only-database", 100).want(t, 200, "")
	if w.recorded() != 1 || w.stored() != 1 {
		t.Errorf("%d recorded, %d stored, want one", w.recorded(), w.stored())
	}
}

// TestAFullDatabaseDisk puts the tables an upload writes to on a disk that is
// then full.
func TestAFullDatabaseDisk(t *testing.T) {
	folder, err := os.MkdirTemp("/tmp", "linli-full-")
	fatal(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=2m,mode=777"); err != nil {
		t.Skipf("no privilege to mount a disk (%v): TestADatabaseThatTakesNoWrites covers the answer", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	w := newWorld(t)
	bearer := w.uploader()
	owner := connect(t, w.address.Owner)
	space, full := folder+"/space", folder+"/filler"
	fatal(t, os.Mkdir(space, 0o777))
	fatal(t, os.Chmod(space, 0o777))
	fatal(t, ownLike(space, w.dataDir()))
	for _, statement := range []string{
		`CREATE TABLESPACE tiny LOCATION '` + space + `'`, `ALTER TABLE attachments SET TABLESPACE tiny`, `ALTER TABLE operations SET TABLESPACE tiny`,
	} {
		_, err := owner.Exec(t.Context(), statement)
		fatal(t, err)
	}
	t.Cleanup(func() {
		admin := connect(t, w.address.Owner)
		for _, statement := range []string{`ALTER TABLE attachments SET TABLESPACE pg_default`, `ALTER TABLE operations SET TABLESPACE pg_default`, `DROP TABLESPACE tiny`} {
			_, err := admin.Exec(context.Background(), statement)
			fatal(t, err)
		}
	})
	w.uploaded(bearer, "full-database-first", 100).want(t, 200, "")
	filler, err := os.Create(full)
	fatal(t, err)
	_, _ = io.Copy(filler, zeros{}) // until there is no room
	filler.Close()
	refusedAt := 0
	for i := 0; refusedAt == 0; i++ { // a page has room for some rows
		answer := w.uploaded(bearer, fmt.Sprintf("full-database-%d", i), 100)
		if answer.status != 200 {
			answer.clearly(t, "数据库暂时不能写入")
			refusedAt = i + 1
		}
		if i > 500 {
			t.Fatal("a full disk took 500 rows")
		}
	}
	if w.recorded() != w.stored() {
		t.Errorf("%d recorded, %d stored", w.recorded(), w.stored())
	}
	fatal(t, os.Remove(full))
	w.uploaded(bearer, fmt.Sprintf("full-database-%d", refusedAt-1), 100).want(t, 200, "")
	if w.recorded() != w.stored() || w.recorded() != refusedAt+1 {
		t.Errorf("%d recorded, %d stored, want %d each", w.recorded(), w.stored(), refusedAt+1)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// dataDir is where the database keeps its files.
func (w *world) dataDir() (folder string) {
	w.t.Helper()
	fatal(w.t, connect(w.t, w.address.Owner).QueryRow(w.t.Context(), `SHOW data_directory`).Scan(&folder))
	return folder
}

// ownLike gives a folder to whoever owns another.
func ownLike(folder, other string) error {
	known, err := os.Stat(other)
	if err != nil {
		return err
	}
	owner := known.Sys().(*syscall.Stat_t)
	return os.Chown(folder, int(owner.Uid), int(owner.Gid))
}
