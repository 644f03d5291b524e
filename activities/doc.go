// Package activities holds every side effect of Linli's workflows: one struct,
// one method per effect, each idempotent by the key in its input.
//
// It decides nothing. Effects on our own database run as local activities and
// are one transaction each; evaluating a binding rule and everything that
// touches the outside world (the bank, the export of a history) runs as a
// regular activity, so that input, result and worker stand in the history.
// What an effect needs it asks for through the small interfaces in ports.go.
package activities
