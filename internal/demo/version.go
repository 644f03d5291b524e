package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strings"

	"linli/approval"
	"linli/examples"
)

// Version names the sample data this program carries: the beginning of a hash
// over every file.
func Version() (string, error) {
	sum := sha256.New()
	for _, files := range []fs.FS{examples.Demo, examples.RuleSets} {
		err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			raw, err := fs.ReadFile(files, path)
			sum.Write([]byte(path + "\n"))
			sum.Write(raw)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

// claim notes in the marker which sample data are about to be loaded. It
// refuses where others are, or where people are whom no marker explains: two
// versions in one system would be neither.
func (l *loader) claim(ctx context.Context) error {
	if l.Marker == "" {
		return nil
	}
	version, err := Version()
	if err != nil {
		return err
	}
	held, err := os.ReadFile(l.Marker)
	if err == nil && strings.TrimSpace(string(held)) == version {
		return nil
	}
	if err == nil {
		return otherVersion()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var accounts struct{ Items []approval.Account }
	if err := l.admin.Read(ctx, "/v1/accounts?limit=2", &accounts); err != nil {
		return err
	}
	if len(accounts.Items) > 1 {
		return otherVersion()
	}
	unfinished := l.Marker + ".unfinished"
	if err := os.WriteFile(unfinished, []byte(version+"\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(unfinished, l.Marker)
}

func otherVersion() error {
	return approval.Errorf(approval.KeyReused,
		"系统中已有人员或另一版本的示例数据，全部保留；本版示例数据没有载入。要试用新版，请换一个空的数据目录。",
		"The system holds people or another version of the sample data, all of it is kept; this version's was not loaded. To try it, use an empty data folder.")
}
