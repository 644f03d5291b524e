// Package e2e plays whole cases on the real stack: seven people and more, the
// HTTP API, a worker, Temporal, PostgreSQL and the practice bank. Every story
// ends by asking four sources that know nothing of each other - the ledger,
// the bank's book, the public notice and the workflow's history - and they
// must agree to the fen.
//
// TestRecord plays the paths whose histories are kept in workflows/testdata;
// with -record it writes them.
package e2e
