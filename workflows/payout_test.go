package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank"
	"linli/workflows"
)

// approved are the moves up to the charity's approval.
func approved() []move { return append(passes("1"), officer("1", "1", "off1")) }

// sentAt is when the checker of decided() lets the money go.
const sentAt = 5 * hour

func TestTheCashierCanReturnTheCase(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, append(approved(), maker("1").instead(approval.Return, approval.Entry{Stage: funduse.CharityReview}),
		officer("2", "1", "off2"), maker("2"), checker("2"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []string{"c1/payment/1"}, w.ledger.keys("send"))
}

func TestTheCashierCanAskForACorrection(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, append(approved(), maker("1"), checker("1").instead(approval.Reject, approval.Entry{}),
		maker("2").instead(approval.Return, approval.Entry{Stage: funduse.Correction}))...)
	w.ask(8*hour, func(now approval.Waiting) { require.Equal(t, []string{"correction.1.applicant"}, seats(now)) })

	require.Equal(t, approval.Lapsed, w.play().Status)
}

func TestProposingApprovingAndPayingAreDifferentPeople(t *testing.T) {
	w := newWorld(t, nil)
	both := func(m move) move { m.who = "both"; return m }
	w.inOrder(hour, append(passes("1"), both(officer("1", "1", "")),
		both(maker("1")).refused(approval.SamePerson), maker("1"), both(checker("1")).refused(approval.SamePerson), checker("1"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestMakerAndCheckerAreDifferentPeople(t *testing.T) {
	w := newWorld(t, nil)
	both := func(m move) move { m.who = "both"; return m }
	w.inOrder(hour, append(approved(), both(maker("1")), both(checker("1")).refused(approval.SamePerson), checker("1"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
}

func TestPaidByHandWithTheBanksReceiptNumber(t *testing.T) {
	w := newWorld(t, func(s *funduse.Start) { s.Gateway = funduse.Manual })
	paid := maker("1")
	paid.details.BankReference = "20260302-7"
	w.inOrder(hour, append(approved(), maker("1").refused(approval.Invalid), paid, checker("1"))...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, "20260302-7", w.notices[0].Payment.BankReference)
}

func TestAPaymentUnderWayIsPolled(t *testing.T) {
	w := newWorld(t, nil)
	w.receipts = []bank.Receipt{{Status: bank.Processing}, {Status: bank.Processing}, {Status: bank.Processing}}
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.orders, 1)
	require.Equal(t, 3, w.calls["Query"])
	require.Equal(t, sentAt+(2+4+8)*time.Second, w.steps("paid")[0].At.Sub(opened))
}

func TestTheBanksCallShortensTheWait(t *testing.T) {
	w := newWorld(t, nil)
	for range 100 {
		w.receipts = append(w.receipts, bank.Receipt{Status: bank.Processing})
	}
	called := sentAt + 90*time.Minute + 7*time.Second
	w.inOrder(hour, decided()...)
	w.env.RegisterDelayedCallback(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.receipts = nil
		w.env.SignalWorkflow(workflows.MessageBankCalled, "c1/payment/1")
	}, called)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, called, w.steps("paid")[0].At.Sub(opened))
	require.Len(t, w.ledger.of("settle"), 1)
}

func TestTheBanksCallIsNoProof(t *testing.T) {
	w := newWorld(t, nil)
	w.receipts = []bank.Receipt{{Status: bank.Processing}, {Status: bank.Processing}}
	w.inOrder(hour, decided()...)
	w.at(4*hour+time.Minute, maker("1").refused(approval.TaskClosed))
	w.env.RegisterDelayedCallback(func() { w.env.SignalWorkflow(workflows.MessageBankCalled, "c1/payment/1") }, sentAt+time.Second)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, sentAt+5*time.Second, w.steps("paid")[0].At.Sub(opened), "asked at 1 s, still processing, asked again 4 s later")
}

func TestARefusedPaymentIsMadeAnewUnderAnotherKey(t *testing.T) {
	w := newWorld(t, nil)
	w.receipts = []bank.Receipt{{Status: bank.Processing}, {Status: bank.Refused, Reason: "户名不符"}}
	w.inOrder(hour, decided()...)
	w.ask(6*hour, func(now approval.Waiting) { require.Equal(t, []string{"payout.2.maker"}, seats(now)) })
	w.inOrder(7*hour, maker("2"), checker("2"))
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, "c1/payment/1", w.orders[0].Key)
	require.Equal(t, "c1/payment/2", w.orders[1].Key)
	require.Equal(t, []string{"c1/payment/1"}, w.ledger.keys("return"))
	require.Equal(t, []string{"c1/payment/2"}, w.ledger.keys("settle"))
}

// I2: what is not known is asked for again under the same key.
func TestAnUnknownOutcomeIsRepeatedUnderTheSameKey(t *testing.T) {
	w := newWorld(t, nil)
	w.faults["Pay"] = []error{
		&bank.Error{Kind: bank.OutcomeUnknown, Doing: "paying", HTTPStatus: 502}, errors.New("connection reset"),
		&bank.Error{Kind: bank.OutcomeUnknown, Doing: "paying", Err: errors.New("timeout")},
	}
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.orders, 4)
	for _, order := range w.orders {
		require.Equal(t, w.orders[0], order)
	}
}

func TestAnOrderTheBankHasNotSeenIsGivenAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.receipts = []bank.Receipt{{Status: bank.Processing}, {Status: bank.Unknown}}
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Len(t, w.orders, 2)
	require.Equal(t, w.orders[0], w.orders[1])
}

