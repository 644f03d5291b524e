package approval

import "strings"

// Scope is a node of the administrative tree as the path of codes from the
// city down: "370300/370303/370303001/370303001901" is a community. The first
// three levels are GB/T 2260 and statistical codes; the empty scope is no
// scope and contains nothing.
type Scope string

// Level is the depth of a scope in the tree.
type Level int

// The four levels of the tree.
const (
	NoLevel Level = iota
	City
	District
	Subdistrict
	Community
)

// Level tells how deep the scope lies; deeper than a community is NoLevel.
func (s Scope) Level() Level {
	if s == "" {
		return NoLevel
	}
	depth := Level(strings.Count(string(s), "/") + 1)
	if depth > Community {
		return NoLevel
	}
	return depth
}

// Contains reports whether other is s or lies below it.
func (s Scope) Contains(other Scope) bool {
	return s != "" && (s == other || strings.HasPrefix(string(other), string(s)+"/"))
}

// Up returns the ancestor of s at the given level, or "" if s lies above it.
func (s Scope) Up(level Level) Scope {
	if s.Level() < level || level == NoLevel {
		return ""
	}
	parts := strings.SplitN(string(s), "/", int(level)+1)
	return Scope(strings.Join(parts[:level], "/"))
}
