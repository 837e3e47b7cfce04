package flags

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// RelayURL is the base URL of a relay, with the stage and without a route. It has
// no slash at its end.
type RelayURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *RelayURL) UnmarshalText(text []byte) error {
	address, err := ParseSecureURL(string(text), "a relay's URL", "https://relay.example.com")
	if err != nil {
		return err
	}
	for _, route := range append(relay.APIs(relay.Capabilities()), "version") {
		if base, ok := strings.CutSuffix(address, "/"+route); ok {
			return fmt.Errorf("a relay's URL has no route: pass it without /%s, as %s", route, base)
		}
	}
	*u = RelayURL(address)
	return nil
}

// OrEnvironment returns the URL. If it is empty, it returns the one in RELAY_URL,
// which may be empty too.
func (u RelayURL) OrEnvironment() (RelayURL, error) {
	text := strings.TrimSpace(os.Getenv("RELAY_URL"))
	if u != "" || text == "" {
		return u, nil
	}
	if err := u.UnmarshalText([]byte(text)); err != nil {
		return "", console.Usage(fmt.Errorf("setting RELAY_URL: %w", err))
	}
	return u, nil
}

// isLocal reports whether the relay is on this machine.
func (u RelayURL) isLocal() bool {
	parsed, err := url.Parse(string(u))
	return err == nil && isLoopback(parsed.Hostname())
}

// ParseSecureURL parses a base URL to which secrets are sent: https, or http on
// this machine. The result has no slash at its end. Errors describe the URL by
// what and example. They don't quote the text, which may contain a password.
func ParseSecureURL(text, what, example string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("%s is like %s", what, example)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "", errors.New(what + " has no user, no query and no fragment: paths are appended to it")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "", errors.New(what + " is https, because secrets are sent there; http is for this machine only")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
