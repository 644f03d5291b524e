// Package observe is what an operator sees of a running deployment: the log,
// the metrics and the traces.
//
// It decides what may be seen. A log line or a span that holds a credential, a
// bank account, an identity or telephone number or the words a person typed
// leaves the process without it: by the name of the field and, because text
// travels in errors, by its shape as well. Redaction is a second wall. The
// first is not to log such things at all.
//
// Metrics are named linli_; those of Temporal's SDK keep its names. Nothing
// here has a global: whoever runs a process makes one Metrics for it. Traces
// are off unless a collector is named.
package observe
