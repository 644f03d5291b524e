package bank_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linli/bank"
)

var secret = []byte("a shared secret of the test bank")

func message(t *testing.T, signer bank.Signer) (*http.Request, []byte) {
	t.Helper()
	body := []byte(`{"amountFen":1}`)
	r := httptest.NewRequest(http.MethodPost, "/payments?trace=1", nil)
	r.Header.Set(bank.KeyHeader, "case-1")
	if err := signer.Sign(r, body); err != nil {
		t.Fatal(err)
	}
	return r, body
}

func TestASignatureHoldsForItsMessageOnly(t *testing.T) {
	signer := bank.Signer{Secret: secret, Direction: bank.Request}
	for name, tamper := range map[string]func(r *http.Request, body []byte) []byte{
		"body":   func(_ *http.Request, body []byte) []byte { return []byte(strings.Replace(string(body), "1", "9", 1)) },
		"method": func(r *http.Request, body []byte) []byte { r.Method = http.MethodPut; return body },
		"path":   func(r *http.Request, body []byte) []byte { r.URL.Path = "/book"; return body },
		"query":  func(r *http.Request, body []byte) []byte { r.URL.RawQuery = "trace=2"; return body },
		"key":    func(r *http.Request, body []byte) []byte { r.Header.Set(bank.KeyHeader, "case-2"); return body },
		"no key": func(r *http.Request, body []byte) []byte { r.Header.Del(bank.KeyHeader); return body },
		"two keys": func(r *http.Request, body []byte) []byte {
			r.Header.Add(bank.KeyHeader, "case-2")
			return body
		},
		"no signature": func(r *http.Request, body []byte) []byte { r.Header.Del(bank.SignatureHeader); return body },
		"two signatures": func(r *http.Request, body []byte) []byte {
			r.Header.Add(bank.SignatureHeader, r.Header.Get(bank.SignatureHeader))
			return body
		},
		"time": func(r *http.Request, body []byte) []byte {
			return restamp(r, body, func(s *bank.Signature) { s.At = s.At.Add(time.Second) })
		},
		"nonce": func(r *http.Request, body []byte) []byte {
			return restamp(r, body, func(s *bank.Signature) { s.Nonce = strings.Repeat("0", 32) })
		},
		"code": func(r *http.Request, body []byte) []byte {
			return restamp(r, body, func(s *bank.Signature) { s.MAC[31] ^= 1 })
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := message(t, signer)
			if _, err := signer.Verify(r, body); err != nil {
				t.Fatalf("untouched: %v", err)
			}
			body = tamper(r, body)
			if _, err := signer.Verify(r, body); bank.KindOf(err) != bank.BadSignature {
				t.Errorf("tampered: %v", err)
			}
		})
	}
}

func restamp(r *http.Request, body []byte, change func(*bank.Signature)) []byte {
	signature, err := bank.ParseSignature(r.Header.Get(bank.SignatureHeader))
	if err != nil {
		panic(err)
	}
	change(&signature)
	r.Header.Set(bank.SignatureHeader, signature.String())
	return body
}

