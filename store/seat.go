package store

import (
	"time"

	"linli/approval"
)

// seatsOf lists the names something is addressed by, as linli_seats() in the
// database lists them for a reader: the persons, or else the role at the scope
// and at every node above it, since a role holds below its node.
func seatsOf(persons []string, role approval.Role, scope approval.Scope) []string {
	var seats []string
	for _, person := range persons {
		seats = append(seats, "person:"+person)
	}
	if len(persons) > 0 || role == "" {
		return seats
	}
	for level := approval.City; level <= scope.Level(); level++ {
		seats = append(seats, string(role)+"@"+string(scope.Up(level)))
	}
	return seats
}

// undated sorts what has no due time behind everything that has one.
var undated = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
