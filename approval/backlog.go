package approval

import "time"

// Backlog is what waits in the whole deployment, for operators: numbers and
// ages, no case and no person.
type Backlog struct {
	Tasks    []TaskBacklog // of people, by stage; standing tasks wait for nobody
	Running  map[Stage]int // cases by stage
	Payouts  Waiters       // sent to the bank, outcome not booked
	Unsealed Waiters       // closed cases whose history is not archived
}

// TaskBacklog is the open tasks of a stage.
type TaskBacklog struct {
	Stage   Stage
	Open    int
	Overdue int // past their deadline by the clock the reader gave
	Oldest  time.Time
}

// Waiters is how many wait and since when the first; zero time if none.
type Waiters struct {
	Count  int
	Oldest time.Time
}
