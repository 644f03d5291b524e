package pg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Attach reads where another process's cluster in the data folder listens, to
// reach its databases. What is returned connects; it can neither be stopped
// nor waited for. Whether the server runs right now is not checked.
func Attach(dir string) (*Cluster, error) {
	base, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return nil, fmt.Errorf("attaching to the cluster in %s: %w", dir, err)
	}
	place := place{base: base}
	password, err := os.ReadFile(place.password())
	portText, portErr := os.ReadFile(place.portFile())
	if err := errors.Join(err, portErr); err != nil {
		return nil, fmt.Errorf("attaching to the cluster in %s: %w", dir, err)
	}
	port, err := strconv.Atoi(strings.TrimSpace(string(portText)))
	if err != nil {
		return nil, fmt.Errorf("attaching to the cluster in %s: %w", dir, err)
	}
	return &Cluster{place: place, port: port, password: strings.TrimSpace(string(password))}, nil
}
