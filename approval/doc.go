// Package approval is the domain every Linli procedure shares: scopes and
// roles, human tasks and the acts people perform on them, ballots and quorum,
// money in fen, the working-day calendar, public notices, and refusals.
//
// It decides what is allowed. It knows neither Temporal nor PostgreSQL nor
// HTTP: every function is pure, every time is passed in, so the same answer
// comes out in a workflow, in a test and in an auditor's replay. It imports
// the standard library only, which a test in this package enforces.
//
// What only one procedure knows lives below it: see approval/funduse.
package approval
