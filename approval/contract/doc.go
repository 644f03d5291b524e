// Package contract is the domain of agreements: the sample templates, how they
// are filled from a case, what fixes a document, and who has to sign it by
// when.
//
// What is signed is a set of documents, fixed by one hash over the SHA-256 of
// each. A party signs that hash or nothing: a changed byte makes another set,
// and every signature under the old one is void. The package refuses to sign
// an altered set, to sign twice, for a party one does not belong to, for two
// parties at once, without a fresh proof of identity, and after the deadline.
// It draws no page and holds no key: see packages poster and internal/signature.
package contract
