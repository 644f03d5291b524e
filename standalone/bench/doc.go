// Package bench brings Linli up as processes, as a deployment does, and
// measures it beside a bare Temporal workflow and plain PostgreSQL: see the
// package of the same name in the main module. It holds tests only: a small
// run is part of the tests, the full one is `make bench`.
package bench
