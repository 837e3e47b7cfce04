// Package gateway adapts API Gateway events to an http.Handler. It accepts events
// of HTTP APIs (payload 2.0) and REST APIs (payload 1.0). No other package knows
// Lambda.
package gateway
