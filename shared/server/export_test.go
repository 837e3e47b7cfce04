package server

// SetMaxAnswer limits answers to n bytes, as sent by Lambda.
func (s *Server) SetMaxAnswer(n int) { s.maxAnswer = n }
