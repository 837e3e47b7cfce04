package serve

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
)

// homeURL returns the URL of a server for clients on this machine.
func homeURL(address net.Addr) string {
	host, port, err := net.SplitHostPort(address.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return "http://127.0.0.1:" + port
	}
	return "http://" + address.String()
}

// address returns the address to listen on: the flag, or the port in PORT, or 9000. A
// port alone is one of this machine's loopback address or, in production, of all
// addresses.
func (s *Command) address() (string, error) {
	host := "127.0.0.1"
	if s.Production {
		host = ""
	}
	if s.Addr != "" && !strings.Contains(s.Addr, ":") {
		return net.JoinHostPort(host, s.Addr), nil
	}
	if s.Addr != "" {
		return s.Addr, nil
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "9000"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", errors.New("setting PORT is not a port from 0 to 65535")
	}
	return net.JoinHostPort(host, port), nil
}
