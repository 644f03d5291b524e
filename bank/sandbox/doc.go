// Package sandbox is a bank to practise on: a real HTTP server that takes
// signed payment orders, keeps a book on disk, and calls back – and that can
// be told to behave as badly as a bank can: slow, unreachable before or after
// booking, refusing, doubling, reordering or dropping callbacks.
//
// It decides, like the bank it stands for, one thing for good: a key is booked
// at most once. Each receipt rests on a record that was fsynced first, so a
// kill -9 loses nothing it acknowledged; a torn last line, which no one was
// told of, is cut off at start.
//
// It refuses unsigned, late, altered and replayed requests, another order
// under a known key, a second process on the same book, and to go on after
// its disk failed. It does not simulate overdraft: accounts only move. Nonces
// and programmed behaviour live in memory and are forgotten at a restart.
//
//	POST /payments        signed; 200 final receipt, 202 processing
//	GET  /payments/{key}  signed; 404 unknown_key if never seen
//	GET  /book            signed or admin token; account numbers masked
//	GET  /behaviour       admin token; what is still queued
//	PUT  /behaviour       admin token; replaces the Program
//	GET  /healthz         open
package sandbox
