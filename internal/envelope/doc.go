// Package envelope signs and verifies the envelope of an act: the compact JWS
// (EdDSA, RFC 8037) that travels with the act into the workflow's history and
// the database, so that the record alone proves who acted.
//
// It refuses every other algorithm ("none" included), an unknown key id, a
// foreign type, a header it does not know, claims with an unknown field, and
// every second spelling of a valid envelope: one signature has one text.
//
// Keys rotate by adding: the signer uses one key, the verifier knows all that
// were ever used. An envelope never expires, since an audit reads it years
// later; whether it fits the act is for approval.Claims.Match to say.
package envelope
