// Package workflows orders the steps of Linli's procedures and nothing else:
// what is allowed is decided in approval, what happens outside is done in
// activities. It is also the only user of the Temporal client.
//
// People act through one Update, MessageAct. Its validator refuses what the
// domain refuses; its handler applies the act to a copy of the state, writes
// the step in one database transaction (a local activity) and only then makes
// the copy the state. A refused act therefore changes nothing, an accepted one
// is in the history and in the database or the handler has not answered yet.
//
// Workflow code is deterministic. Recorded histories under testdata replay for
// ever: change the order of effects only behind workflow.GetVersion.
package workflows
