package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// entrance is where a program that has come up lets its administrator in.
type entrance struct{ url, password string }

var (
	said     = regexp.MustCompile(`notices and API:\s+(\S+)/\s`)
	password = regexp.MustCompile(`administrator:\s+admin / (\S+)`)
)

func (p *program) entrance(t *testing.T) entrance {
	t.Helper()
	p.until(t, "ready, Ctrl-C stops")
	url, secret := said.FindStringSubmatch(p.said.String()), password.FindStringSubmatch(p.said.String())
	if url == nil || secret == nil {
		t.Fatalf("it does not say where it is:\n%s", &p.said)
	}
	return entrance{url[1], secret[1]}
}

// login writes: every attempt is kept.
func (e entrance) login(t *testing.T) (status int, answer string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"username": "admin", "password": e.password})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url+"/v1/login", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Linli-Page", "test")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(raw)
}

// fill leaves no byte on the disk.
func fill(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, size := range []int{1 << 20, 1 << 10} {
		for block := make([]byte, size); err == nil; {
			_, err = file.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
}

// TestADataFolderThatCannotBeWritten has the data folder on a disk of its own:
// read-only, the program says so and does not start; full, whoever writes is
// told why not; killed on a full disk, nothing is lost.
func TestADataFolderThatCannotBeWritten(t *testing.T) {
	t.Setenv("LINLI_DEMO", "off")
	t.Setenv("LINLI_LISTEN", "127.0.0.1:0")
	disk := folder(t)
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=300m,mode=755"); err != nil {
		t.Skipf("no privilege to mount a disk (%v): what the server answers is shown in its own tests", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	data, filler := filepath.Join(disk, "data"), filepath.Join(disk, "filler")
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	remount := func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|flags, "size=300m"); err != nil {
			t.Fatal(err)
		}
	}
	remount(syscall.MS_RDONLY)
	refused := launch(t, "run", "--data", data)
	if code := refused.exit(t); code != 1 || !strings.Contains(refused.errors.String(), "数据目录只读 / the data folder is read-only") {
		t.Errorf("on a read-only disk: exit code %d, %s", code, &refused.errors)
	}
	remount(0)

	p := launch(t, "run", "--data", data)
	door := p.entrance(t)
	super(t, data, "CREATE TABLE kept AS SELECT 'yes' AS word")
	fill(t, filler)
	status, answer := door.login(t)
	for tries := 0; status == http.StatusOK && tries < 500; tries++ { // a page has room for some rows
		status, answer = door.login(t)
	}
	if status != http.StatusServiceUnavailable || !strings.Contains(answer, "磁盘已满") {
		t.Errorf("on a full disk a login is answered %d %s", status, answer)
	}
	p.signal(t, syscall.SIGKILL)
	p.exit(t)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	again := launch(t, "run", "--data", data)
	door = again.entrance(t)
	if status, answer := door.login(t); status != http.StatusOK || super(t, data, "SELECT word FROM kept") != "yes" {
		t.Errorf("with room again: %d %s", status, answer)
	}
	again.signal(t, syscall.SIGINT)
	if code := again.exit(t); code != 0 {
		t.Errorf("exit code %d: %s", code, &again.errors)
	}
}
