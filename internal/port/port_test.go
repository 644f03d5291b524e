package port_test

import (
	"fmt"
	"net"
	"testing"

	"linli/internal/port"
)

func TestFreeKeepsThePreferredPortWhileItIsFree(t *testing.T) {
	first, err := port.Free(0)
	if err != nil {
		t.Fatal(err)
	}
	if first < 20000 || first > 32767 {
		t.Fatalf("port %d is outside 20000-32767", first)
	}
	again, err := port.Free(first)
	if err != nil || again != first {
		t.Fatalf("Free(%d) = %d, %v; want the same free port", first, again, err)
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	other, err := port.Free(first)
	if err != nil || other == first {
		t.Fatalf("Free(%d) = %d, %v while the port is taken; want another one", first, other, err)
	}
}

func TestFreeRefusesAPreferenceTemporalCannotStore(t *testing.T) {
	got, err := port.Free(40000)
	if err != nil || got > 32767 {
		t.Fatalf("Free(40000) = %d, %v; want a port that fits a smallint", got, err)
	}
}
