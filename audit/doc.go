// Package audit knows the formats an auditor checks and nothing else: no
// database, no workflow engine, the standard library only, so that a verifier
// built from it years later needs nothing but the exported bytes.
//
// It decides how an entry of the archive log and a step of a case are hashed
// into their chains, and whether a chain is whole. It refuses a chain with the
// first entry that does not fit and says which one and why. The formats are
// frozen: a changed rendering gets a new version line, old bytes keep
// verifying.
package audit
