package pg

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// RunningError refuses a second start on one data folder. Nothing was touched.
type RunningError struct {
	PID  int // of the holder; 0 when it could not be read
	Path string
}

// Error is bilingual because it is printed to the person at the terminal.
func (e *RunningError) Error() string {
	return fmt.Sprintf("已在运行（进程 %[1]d，锁文件 %[2]s） / already running (pid %[1]d, lock file %[2]s)", e.PID, e.Path)
}

// acquire takes the folder for this process. The kernel frees the lock when
// the process ends, however it ends; children do not inherit it.
func acquire(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("数据目录不属于当前用户 / the data folder belongs to another user: %w", err)
	}
	if errors.Is(err, syscall.EROFS) {
		return nil, fmt.Errorf("数据目录只读 / the data folder is read-only: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening lock file: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &RunningError{PID: holder(file), Path: path}
		}
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := errors.Join(file.Truncate(0), writePID(file)); err != nil {
		file.Close()
		return nil, fmt.Errorf("writing lock file: %w", err)
	}
	return file, nil
}

func writePID(file *os.File) error {
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func holder(file *os.File) int {
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
