// Package app puts the parts together: what `linli serve`, `linli worker` and
// `linli migrate` do as separate processes, and what the standalone program
// does in one. It holds wiring only; every decision is somewhere else.
package app
