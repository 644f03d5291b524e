package server

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestPublicOriginNeedsTLSBeyondThisMachine(t *testing.T) {
	for address, good := range map[string]bool{
		"https://linli.example": true, "http://localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:80": true,
		"http://linli.example": false, "http://192.168.1.5": false, "ftp://localhost": false, "localhost": false, "": false,
	} {
		if _, err := publicOrigin(address); (err == nil) != good {
			t.Errorf("%q: %v, want good %v", address, err, good)
		}
	}
}

func TestForwardedAddressIsBelievedFromProxiesOnly(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		proxies         []netip.Prefix
		from, forwarded string
		want            string
	}{
		{nil, "198.51.100.7:5000", "203.0.113.9", "198.51.100.7"},
		{proxies, "10.1.2.3:5000", "203.0.113.9", "203.0.113.9"},
		{proxies, "198.51.100.7:5000", "203.0.113.9", "198.51.100.7"},
		{proxies, "10.1.2.3:5000", "1.2.3.4, 203.0.113.9", "203.0.113.9"}, // what the client added itself counts for nothing
		{proxies, "127.0.0.1:5000", "203.0.113.9", "127.0.0.1"},
	} {
		request := &http.Request{RemoteAddr: test.from, Header: http.Header{"X-Forwarded-For": {test.forwarded}}}
		if got := ipExtractor(test.proxies)(request); got != test.want {
			t.Errorf("from %s for %s: %s, want %s", test.from, test.forwarded, got, test.want)
		}
	}
}
