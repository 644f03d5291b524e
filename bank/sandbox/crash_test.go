package sandbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/bank"
	"linli/bank/sandbox"
)

// TestMain lets the test binary be the bank in a process of its own, so that
// it can be killed for real.
func TestMain(m *testing.M) {
	path := os.Getenv("SANDBOX_BOOK")
	if path == "" {
		os.Exit(m.Run())
	}
	b, err := sandbox.New(sandbox.Config{BookPath: path, Secret: secret, Log: jsonLog(os.Stdout)})
	if err == nil {
		err = b.Serve(context.Background(), "127.0.0.1:0")
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// process starts the bank as a child and returns a client for it.
func process(t *testing.T, bookPath string) (*exec.Cmd, *bank.Client) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "SANDBOX_BOOK="+bookPath)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var entry struct{ Addr string }
		if err := json.Unmarshal(lines.Bytes(), &entry); err == nil && entry.Addr != "" {
			go func() {
				for lines.Scan() { // so that the child never blocks on its log
				}
			}()
			client, err := bank.New(bank.Config{BaseURL: "http://" + entry.Addr, Secret: secret, Timeout: 5 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			return child, client
		}
	}
	t.Fatal("the bank process did not say where it listens")
	return nil, nil
}

func TestAKilledBankKeepsWhatItAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.jsonl")
	child, client := process(t, path)
	acknowledged := sync.Map{}
	var payers sync.WaitGroup
	enough := make(chan struct{}, 1000)
	for payer := range 4 {
		payers.Go(func() {
			for i := range 1000 {
				order := orderOf(fmt.Sprintf("payer-%d/%d", payer, i))
				receipt, err := client.Pay(t.Context(), order)
				if err != nil {
					return // killed
				}
				acknowledged.Store(order.Key, receipt)
				enough <- struct{}{}
			}
		})
	}
	for range 40 {
		<-enough
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	payers.Wait()
	_ = child.Wait()
	_, client = process(t, path)
	kept := 0
	acknowledged.Range(func(key, receipt any) bool {
		kept++
		again, err := client.Pay(t.Context(), orderOf(key.(string)))
		if err != nil || again != receipt {
			t.Errorf("%s was acknowledged as %+v and is now %+v, %v", key, receipt, again, err)
		}
		return true
	})
	if kept < 40 {
		t.Errorf("only %d payments were looked at", kept)
	}
	wantBalanced(t, client)
}

// wantBalanced checks the sums of the book against its payments.
func wantBalanced(t failer, client *bank.Client) bank.Book {
	t.Helper()
	book, err := client.Book(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var sum, paidIn, settled int64
	keys := map[string]bool{}
	for _, account := range book.Accounts {
		sum += account.Movement
		paidIn += max(account.Movement, 0)
	}
	for _, payment := range book.Payments {
		if keys[payment.Receipt.Key] {
			t.Fatalf("%s stands in the book twice", payment.Receipt.Key)
		}
		keys[payment.Receipt.Key] = true
		if payment.Receipt.Status == bank.Succeeded {
			settled += payment.Receipt.Amount
		}
	}
	if sum != 0 || paidIn != settled || settled != book.Totals.Succeeded.Amount {
		t.Fatalf("accounts sum to %d, payees got %d, receipts say %d, totals %d", sum, paidIn, settled, book.Totals.Succeeded.Amount)
	}
	orders := book.Totals.Processing.Orders + book.Totals.Succeeded.Orders + book.Totals.Refused.Orders
	if orders != len(book.Payments) {
		t.Fatalf("totals count %d orders of %d", orders, len(book.Payments))
	}
	return book
}

func TestATornLastLineIsCutOffAndItsOrderCanBePaid(t *testing.T) {
	w := newWorld(t, sandbox.Program{})
	first, err := w.client.Pay(t.Context(), orderOf(key))
	if err != nil {
		t.Fatal(err)
	}
	whole := w.bookText()
	// A second payment is two lines; tear the write at every byte in turn.
	torn := orderOf(key + "b")
	if _, err := w.client.Pay(t.Context(), torn); err != nil {
		t.Fatal(err)
	}
	second := strings.TrimPrefix(w.bookText(), whole)
	for cut := range len(second) {
		if err := w.bank.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(w.config.BookPath, []byte(whole+second[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		w.start()
		if kept, err := w.client.Pay(t.Context(), orderOf(key)); err != nil || kept != first {
			t.Fatalf("cut at %d, the first payment became %+v, %v", cut, kept, err)
		}
		if receipt, err := w.client.Pay(t.Context(), torn); err != nil || receipt.Status != bank.Succeeded {
			t.Fatalf("cut at %d, the torn order gives %+v, %v", cut, receipt, err)
		}
		w.wantBookings(torn.Key, 1, 1)
	}
	w.restart()
}

func TestADamagedBookIsNotOpened(t *testing.T) {
	w := newWorld(t, sandbox.Program{})
	if _, err := w.client.Pay(t.Context(), orderOf(key)); err != nil {
		t.Fatal(err)
	}
	text := w.bookText()
	if err := w.bank.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(text, "\n")
	for name, damaged := range map[string]string{
		"unreadable line": "{\n" + text,
		"lost line":       lines[1],
		"doubled line":    text + lines[1],
		"settled twice":   text + strings.Replace(lines[1], `"seq":2`, `"seq":3`, 1),
		"received twice":  text + strings.Replace(lines[0], `"seq":1`, `"seq":3`, 1),
		"unknown kind":    text + `{"seq":3,"kind":"erased","key":"x"}` + "\n",
	} {
		if err := os.WriteFile(w.config.BookPath, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := sandbox.New(w.config); err == nil {
			_ = b.Close()
			t.Errorf("%s: opened", name)
		}
		if after := w.bookText(); after != damaged {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestOneProcessAtATimeHoldsTheBook(t *testing.T) {
	w := newWorld(t, sandbox.Program{})
	if second, err := sandbox.New(w.config); err == nil {
		_ = second.Close()
		t.Error("a second bank opened the same book")
	}
	w.restart()
}

func TestFiftyCallersWithOneKeyAreOneBooking(t *testing.T) {
	w := newWorld(t, sandbox.Program{Default: sandbox.Behaviour{Latency: sandbox.Duration(time.Millisecond)}})
	receipts := make([]bank.Receipt, 50)
	var callers sync.WaitGroup
	for i := range receipts {
		callers.Go(func() {
			receipt, err := w.client.Pay(t.Context(), orderOf(key))
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
			receipts[i] = receipt
		})
	}
	callers.Wait()
	for i, receipt := range receipts {
		if receipt != receipts[0] || receipt.Status != bank.Succeeded {
			t.Errorf("caller %d got %+v, caller 0 %+v", i, receipt, receipts[0])
		}
	}
	w.wantBookings(key, 1, 1)
}

func TestServeEndsWithItsContextThoughARequestHangs(t *testing.T) {
	address := make(chan string, 1)
	log := addressLog(address)
	b, err := sandbox.New(sandbox.Config{
		BookPath: filepath.Join(t.TempDir(), "book.jsonl"), Secret: secret, Log: log,
		Program: sandbox.Program{Default: sandbox.Behaviour{After: sandbox.Hang}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- b.Serve(ctx, "127.0.0.1:0") }()
	client, err := bank.New(bank.Config{BaseURL: "http://" + <-address, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	paid := make(chan error, 1)
	go func() { _, err := client.Pay(t.Context(), orderOf(key)); paid <- err }()
	eventually(t, "the order is booked", func() bool {
		book, err := client.Book(t.Context())
		return err == nil && len(book.Payments) == 1
	})
	cancel()
	if err := <-served; err != nil {
		t.Errorf("serving ended with %v", err)
	}
	if err := <-paid; bank.KindOf(err) != bank.OutcomeUnknown {
		t.Errorf("the hanging call ended with %v", err)
	}
}
