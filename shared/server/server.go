package server

import (
	"maps"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/relay"
)

// DefaultConcurrency is how many observables of one request are looked up
// concurrently unless Options set another number.
const DefaultConcurrency = 10

// Authenticator verifies a request's Authorization header and returns its claims. A
// refusal is a *relay.Error with relay.CodeAuthorization. Package auth implements
// it.
type Authenticator interface {
	Authenticate(*http.Request) (relay.Claims, error)
}

// Options configure a Server. Declaration, Service and Authenticator are
// required.
type Options struct {
	Declaration   relay.Declaration
	Service       relay.Service
	Authenticator Authenticator
	// OneOfMany is set if other servers share the deployment. The version then
	// names the provider.
	OneOfMany bool
	// Concurrency bounds the fan-out of one request; 0 is DefaultConcurrency.
	Concurrency int
	// Log receives one line per request; nil discards them.
	Log *zap.Logger
	// Metrics is the CloudWatch namespace of the metrics in these lines. If it is
	// empty, they have no metrics.
	Metrics string
	// Now replaces the clock in tests; nil is time.Now.
	Now func() time.Time
}

// Server answers the platform's requests with the results of one service.
type Server struct {
	Options
	maxAnswer int // smaller in tests
}

// New returns a Server with defaults for zero options.
func New(o Options) *Server {
	if o.Concurrency <= 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{o, maxAnswer}
}

// Routes returns all routes of the protocol.
func (s *Server) Routes() Routes {
	all := Routes{}
	for _, routes := range []Routes{s.Health(), s.Deliberate(), s.Observe(), s.Refer(), s.Respond(), s.Tiles(), s.Version()} {
		maps.Copy(all, routes)
	}
	return all
}

// Version returns the route of the function "version". It uses only the Declaration,
// and needs no token.
func (s *Server) Version() Routes {
	answer := []byte(`{"version":"` + relay.Version + `"}`)
	if s.OneOfMany {
		answer = []byte(`{"version":"` + relay.Version + `","provider":"` + s.Declaration.Name + `"}`)
	}
	return Routes{"/version": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, answer)
	})}
}
