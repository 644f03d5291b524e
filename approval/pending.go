package approval

import "errors"

// ErrPending says that the outcome of an act or a start is not known yet: it
// may still take effect. It is no refusal; asking again with the same id
// returns the one outcome.
var ErrPending = errors.New("the outcome is not known yet")
