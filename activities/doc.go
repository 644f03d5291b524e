// Package activities holds every side effect of Linli's workflows: one struct,
// one method per effect, each idempotent by the key in its input.
//
// It decides nothing. Recording a step and reading our own database run as
// local activities. Whatever cannot be taken back, in our database (money, what
// the public reads) or outside it (the bank, the export of a history), and
// evaluating a binding rule run as regular activities: they begin only when
// what led to them stands in the history, with their input. Each effect on our
// database is one transaction.
// What an effect needs it asks for through the small interfaces in ports.go.
package activities
