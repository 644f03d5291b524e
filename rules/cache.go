package rules

import "sync"

// Cache keeps compiled sets by hash, since compiling costs far more than
// evaluating. Its zero value is ready; any number of goroutines may use it.
type Cache struct {
	mu   sync.Mutex
	sets map[string]*Set
}

// maxCached bounds the memory: a few versions of each district's set. Past it
// the cache starts afresh, which costs one compilation per set in use.
const maxCached = 256

// Compile is the package's Compile, done once per source and base. Faulty
// sources are not kept.
func (c *Cache) Compile(source []byte, base *Set) (*Set, error) {
	hash := hashOf(source, base)
	if set, ok := c.Lookup(hash); ok {
		return set, nil
	}
	set, err := Compile(source, base)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if earlier, ok := c.sets[hash]; ok {
		return earlier, nil // another goroutine was faster: everybody shares one set
	}
	if c.sets == nil || len(c.sets) >= maxCached {
		c.sets = map[string]*Set{}
	}
	c.sets[hash] = set
	return set, nil
}

// Lookup returns the set a pin's hash names, if it has been compiled here.
func (c *Cache) Lookup(hash string) (*Set, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	set, ok := c.sets[hash]
	return set, ok
}
