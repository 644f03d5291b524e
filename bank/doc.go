// Package bank speaks to the outside bank that pays a case's money out:
// payment orders, receipts, the signed HTTP client, and the check of the
// bank's signed callbacks.
//
// It decides what an answer of the bank proves. A refusal by the bank is a
// [Receipt]; a call that brought no receipt is an [*Error] whose [Kind] says
// whether the same key may be repeated. Whatever the network did, the outcome
// of a payment is settled only by asking again under the same key: a new key
// is a new payment. An answer that is not in the bank's own format proves
// nothing.
//
// It refuses to follow redirects, to retry on its own, to log or print a full
// account number, and to take a receipt for another order. It keeps no state:
// who pays, when and under which key is the caller's matter, and so is the
// interface this client is used through. Package bank/sandbox is the other
// side of the wire.
package bank
