// Package demo loads the Zibo demonstration through the public API, as people
// would: an administrator opens accounts, rule keepers publish rules, handlers
// propose, members vote. It holds no back door, so loading it exercises every
// permission it needs.
//
// Every write carries a fixed idempotency key: a load that was interrupted
// goes on where it stopped, and loading twice changes nothing.
package demo
