// Package space is the domain of spaces (阵地) and needs (需求清单): a community's
// rooms and what they are for, the catalogue of functions, what a letting would
// take away, and what the community wants from operators.
//
// It refuses a space without rooms, areas that do not add up, functions and
// items no catalogue has, and a letting of rooms that are not there. Whether a
// space is free is the database's answer, not this package's.
package space
