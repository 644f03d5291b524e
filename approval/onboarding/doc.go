// Package onboarding decides the procedure by which an operator (运营主体) is
// admitted to a space: application, admission screening, desk reviews, an
// optional scoring panel, the ranking of a call (招引), the admission notice,
// signing, handover. Competing applications are ranked in call.go, the space
// is handed over by the checklist in handover.go.
//
// An operator whose contract was signed on paper before (takeover.go) is taken
// over instead: two offices confirm the papers, then the space is handed over.
//
// It refuses an application that is malformed whatever the district's rules
// say, anybody who would decide twice or on somebody he is related to, a
// signature on anything but the contract as it stands, and every act the stage
// does not allow. A timeout reminds, escalates or lets the case lapse; it never
// approves. A space is held from just before the notice until the case ends;
// a case that ends otherwise than completed gives it back exactly once.
//
// State is plain data and pure: the same acts in the same order always lead to
// the same state, on whatever machine and at whatever time.
package onboarding
