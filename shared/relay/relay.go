package relay

import (
	"maps"

	"go.uber.org/zap"
)

// DefaultConcurrency is how many observables of one request are asked about
// at once unless Options say otherwise.
const DefaultConcurrency = 10

// Options are what a Relay is made of. Provider and Authenticator are required.
type Options struct {
	Provider      Provider
	Authenticator Authenticator
	// Concurrency bounds the fan-out of one request; 0 means DefaultConcurrency.
	Concurrency int
	// Log gets one line for each request; nil means none.
	Log *zap.Logger
	// Metrics is the CloudWatch namespace of the metrics that these lines carry;
	// empty means that they carry none.
	Metrics string
}

// Relay answers the platform's requests with what its provider knows.
type Relay struct {
	provider      Provider
	declaration   Declaration
	authenticator Authenticator
	concurrency   int
	log           *zap.Logger
	metrics       string
}

// New makes a Relay, and starts its provider.
func New(o Options) *Relay {
	if o.Concurrency <= 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if starter, ok := o.Provider.(Starter); ok {
		starter.Start()
	}
	return &Relay{
		provider:      o.Provider,
		declaration:   o.Provider.Declaration(),
		authenticator: o.Authenticator,
		concurrency:   o.Concurrency,
		log:           o.Log,
		metrics:       o.Metrics,
	}
}

// Declaration says what the relay's provider is.
func (r *Relay) Declaration() Declaration { return r.declaration }

// Routes are all the routes of the protocol.
func (r *Relay) Routes() Routes {
	all := Routes{}
	for _, some := range []Routes{r.Health(), r.Deliberate(), r.Observe(), r.Refer(), r.Respond(), r.Tiles(), VersionRoutes()} {
		maps.Copy(all, some)
	}
	return all
}
