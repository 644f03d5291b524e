// Package two holds the proof that everything can be had twice: two API
// processes and two workers on one Temporal and one PostgreSQL, one of each
// killed while cases run, and no act lost or doubled.
//
// A person keeps to one idempotency key per act and sends it to whichever API
// answers. An act that was acknowledged must then be found exactly once in the
// history, in the readable copy and, where it moved money, in the ledger and in
// the bank's own book.
package two
