package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli/bank"
	"linli/bank/sandbox"
)

const key = "ZB-ZD-2025-0001/payout/1"

func TestAnOrderlyBankPaysOnceAndSaysSoAgain(t *testing.T) {
	w := newWorld(t, sandbox.Program{})
	if got, err := w.client.Query(t.Context(), key); err != nil || got.Status != bank.Unknown {
		t.Fatalf("before paying: %+v, %v", got, err)
	}
	first, err := w.client.Pay(t.Context(), orderOf(key))
	if err != nil || first.Status != bank.Succeeded || first.BankReference == "" {
		t.Fatalf("paying: %+v, %v", first, err)
	}
	again, err := w.client.Pay(t.Context(), orderOf(key))
	if err != nil || again != first {
		t.Errorf("paying again: %+v, %v, want %+v", again, err, first)
	}
	if asked, err := w.client.Query(t.Context(), key); err != nil || asked != first {
		t.Errorf("querying: %+v, %v, want %+v", asked, err, first)
	}
	w.wantBookings(key, 1, 1)
}

func TestAnotherOrderUnderAKnownKeyIsRefused(t *testing.T) {
	w := newWorld(t, sandbox.Program{})
	first, err := w.client.Pay(t.Context(), orderOf(key))
	if err != nil {
		t.Fatal(err)
	}
	for _, restart := range []bool{false, true} {
		if restart {
			w.restart()
		}
		other := orderOf(key)
		other.PayeeAccount = "6217002280009999999"
		if _, err := w.client.Pay(t.Context(), other); bank.KindOf(err) != bank.KeyReused {
			t.Errorf("after restart %t: %v", restart, err)
		}
	}
	if asked, err := w.client.Query(t.Context(), key); err != nil || asked != first {
		t.Errorf("the first order became %+v, %v", asked, err)
	}
	w.wantBookings(key, 1, 1)
}

// Each fault leaves the caller in doubt; the same key clears it up, and the
// book tells whether the fault struck before or after booking.
func TestFaultsBeforeAndAfterBooking(t *testing.T) {
	for name, c := range map[string]struct {
		behaviour sandbox.Behaviour
		booked    int
	}{
		"503 before":            {sandbox.Behaviour{Before: sandbox.Error}, 0},
		"503 after":             {sandbox.Behaviour{After: sandbox.Error}, 1},
		"reset before":          {sandbox.Behaviour{Before: sandbox.Reset}, 0},
		"reset after":           {sandbox.Behaviour{After: sandbox.Reset}, 1},
		"timeout before":        {sandbox.Behaviour{Before: sandbox.Hang}, 0},
		"timeout after success": {sandbox.Behaviour{After: sandbox.Hang}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c.behaviour.Times = 2
			w := newWorld(t, sandbox.Program{Queue: []sandbox.Behaviour{c.behaviour}})
			caller := w.client
			if c.behaviour.Before == sandbox.Hang || c.behaviour.After == sandbox.Hang {
				caller = w.clientWith(bank.Config{Timeout: 500 * time.Millisecond})
			}
			for range 2 {
				_, err := caller.Pay(t.Context(), orderOf(key))
				var failure *bank.Error
				if !errors.As(err, &failure) || !failure.Retryable() {
					t.Fatalf("the faulty call gives %v", err)
				}
				w.wantBookings(key, c.booked, c.booked)
			}
			receipt, err := w.client.Pay(t.Context(), orderOf(key))
			if err != nil || receipt.Status != bank.Succeeded {
				t.Fatalf("repeating: %+v, %v", receipt, err)
			}
			w.wantBookings(key, 1, 1)
		})
	}
}

func TestASlowBankBooksAlthoughTheCallerHasGone(t *testing.T) {
	w := newWorld(t, sandbox.Program{Queue: []sandbox.Behaviour{{Latency: sandbox.Duration(200 * time.Millisecond)}}})
	hasty := w.clientWith(bank.Config{Timeout: 50 * time.Millisecond})
	if _, err := hasty.Pay(t.Context(), orderOf(key)); bank.KindOf(err) != bank.OutcomeUnknown {
		t.Fatalf("got %v", err)
	}
	// The trap: right after the timeout the bank has "never seen" the key.
	eventually(t, "the abandoned order is booked", func() bool {
		receipt, err := w.client.Query(t.Context(), key)
		return err == nil && receipt.Status == bank.Succeeded
	})
	w.wantBookings(key, 1, 1)
}

