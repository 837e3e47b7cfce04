package dynamo

// NewHTTPClient returns the client of a store.
var NewHTTPClient = newHTTPClient

// SetShard leaves the store one shard, so that stores conflict in it.
func (s *Store) SetShard() {
	s.shards = make(chan int, 1)
	s.shards <- 0
}
