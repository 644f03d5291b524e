// Package chaos holds the crash proof: all of Linli as real processes, killed
// with SIGKILL at random moments and at named places (internal/crashpoint)
// while people play cases against a bank that has bad days. Every round ends
// with the question whether history, database, ledger and the bank's own book
// still tell one story.
//
// A seed decides who does what, which process is killed when and where it
// dies; the scheduling of the machine is not repeated with it. CHAOS_SEED and
// CHAOS_KILLS choose a longer run, CHAOS_LOG keeps the processes' logs.
//
// It decides nothing about the system: what it expects is written down here a
// second time, from the invariants, and shares no code with the domain.
package chaos
