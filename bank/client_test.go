package bank_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli/bank"
)

const settledReceipt = `{"key":"ZB-ZD-2025-0001/payout/1","status":"succeeded","bankReference":"LSB1","settledAt":"2025-06-02T09:00:00Z","amountFen":880000}`

func clientOf(t *testing.T, handler http.HandlerFunc) *bank.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := bank.New(bank.Config{BaseURL: server.URL, Secret: secret, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestWhatEachAnswerProvesAboutAPayment(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(settledReceipt[:20]))
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   bank.Kind
	}{
		"settled":                    {says(200, settledReceipt), ""},
		"gateway error":              {says(502, "<html>bad gateway</html>"), bank.OutcomeUnknown},
		"bank down":                  {says(503, `{"code":"unavailable"}`), bank.OutcomeUnknown},
		"5xx naming a permanent no":  {says(500, `{"code":"bad_signature"}`), bank.OutcomeUnknown},
		"too many":                   {says(429, "slow down"), bank.OutcomeUnknown},
		"not found by a proxy":       {says(404, "no such route"), bank.OutcomeUnknown},
		"forbidden by a proxy":       {says(403, `{"error":"waf"}`), bank.OutcomeUnknown},
		"replayed nonce":             {says(401, `{"code":"replayed"}`), bank.OutcomeUnknown},
		"200 from a captive portal":  {says(200, "<html>login</html>"), bank.OutcomeUnknown},
		"200 of some other service":  {says(200, `{"status":"ok"}`), bank.OutcomeUnknown},
		"204":                        {says(204, ""), bank.OutcomeUnknown},
		"answer cut off":             {cut, bank.OutcomeUnknown},
		"endless answer":             {says(200, strings.Repeat(" ", 70<<10)+settledReceipt), bank.OutcomeUnknown},
		"signature refused":          {says(401, `{"code":"bad_signature"}`), bank.BadSignature},
		"key of another order":       {says(409, `{"code":"key_reused"}`), bank.KeyReused},
		"order refused as malformed": {says(400, `{"code":"invalid_order"}`), bank.InvalidOrder},
		"receipt of another key":     {says(200, strings.Replace(settledReceipt, "payout/1", "payout/2", 1)), bank.BadReceipt},
		"receipt of another amount":  {says(200, strings.Replace(settledReceipt, "880000", "880001", 1)), bank.BadReceipt},
		"success without reference":  {says(200, strings.Replace(settledReceipt, "LSB1", "", 1)), bank.BadReceipt},
	} {
		t.Run(name, func(t *testing.T) {
			receipt, err := clientOf(t, c.answer).Pay(t.Context(), order)
			if bank.KindOf(err) != c.want || (err == nil) != (c.want == "") {
				t.Fatalf("got %+v and %v, want kind %q", receipt, err, c.want)
			}
			var failure *bank.Error
			if errors.As(err, &failure) && failure.Retryable() != (c.want == bank.OutcomeUnknown) {
				t.Errorf("retryable: %t", failure.Retryable())
			}
			if err != nil && (receipt != bank.Receipt{}) {
				t.Errorf("an error came with the receipt %+v", receipt)
			}
		})
	}
}

func TestABusinessRefusalIsAReceiptNotAnError(t *testing.T) {
	refused := strings.Replace(settledReceipt, `"succeeded"`, `"refused","reason":"收款户名不符"`, 1)
	receipt, err := clientOf(t, says(200, refused)).Pay(t.Context(), order)
	if err != nil || receipt.Status != bank.Refused || receipt.Reason != "收款户名不符" || !receipt.Status.Final() {
		t.Errorf("got %+v, %v", receipt, err)
	}
}

func TestQueryTellsNeverSeenFromNotAnswered(t *testing.T) {
	receipt, err := clientOf(t, says(404, `{"code":"unknown_key"}`)).Query(t.Context(), order.Key)
	if err != nil || receipt != (bank.Receipt{Key: order.Key, Status: bank.Unknown}) {
		t.Errorf("the bank's own 404: %+v, %v", receipt, err)
	}
	if _, err := clientOf(t, says(404, "nginx")).Query(t.Context(), order.Key); bank.KindOf(err) != bank.OutcomeUnknown {
		t.Errorf("a proxy's 404: %v", err)
	}
	if _, err := clientOf(t, says(200, settledReceipt)).Query(t.Context(), "../book"); bank.KindOf(err) != bank.InvalidOrder {
		t.Errorf("a bent key: %v", err)
	}
}

func TestASilentOrAbsentBankLeavesTheOutcomeUnknown(t *testing.T) {
	asked := make(chan struct{}, 1)
	silent := clientOf(t, func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		// Only with the body read does the server notice that the caller left.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	_, err := silent.Pay(ctx, order)
	if bank.KindOf(err) != bank.OutcomeUnknown || !errors.Is(err, context.Canceled) {
		t.Errorf("abandoned: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	absent, err := bank.New(bank.Config{BaseURL: "http://" + address, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := absent.Pay(t.Context(), order); bank.KindOf(err) != bank.OutcomeUnknown {
		t.Errorf("connection refused: %v", err)
	}
}

func TestASignedPaymentIsNotCarriedAlongARedirect(t *testing.T) {
	var stolen atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stolen.Add(1)
		says(200, settledReceipt)(w, nil)
	}))
	t.Cleanup(thief.Close)
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	if _, err := client.Pay(t.Context(), order); bank.KindOf(err) != bank.OutcomeUnknown || stolen.Load() != 0 {
		t.Errorf("got %v, %d requests reached the other host", err, stolen.Load())
	}
}

func TestAMalformedOrderIsNotSent(t *testing.T) {
	var calls atomic.Int32
	client := clientOf(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	_, err := client.Pay(t.Context(), with(func(o *bank.Order) { o.Amount = -1 }))
	if bank.KindOf(err) != bank.InvalidOrder || calls.Load() != 0 {
		t.Errorf("got %v after %d calls", err, calls.Load())
	}
}

func TestErrorsHoldNoAccountNumber(t *testing.T) {
	_, err := clientOf(t, says(500, "x")).Pay(t.Context(), order)
	if err == nil || strings.Contains(err.Error(), order.PayeeAccount) || !strings.Contains(err.Error(), order.Key) {
		t.Errorf("got %v", err)
	}
}

func TestNewRefusesAnUnusableConfiguration(t *testing.T) {
	for _, config := range []bank.Config{
		{BaseURL: "", Secret: secret}, {BaseURL: "bank.example", Secret: secret}, {BaseURL: "ftp://bank", Secret: secret},
		{BaseURL: "https://user:pw@bank", Secret: secret}, {BaseURL: "https://bank?x=1", Secret: secret},
		{BaseURL: "https://bank", Secret: []byte("short")},
	} {
		if _, err := bank.New(config); err == nil {
			t.Errorf("%q with a secret of %d bytes is taken", config.BaseURL, len(config.Secret))
		}
	}
}
