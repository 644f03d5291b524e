package approval

import "slices"

// Moved compares two lists of persons: who is on the second alone, and who on
// the first alone.
func Moved(before, after []string) (joined, gone []string) {
	return without(after, before), without(before, after)
}

func without(people, others []string) []string {
	var left []string
	for _, person := range people {
		if !slices.Contains(others, person) && !slices.Contains(left, person) {
			left = append(left, person)
		}
	}
	return left
}

// Readdress hands open tasks to other persons, each to those whom names for it;
// nil leaves a task as it is. Nothing else about the task changes: its days go on.
func (d *Desk) Readdress(whom func(task Task) []string) {
	for i := range d.Tasks {
		task := &d.Tasks[i]
		if task.Status != TaskOpen {
			continue
		}
		persons := whom(*task)
		if joined, gone := Moved(task.Persons, persons); persons != nil && len(joined)+len(gone) > 0 {
			task.Persons = persons
		}
	}
}

// Bar keeps persons away from the open tasks of offices, from now on.
func (d *Desk) Bar(persons []string) {
	for i := range d.Tasks {
		if task := &d.Tasks[i]; task.Status == TaskOpen && task.Role != "" {
			task.Excluded = append(slices.Clone(task.Excluded), without(persons, task.Excluded)...)
		}
	}
}

// OfPeople reports whether a task is for named persons who hold no office and
// were not asked by one: for those whose business the case is.
func (t Task) OfPeople() bool { return t.Role == "" && t.Parent == "" }
