package deploy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob"
)

// backupOf is backup.sh with a pg_dump that writes the name of its database;
// standalone/e2e/restore_test.go has the real one.
func backupOf(t *testing.T, folder string, settings ...string) *exec.Cmd {
	t.Helper()
	stub := "for each; do case $each in --dbname=*) name=${each#*=};; --file=*) file=${each#*=};; esac; done\necho \"$name\" >\"$file\"\n"
	return scripted(t, "backup.sh", folder, "pg_dump", stub, settings...)
}

// scripted is one of the scripts with another program of that name on its path.
func scripted(t *testing.T, script, folder, program, stub string, settings ...string) *exec.Cmd {
	t.Helper()
	programs := t.TempDir()
	if err := os.WriteFile(filepath.Join(programs, program), []byte("#!/bin/sh\n"+stub), 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", read(t, script), script, folder)
	command.Env = append(os.Environ(), "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	command.Env = append(command.Env, settings...)
	return command
}

func backUp(t *testing.T, folder string, settings ...string) (output string, err error) {
	t.Helper()
	said, err := backupOf(t, folder, settings...).CombinedOutput()
	return string(said), err
}

// whole tells whether the sums are there and right, as restore.sh asks first.
func whole(folder string) error {
	check := exec.Command("sha256sum", "--check", "--quiet", "SHA256SUMS")
	check.Dir = folder
	said, err := check.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}

// While people upload, files come and go under tar's eyes: the backup is whole,
// holds what was there before, and none of what was unfinished.
func TestABackupWhilePeopleUploadIsWhole(t *testing.T) {
	blobs := t.TempDir()
	bucket, err := blob.OpenBucket(t.Context(), "file://"+blobs+"?no_tmp_dir=true")
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close()
	content := make([]byte, 64<<10)
	for i := range 200 {
		if err := bucket.WriteAll(t.Context(), fmt.Sprintf("att_before_%d", i), content, nil); err != nil {
			t.Fatal(err)
		}
	}
	// An upload whose process died.
	if err := os.WriteFile(filepath.Join(blobs, "att_dead.18a0.tmp"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ctx.Err() == nil; i = (i + 1) % 200 {
			_ = bucket.WriteAll(ctx, fmt.Sprintf("att_during_%d", i), content, nil) // the last one is cut off
		}
	}()
	folder := filepath.Join(t.TempDir(), "backup")
	output, err := backUp(t, folder, "LINLI_BLOBS="+blobs)
	stop()
	<-stopped
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if err := whole(folder); err != nil {
		t.Fatal(err)
	}
	listed, err := exec.CommandContext(t.Context(), "tar", "-tf", filepath.Join(folder, "blobs.tar")).Output()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		if name := fmt.Sprintf("./att_before_%d\n", i); !strings.Contains(string(listed), name) {
			t.Errorf("the backup lacks %q", name)
		}
	}
	if strings.Contains(string(listed), ".tmp\n") {
		t.Errorf("unfinished files are in the backup:\n%s", listed)
	}
}

// Any other fault of tar's ends the backup.
func TestABackupThatCannotReadTheAttachmentsFails(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "backup")
	if output, err := backUp(t, folder, "LINLI_BLOBS=/nowhere/blobs"); err == nil || whole(folder) == nil {
		t.Errorf("reported as a backup: %v\n%s", err, output)
	}
}

// A mounted folder: nothing is written beside it, not even for a moment.
func TestABackupWritesNothingOutsideItsFolder(t *testing.T) {
	parent := t.TempDir()
	folder := filepath.Join(parent, "mounted")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	command := backupOf(t, folder, "LINLI_BLOBS="+t.TempDir())
	if os.Geteuid() == 0 { // whom no mode stops
		const nobody = 65534
		for _, each := range []string{folder, filepath.Dir(parent)} {
			if err := os.Chown(each, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	if err := os.Chmod(parent, 0o555); err != nil {
		t.Fatal(err)
	}
	said, err := command.CombinedOutput()
	if restored := os.Chmod(parent, 0o755); restored != nil {
		t.Fatal(restored)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if err := whole(folder); err != nil {
		t.Error(err)
	}
}

// A backup that lacks something was asked to lack it.
func TestABackupIsToldWhereTheAttachmentsAre(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "backup")
	if output, err := backUp(t, folder, "LINLI_BLOBS="); err == nil || !strings.Contains(output, "LINLI_BLOBS must") || !strings.Contains(output, "附件") {
		t.Errorf("without attachments: %v\n%s", err, output)
	}
	if output, err := backUp(t, folder, "LINLI_BLOBS=none"); err != nil || whole(folder) != nil {
		t.Errorf("told to leave them out: %v\n%s", err, output)
	}
}

// What a backup holds is restored or refused by name, and what is to be
// restored is there: before a database is touched.
func TestARestoreLeavesNothingOutUnasked(t *testing.T) {
	keys, taken, empty := t.TempDir(), t.TempDir(), t.TempDir()
	for _, file := range []string{filepath.Join(keys, "seal.key"), filepath.Join(taken, "file")} {
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(empty, "signing"), 0o700); err != nil { // a mounted volume
		t.Fatal(err)
	}
	with, without := filepath.Join(t.TempDir(), "with"), filepath.Join(t.TempDir(), "without")
	for folder, settings := range map[string][]string{
		with: {"LINLI_BLOBS=" + t.TempDir(), "LINLI_KEYS=" + keys}, without: {"LINLI_BLOBS=none"},
	} {
		if output, err := backUp(t, folder, settings...); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	const reached = "there is no database" // the stubbed psql knows none
	for _, each := range []struct{ name, folder, blobs, keys, says string }{
		{"keys without a place", with, empty, "", "LINLI_KEYS must"},
		{"attachments without a place", with, "", empty, "LINLI_BLOBS must"},
		{"no keys to restore", without, "none", empty, "holds no keys.tar"},
		{"no attachments to restore", without, empty, "", "holds no blobs.tar"},
		{"a place that is taken", with, empty, taken, "not empty"},
		{"all of it", with, empty, empty, reached},
		{"all left out", with, "none", "none", reached},
		{"all there is", without, "", "", reached},
	} {
		command := scripted(t, "restore.sh", each.folder, "psql", "exit 2\n", "LINLI_BLOBS="+each.blobs, "LINLI_KEYS="+each.keys)
		if said, err := command.CombinedOutput(); err == nil || !strings.Contains(string(said), each.says) {
			t.Errorf("%s: %v, want %q in\n%s", each.name, err, each.says, said)
		}
	}
}