func TestFailingQueries(t *testing.T) {
	w := newWorld(t, sandbox.Program{
		Queries: sandbox.Behaviour{Before: sandbox.Error},
		Queue:   []sandbox.Behaviour{{On: sandbox.Query, Before: sandbox.Reset}},
	})
	if _, err := w.client.Pay(t.Context(), orderOf(key)); err != nil {
		t.Fatalf("a query's behaviour struck a payment: %v", err)
	}
	for range 2 {
		if _, err := w.client.Query(t.Context(), key); bank.KindOf(err) != bank.OutcomeUnknown {
			t.Errorf("got %v", err)
		}
	}
	w.behave(sandbox.Program{})
	if got, err := w.client.Query(t.Context(), key); err != nil || got.Status != bank.Succeeded {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	program := sandbox.Program{
		Queue: []sandbox.Behaviour{{Refuse: "收款户名不符"}},
		Refusals: []sandbox.Refusal{
			{Payee: "失信", Reason: "收款人在名单内"},
			{Payee: "6217002280005555555", Reason: "账户已销户"},
			{Amount: 4_404, Reason: "金额被退"},
			{Payee: "装修", Least: 5_000_000, Reason: "超过单笔限额"},
		},
	}
	w := newWorld(t, program)
	for i, c := range []struct {
		change func(*bank.Order)
		want   string
	}{
		{func(*bank.Order) {}, "收款户名不符"},
		{func(*bank.Order) {}, ""},
		{func(o *bank.Order) { o.PayeeName = "某失信企业" }, "收款人在名单内"},
		{func(o *bank.Order) { o.PayeeAccount = "6217002280005555555" }, "账户已销户"},
		{func(o *bank.Order) { o.Amount = 4_404 }, "金额被退"},
		{func(o *bank.Order) { o.Amount = 5_000_000 }, "超过单笔限额"},
		{func(o *bank.Order) { o.Amount, o.PayeeName = 5_000_000, "淄博园林公司" }, ""},
	} {
		order := orderOf(key + string(rune('a'+i)))
		c.change(&order)
		receipt, err := w.client.Pay(t.Context(), order)
		if err != nil || receipt.Reason != c.want || (receipt.Status == bank.Refused) != (c.want != "") {
			t.Errorf("case %d: %+v, %v, want %q", i, receipt, err, c.want)
		}
		if again, err := w.client.Pay(t.Context(), order); err != nil || again != receipt {
			t.Errorf("case %d repeated: %+v, %v", i, again, err)
		}
		moved := 1
		if c.want != "" {
			moved = 0
		}
		w.wantBookings(order.Key, 1, moved)
	}
}

func TestProcessingBecomesFinalWhenTheBanksClockSaysSo(t *testing.T) {
	for name, manner := range map[string]sandbox.Behaviour{
		"success": {Processing: sandbox.Duration(time.Minute)},
		"refusal": {Processing: sandbox.Duration(time.Minute), Refuse: "退票"},
	} {
		t.Run(name, func(t *testing.T) {
			var ahead atomic.Int64
			w := newWorldWith(t, sandbox.Config{
				Program: sandbox.Program{Default: manner}, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
			})
			receipt, err := w.client.Pay(t.Context(), orderOf(key))
			if err != nil || receipt.Status != bank.Processing || !receipt.SettledAt.IsZero() {
				t.Fatalf("paying: %+v, %v", receipt, err)
			}
			ahead.Store(int64(time.Minute))
			final := w.untilFinal(t, key)
			if final.Reason != manner.Refuse || final.BankReference != receipt.BankReference {
				t.Errorf("final: %+v, first %+v", final, receipt)
			}
		})
	}
}

func TestTheSameSeedIsTheSameBadDay(t *testing.T) {
	outcomes := func(seed uint64) (list []string) {
		w := newWorld(t, sandbox.Program{Nasty: &sandbox.Nasty{Seed: seed, Chance: 45, RefuseChance: 20, CalmAfter: 4}})
		hasty := w.clientWith(bank.Config{Timeout: 400 * time.Millisecond})
		for i := range 4 {
			order := orderOf(key + string(rune('a'+i)))
			for attempt := 1; ; attempt++ {
				receipt, err := hasty.Pay(t.Context(), order)
				list = append(list, string(receipt.Status)+string(bank.KindOf(err)))
				if err == nil {
					break
				}
				if attempt > 10 {
					t.Fatalf("the bank never calms: %v", err)
				}
			}
			if taken, moved := w.bookings(order.Key); taken != 1 || moved > 1 {
				t.Errorf("%s was taken %d times, paid %d times", order.Key, taken, moved)
			}
		}
		return list
	}
	first, again := strings.Join(outcomes(7), " "), strings.Join(outcomes(7), " ")
	if first != again {
		t.Errorf("seed 7 gave\n%s\nthen\n%s", first, again)
	}
	if !strings.Contains(first, string(bank.OutcomeUnknown)) {
		t.Errorf("seed 7 is not nasty: %s", first)
	}
}

func (w *world) admin(t *testing.T, method, path, token, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestBehaviourIsProgrammedOverHTTPWithTheTokenOnly(t *testing.T) {
	w := newWorld(t, sandbox.Program{})
	program := `{"queue":[{"times":2,"before":"error"},{"latency":"1ms","refuse":"退票"}],"refusals":[{"amountFen":1,"reason":"太少"}]}`
	for _, token := range []string{"", "wrong", adminToken + "x"} {
		if status, _ := w.admin(t, http.MethodPut, "/behaviour", token, program); status != http.StatusUnauthorized {
			t.Errorf("token %q: %d", token, status)
		}
	}
	if status, text := w.admin(t, http.MethodPut, "/behaviour", adminToken, program); status != http.StatusOK {
		t.Fatalf("%d: %s", status, text)
	}
	if _, err := w.client.Pay(t.Context(), orderOf(key)); bank.KindOf(err) != bank.OutcomeUnknown {
		t.Errorf("the queue was not used: %v", err)
	}
	var left sandbox.Program
	_, text := w.admin(t, http.MethodGet, "/behaviour", adminToken, "")
	if err := json.Unmarshal([]byte(text), &left); err != nil || len(left.Queue) != 2 || left.Queue[0].Times != 1 || len(left.Refusals) != 1 {
		t.Errorf("left: %s, %v", text, err)
	}
	for _, bad := range []string{
		`{`, `{"speed":1}`, `{"default":{"before":"explode"}}`, `{"queue":[{"on":"delete"}]}`, `{"queue":[{"latency":"-1s"}]}`,
		`{"refusals":[{"reason":"all"}]}`, `{"nasty":{"chance":101}}`, `{"queue":[{"callback":{"copies":-1}}]}`,
	} {
		if status, text := w.admin(t, http.MethodPut, "/behaviour", adminToken, bad); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", bad, status, text)
		}
	}
}

func TestWithoutATokenTheBehaviourIsClosed(t *testing.T) {
	w := newWorld(t, sandbox.Program{})
	w.config.AdminToken = ""
	w.restart()
	if status, _ := w.admin(t, http.MethodGet, "/behaviour", "", ""); status != http.StatusUnauthorized {
		t.Errorf("got %d", status)
	}
}

func TestAccountNumbersAreFullInTheFileOnly(t *testing.T) {
	var log bytes.Buffer
	w := newWorldWith(t, sandbox.Config{Log: jsonLog(&log)})
	if _, err := w.client.Pay(t.Context(), orderOf(key)); err != nil {
		t.Fatal(err)
	}
	status, shown := w.admin(t, http.MethodGet, "/book", adminToken, "")
	if status != http.StatusOK || !strings.Contains(shown, "****7788") {
		t.Fatalf("the book: %d %s", status, shown)
	}
	if err := w.bank.Close(); err != nil {
		t.Fatal(err)
	}
	for _, account := range []string{orderOf(key).PayeeAccount, orderOf(key).PayerAccount} {
		if strings.Contains(shown, account) || strings.Contains(log.String(), account) {
			t.Errorf("%s leaks", account)
		}
		if !strings.Contains(w.bookText(), account) {
			t.Errorf("the file lacks %s", account)
		}
	}
	if !strings.Contains(log.String(), "****7788") {
		t.Errorf("the log does not tell of the order: %s", log.String())
	}
	if mode, err := os.Stat(w.config.BookPath); err != nil || mode.Mode().Perm() != 0o600 {
		t.Errorf("the book file: %v, %v", mode.Mode(), err)
	}
}
