// Package gateway is the way between API Gateway and an http.Handler. It takes
// events of an HTTP API (payload 2.0) and of a REST API (payload 1.0), and is
// the only package that knows Lambda.
package gateway
