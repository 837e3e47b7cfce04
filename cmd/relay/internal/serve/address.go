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

// address returns the address to listen on: the flag, or the port in PORT, or 9000.
func (s *Command) address() (string, error) {
	if s.Addr != "" && !strings.Contains(s.Addr, ":") {
		return net.JoinHostPort("127.0.0.1", s.Addr), nil
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
	return net.JoinHostPort("127.0.0.1", port), nil
}
