// Package chaos holds the crash proof: all of Linli as real processes, killed
// with SIGKILL at random moments and at named places (internal/crashpoint)
// while people play cases. Communities use their funds and are paid by a bank
// that has bad days; operators compete for spaces in terms that overlap, with and
// without a call, sign, take over item by item, pay their share and leave; some
// withdraw, are rejected or are refused a signature. Every round ends with the
// question whether history, database, ledger, agreements and the bank's own book
// still tell one story, and whether one space has one operator (I8).
//
// A seed decides who does what, which process is killed when and where it
// dies; the scheduling of the machine is not repeated with it. CHAOS_SEED and
// CHAOS_KILLS choose a longer run, CHAOS_LOG keeps the processes' logs.
//
// It decides nothing about the system: what it expects is written down here a
// second time, from the invariants, and shares no code with the domain. That the
// checks see what is wrong is shown on a true world falsified in one place after
// the other.
package chaos
