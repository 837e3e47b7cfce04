package dynamo

import "time"

// NewHTTPClient is the client that a store has of its own.
var NewHTTPClient = newHTTPClient

// SetPatience sets what the writer of a batch gets to commit it before this
// store takes it for dead.
func (s *Store) SetPatience(d time.Duration) { s.patience = d }

// SetLane leaves the store one lane, so that it meets all others there.
func (s *Store) SetLane() {
	s.lanes = make(chan int, 1)
	s.lanes <- 0
}
