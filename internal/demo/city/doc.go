// Package city makes a city of the size Zibo reports, out of nothing but a seed:
// communities, funds, operators with their services, micro-projects. Everything
// in it is invented and says so (示例); the same seed and scale always make the
// same city.
//
// It goes through the public API as the people concerned would, so every case
// is a real workflow, every fen a real booking. Each write has a key of its
// own: a run that was interrupted goes on where it stopped. At the end it asks
// the system for its statistics and compares them with the plan, to the fen.
//
// It refuses a system that is not a practice system.
package city
