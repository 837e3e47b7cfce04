package auth

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// fetchTimeout bounds one fetch, from resolving the host's name to the last
	// byte of the response.
	fetchTimeout = 5 * time.Second
	// maxKeySetBytes is the size of the largest key set that is read.
	maxKeySetBytes = 1 << 20
	// restAfter is the least time between two fetches from a host. It bounds the
	// load that tokens with invented key ids cause, and the time that a new key
	// stays unknown.
	restAfter = 5 * time.Second
	// staleAfter is the age at which known keys are fetched again, so that a key
	// that the host withdrew isn't trusted for ever.
	staleAfter = time.Hour
)

var (
	errKeyUnknown = errors.New("auth: the host has no such key")
	errHostFailed = errors.New("auth: no keys from the host")
)

// keyCache caches the public keys of each host. If a fetch fails, the previous keys
// stay in use.
type keyCache struct {
	client  *http.Client
	fetches singleflight.Group // by host

	mu    sync.Mutex
	hosts map[string]hostKeys
}

// hostKeys is the cache's entry of one host. The zero value is that of a host before
// its first fetch.
type hostKeys struct {
	keys     map[string]*rsa.PublicKey // by key id; nil until a fetch succeeds
	fetched  time.Time                 // when the keys were fetched
	rested   time.Time                 // when the next fetch may start
	attempts int                       // number of fetches so far
	err      error                     // error of the last fetch
}

func newKeyCache(client *http.Client) *keyCache {
	unredirected := http.Client{}
	if client != nil {
		unredirected = *client
	}
	// A redirect could lead to a host that is not allowed.
	unredirected.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &keyCache{client: &unredirected, hosts: make(map[string]hostKeys)}
}

// find returns a host's key by its id. It fetches the host's keys if the key is
// unknown or stale and the host has rested. The error is errKeyUnknown,
// errHostFailed, or that of ctx if it ends first.
func (c *keyCache) find(ctx context.Context, host, id string) (*rsa.PublicKey, error) {
	known := c.known(host)
	key := known.keys[id]
	now := time.Now()
	if (key == nil || now.Sub(known.fetched) >= staleAfter) && !now.Before(known.rested) {
		if err := c.await(ctx, host, known.attempts); err != nil {
			return nil, err
		}
		known = c.known(host)
		key = known.keys[id]
	}
	switch {
	case key != nil:
		return key, nil
	case known.keys == nil:
		return nil, fmt.Errorf("%w: %w", errHostFailed, known.err)
	default:
		return nil, errKeyUnknown
	}
}

func (c *keyCache) known(host string) hostKeys {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hosts[host]
}

// await fetches the host's keys and waits for the end of the fetch. Concurrent
// callers share one fetch. It does nothing if there was a fetch since the caller
// read the number of attempts.
//
// The fetch continues if its caller gives up. Others may wait for it, and otherwise
// callers with short deadlines could prevent every fetch from ending.
func (c *keyCache) await(ctx context.Context, host string, attempts int) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("auth: wait for keys: %w", err)
	}
	done := c.fetches.DoChan(host, func() (any, error) {
		before := c.known(host)
		if before.attempts != attempts {
			return nil, nil
		}
		fetchCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
		defer cancel()
		keys, err := c.fetch(fetchCtx, host)
		c.store(host, before, keys, err)
		return nil, nil
	})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("auth: wait for keys: %w", ctx.Err())
	}
}

// store records the result of a fetch.
func (c *keyCache) store(host string, before hostKeys, keys map[string]*rsa.PublicKey, err error) {
	now := time.Now()
	after := hostKeys{keys: keys, fetched: now, rested: now.Add(restAfter), attempts: before.attempts + 1, err: err}
	switch {
	case err != nil:
		after.keys, after.fetched = before.keys, before.fetched
	case before.keys == nil:
		after.rested = now // the host may be adding the missing key right now
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hosts[host] = after
}

// fetch fetches a host's usable keys by their ids.
func (c *keyCache) fetch(ctx context.Context, host string) (map[string]*rsa.PublicKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host+"/.well-known/jwks", nil)
	if err != nil {
		return nil, fmt.Errorf("auth: fetch keys: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("auth: fetch keys: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("auth: fetch keys: status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySetBytes+1))
	if err != nil {
		return nil, fmt.Errorf("auth: fetch keys: %w", err)
	}
	if len(body) > maxKeySetBytes {
		return nil, fmt.Errorf("auth: fetch keys: more than %d bytes", maxKeySetBytes)
	}
	return parseKeySet(body)
}

// parseKeySet parses a JSON Web Key Set (RFC 7517, section 5) and returns the keys for
// RS256 by their ids. Others are skipped, as that section requires. Of two keys with
// the same id, the first counts.
func parseKeySet(data []byte) (map[string]*rsa.PublicKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("auth: parse key set: %w", err)
	}
	if set.Keys == nil {
		return nil, errors.New("auth: parse key set: no keys member")
	}
	keys := make(map[string]*rsa.PublicKey, len(set.Keys))
	for _, raw := range set.Keys {
		if id, key := parseKey(raw); key != nil && keys[id] == nil {
			keys[id] = key
		}
	}
	return keys, nil
}

// Bounds of RSA keys, in bits. RS256 requires the minimum (RFC 7518, section 3.3).
// The time of a verification grows with the square of the length, so a key without a
// maximum could block the relay.
const (
	minKeyBits = 2048
	maxKeyBits = 8192
)

// parseKey parses a key (RFC 7518, section 6.3.1) and returns it with its id. The key
// is nil if it isn't an RSA key for RS256.
func parseKey(raw []byte) (id string, key *rsa.PublicKey) {
	var jwk struct {
		Kty    string   `json:"kty"`
		ID     string   `json:"kid"`
		Use    string   `json:"use"`
		Alg    string   `json:"alg"`
		KeyOps []string `json:"key_ops"`
		N      string   `json:"n"`
		E      string   `json:"e"`
	}
	if json.Unmarshal(raw, &jwk) != nil || jwk.Kty != "RSA" {
		return "", nil
	}
	// A key that states no purpose may be used for any.
	if jwk.Use != "" && jwk.Use != "sig" || jwk.Alg != "" && jwk.Alg != algRS256 ||
		len(jwk.KeyOps) > 0 && !slices.Contains(jwk.KeyOps, "verify") {
		return "", nil
	}
	n, e := decodeInteger(jwk.N), decodeInteger(jwk.E)
	if bits := n.BitLen(); bits < minKeyBits || bits > maxKeyBits || e.BitLen() < 2 || e.BitLen() > 31 || e.Bit(0) == 0 {
		return "", nil
	}
	return jwk.ID, &rsa.PublicKey{N: n, E: int(e.Int64())}
}

// decodeInteger decodes an integer in base64url. It is zero if the text is invalid.
func decodeInteger(text string) *big.Int {
	decoded, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return new(big.Int)
	}
	return new(big.Int).SetBytes(decoded)
}
