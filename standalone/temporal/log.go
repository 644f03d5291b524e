package temporal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"go.temporal.io/server/common/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// largestLog is the size in bytes from which a start sets the old log aside,
// replacing the one before it. Errors come with stack traces.
const largestLog = 16 << 20

// newLogger keeps warnings and worse. What the library calls fatal panics
// instead of exiting, so that the database is still stopped in order.
func newLogger(file string) (log.Logger, error) {
	if file != "" {
		if err := prepareLog(file); err != nil {
			return nil, fmt.Errorf("opening Temporal's log: %w", err)
		}
	}
	built := log.BuildZapLogger(log.Config{Level: "warn", OutputFile: file})
	return log.NewZapLogger(built.WithOptions(zap.WithFatalHook(zapcore.WriteThenPanic))), nil
}

// prepareLog proves that the file can be written, which the library does not
// report, and makes it private.
func prepareLog(file string) error {
	info, err := os.Stat(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && info.Mode().IsRegular() && info.Size() > largestLog {
		if err := os.Rename(file, file+".old"); err != nil {
			return err
		}
	}
	opened, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	return opened.Close()
}
