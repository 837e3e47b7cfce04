// Command standin stands in for third parties on this machine, so that a provider can
// be tried without a key. It responds as the third party does in the provider's golden
// cases, and prints how to start a relay that asks it, and what to ask:
//
//	go run ./providers/internal/standin otx urlscan
package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

// run serves until it is interrupted. The setting PORT replaces port 9100.
func run(names []string) error {
	if len(names) == 0 {
		return errors.New("name providers, as in go run ./providers/internal/standin otx")
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "9100"
	}
	var all standIns
	for _, name := range names {
		s, err := load(name, "providers", time.Now())
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return err
	}
	for _, s := range all {
		fmt.Println(s.instructions("http://" + listener.Addr().String()))
	}
	server := &http.Server{Handler: all, ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}
