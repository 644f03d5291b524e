// Package deploy holds what a deployment with containers is made of: the
// database server's first script, Temporal's schema and namespace steps, and
// the script that writes secrets. It contains no program, only the tests that
// keep these files and docker-compose.yml true: pinned images, health checks,
// order, settings the program knows, and a database role that is just enough.
package deploy