// A bank that cannot be understood neither pays nor refuses: the case says
// that a person must look, and goes on under the same key.
func TestABankThatCannotBeUnderstoodStopsTheCase(t *testing.T) {
	for name, upset := range map[string]func(*world){
		"signature":    func(w *world) { w.faults["Pay"] = []error{&bank.Error{Kind: bank.BadSignature}} },
		"key reused":   func(w *world) { w.faults["Pay"] = []error{&bank.Error{Kind: bank.KeyReused}} },
		"other amount": func(w *world) { w.receipts = []bank.Receipt{{Status: bank.Succeeded, BankReference: "B", Amount: 1}} },
		"other amount later": func(w *world) {
			w.receipts = []bank.Receipt{{Status: bank.Processing}, {Status: bank.Succeeded, BankReference: "B", Amount: 1}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			upset(w)
			w.inOrder(hour, decided()...)
			w.ask(sentAt+30*time.Second, func(now approval.Waiting) {
				require.Equal(t, approval.Unavailable, approval.CodeOf(now.Blocked))
				require.Empty(t, w.ledger.of("settle"))
			})
			w.ask(sentAt+2*time.Minute, func(now approval.Waiting) { require.Nil(t, now.Blocked) })
			w.closes()

			require.Equal(t, approval.Completed, w.play().Status)
			for _, order := range w.orders {
				require.Equal(t, "c1/payment/1", order.Key)
			}
		})
	}
}

// A database that fails after its commit is asked again; money moves once.
func TestBookingsAreRepeatedUnderTheirKeys(t *testing.T) {
	w := newWorld(t, nil)
	for _, effect := range []string{"Reserve", "SendPayment", "SettlePayment", "Record", "Publish", "AddNote"} {
		w.faults[effect] = []error{errors.New("connection lost"), errors.New("connection lost")}
	}
	w.inOrder(hour, decided()...)
	w.closes()

	require.Equal(t, approval.Completed, w.play().Status)
	require.Equal(t, []movement{{"reserve", "c1/reserve/1", 420_000}, {"send", "c1/payment/1", 420_000}, {"settle", "c1/payment/1", 420_000}}, w.ledger.movements)
}

// The step that sends the money is refused for a while, and the proposer
// withdraws meanwhile: nothing is sent.
func TestNothingIsSentForACaseWithdrawnMeanwhile(t *testing.T) {
	w := newWorld(t, nil)
	w.inOrder(hour, decided()...)
	w.env.RegisterDelayedCallback(func() {
		w.journal.refuses = map[string]error{"payout": approval.Errorf(approval.CalendarMissing, "缺年历", "no calendar")}
	}, sentAt-time.Minute)
	w.withdraws(sentAt + 30*time.Second)

	require.Equal(t, approval.Withdrawn, w.play().Status)
	require.Empty(t, w.orders)
	require.Empty(t, w.ledger.of("send"))
}
