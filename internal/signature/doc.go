// Package signature seals signatures under agreements with the deployment's key
// and verifies them: Ed25519 (RFC 8032), or SM2 with SM3 (GB/T 32918, 32905)
// where a deployment asks for it.
//
// Verifying needs the document, its signature file and a public key, nothing
// else, and names what was altered. It refuses a key of another algorithm, an
// unknown key, a file with a field it does not know, and a party that is
// missing or there twice. Which key to believe is for its caller to say.
package signature
