// Package poster prints what the system decided: the public notice as a poster
// with a QR code, the committee's minutes, the payment order, and any other
// paper a procedure states in blocks (approval.Paper). Each is an A4 PDF made of
// vectors and text that can be searched and copied.
//
// It decides how a page looks and where a line may break, by the Chinese rules:
// no line begins with a closing mark or ends with an opening one. It decides
// nothing about the case and adds no fact of its own. The same input gives the
// same bytes. It refuses to print without a font and refuses a character no
// font has, by name: a blank in a name or an amount would be a false document.
package poster
