// Package port chooses free TCP ports on the loopback interface for the
// services one machine runs for itself. It stays below 32768: Temporal stores
// ports in a smallint, and from there on the kernel hands ports to outgoing
// connections, which could take a chosen port before it is bound.
package port

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

const (
	lowest  = 20000
	highest = 32767
)

// Free returns preferred if nothing listens there, otherwise a random free
// port between 20000 and 32767. The port is not reserved: bind it soon.
func Free(preferred int) (int, error) {
	if preferred >= 1 && preferred <= highest && free(preferred) {
		return preferred, nil
	}
	for range 200 {
		candidate := lowest + rand.IntN(highest-lowest+1)
		if free(candidate) {
			return candidate, nil
		}
	}
	return 0, errors.New("no free TCP port between 20000 and 32767 on 127.0.0.1")
}

func free(port int) bool {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
