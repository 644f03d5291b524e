package pg

// Abandon gives up the folder but leaves the server running, as a parent does
// whose death its server was not told of.
func Abandon(c *Cluster) {
	c.stopOnce.Do(func() { c.stopErr = c.lock.Close() })
}
