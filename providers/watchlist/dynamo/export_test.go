package dynamo

// NewHTTPClient is the client that a store has of its own.
var NewHTTPClient = newHTTPClient

// SetShard leaves the store one shard, in which it meets all others.
func (s *Store) SetShard() {
	s.shards = make(chan int, 1)
	s.shards <- 0
}