func TestASignatureNeedsTheSameSecretAndDirection(t *testing.T) {
	r, body := message(t, bank.Signer{Secret: secret, Direction: bank.Request})
	for name, reader := range map[string]bank.Signer{
		"other secret": {Secret: []byte("another secret of the test bank!"), Direction: bank.Request},
		"sent back":    {Secret: secret, Direction: bank.Callback},
		"no secret":    {Direction: bank.Request},
	} {
		if _, err := reader.Verify(r, body); bank.KindOf(err) != bank.BadSignature {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (bank.Signer{Secret: []byte("short")}).Sign(r, body); err == nil {
		t.Error("a short secret signs")
	}
}

func TestASignatureExpiresAndMayNotComeFromTheFuture(t *testing.T) {
	now := time.Date(2025, 6, 2, 9, 0, 0, 0, time.UTC)
	at := func(d time.Duration) bank.Signer {
		return bank.Signer{Secret: secret, Direction: bank.Request, Now: func() time.Time { return now.Add(d) }}
	}
	r, body := message(t, at(0))
	for _, d := range []time.Duration{-bank.Window, 0, bank.Window} {
		if _, err := at(d).Verify(r, body); err != nil {
			t.Errorf("read %s later: %v", d, err)
		}
	}
	for _, d := range []time.Duration{-bank.Window - time.Second, bank.Window + time.Second, 24 * time.Hour} {
		if _, err := at(d).Verify(r, body); bank.KindOf(err) != bank.BadSignature {
			t.Errorf("read %s later: %v", d, err)
		}
	}
}

func callback(t *testing.T, headerKey string, body []byte, signer bank.Signer) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/callbacks/bank", nil)
	r.Header.Set(bank.KeyHeader, headerKey)
	if err := signer.Sign(r, body); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyCallback(t *testing.T) {
	good := bank.Receipt{Key: "case-1", Status: bank.Succeeded, BankReference: "LSB1", SettledAt: time.Now().UTC().Truncate(time.Second), Amount: 5}
	encode := func(change func(*bank.Receipt)) []byte {
		receipt := good
		change(&receipt)
		text, err := json.Marshal(receipt)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	same := func(*bank.Receipt) {}
	bankSigns := bank.Signer{Secret: secret, Direction: bank.Callback}
	old := bank.Signer{Secret: secret, Direction: bank.Callback, Now: func() time.Time { return time.Now().Add(-bank.Window - time.Minute) }}
	for name, c := range map[string]struct {
		body   []byte
		signer bank.Signer
		want   bank.Kind
	}{
		"good":               {encode(same), bankSigns, ""},
		"processing":         {encode(func(r *bank.Receipt) { r.Status, r.SettledAt = bank.Processing, time.Time{} }), bankSigns, ""},
		"a request":          {encode(same), bank.Signer{Secret: secret, Direction: bank.Request}, bank.BadSignature},
		"old":                {encode(same), old, bank.BadSignature},
		"not a receipt":      {[]byte(`[]`), bankSigns, bank.BadReceipt},
		"other key":          {encode(func(r *bank.Receipt) { r.Key = "case-2" }), bankSigns, bank.BadReceipt},
		"unknown status":     {encode(func(r *bank.Receipt) { r.Status = "paid" }), bankSigns, bank.BadReceipt},
		"never seen":         {encode(func(r *bank.Receipt) { r.Status = bank.Unknown }), bankSigns, bank.BadReceipt},
		"no reference":       {encode(func(r *bank.Receipt) { r.BankReference = "" }), bankSigns, bank.BadReceipt},
		"no time":            {encode(func(r *bank.Receipt) { r.SettledAt = time.Time{} }), bankSigns, bank.BadReceipt},
		"no amount":          {encode(func(r *bank.Receipt) { r.Amount = 0 }), bankSigns, bank.BadReceipt},
		"refused, no reason": {encode(func(r *bank.Receipt) { r.Status = bank.Refused }), bankSigns, bank.BadReceipt},
	} {
		t.Run(name, func(t *testing.T) {
			receipt, err := bank.VerifyCallback(secret, callback(t, "case-1", c.body, c.signer), c.body)
			if bank.KindOf(err) != c.want || (err == nil) != (c.want == "") {
				t.Fatalf("got %v, want kind %q", err, c.want)
			}
			if name == "good" && receipt != good {
				t.Errorf("got %+v, want %+v", receipt, good)
			}
		})
	}
}

func FuzzParseSignature(f *testing.F) {
	r := httptest.NewRequest(http.MethodGet, "/book", nil)
	if err := (bank.Signer{Secret: secret}).Sign(r, nil); err != nil {
		f.Fatal(err)
	}
	good := r.Header.Get(bank.SignatureHeader)
	for _, seed := range []string{good, "", ",,", strings.ToUpper(good), good + ",", " " + good, strings.Replace(good, "t=", "t=+", 1), strings.Replace(good, "t=", "t=-0", 1)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		signature, err := bank.ParseSignature(header)
		if err == nil && signature.String() != header {
			t.Errorf("%q was taken but is spelled %q", header, signature)
		}
		if header == good && err != nil {
			t.Errorf("the good signature is refused: %v", err)
		}
	})
}
