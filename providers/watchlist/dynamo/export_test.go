package dynamo

import "time"

// SetPatience sets what the writer of a batch gets to commit it before this
// store takes it for dead.
func (s *Store) SetPatience(d time.Duration) { s.patience = d }
