package auth

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"golang.org/x/sync/singleflight"
)

const (
	// fetchTimeout bounds one fetch, from the look-up of the host's name to
	// the last byte of its answer.
	fetchTimeout = 5 * time.Second
	// maxKeySetBytes is the largest key set that is read.
	maxKeySetBytes = 1 << 20
	// minKeyBits is the shortest RSA key that RS256 allows (RFC 7518, section 3.3).
	minKeyBits = 2048
	// retryAfter is the rest that a host gets after a failed fetch while none
	// of its keys are known.
	retryAfter = 5 * time.Second
	// refreshAfter is the rest that a host gets between two refreshes of keys
	// that are known. Forged tokens with made-up key ids thus cost it little.
	refreshAfter = time.Minute
	// staleAfter is the age at which keys are refreshed although they serve.
	// A key that the host has withdrawn is thus not trusted for ever.
	staleAfter = time.Hour
)

var (
	errKeyUnknown = errors.New("auth: the host has no such key")
	errHostFailed = errors.New("auth: the host gives no keys")
)

// keyCache holds the public keys of each host. A failed fetch leaves the keys
// of the one before in use.
type keyCache struct {
	client  *http.Client
	fetches singleflight.Group // by host

	mu    sync.Mutex
	hosts map[string]hostKeys
}

// hostKeys is what is known of one host. The zero value is a host that was
// never asked.
type hostKeys struct {
	keys     map[string]*rsa.PublicKey // by key id; nil until a fetch succeeds
	fetched  time.Time                 // when the keys came
	rested   time.Time                 // from when on the host may be asked again
	attempts int                       // fetches so far
	err      error                     // why the last fetch failed
}

func newKeyCache(client *http.Client) *keyCache {
	own := http.Client{}
	if client != nil {
		own = *client
	}
	// A redirect could lead to a host that nobody allowed.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &keyCache{client: &own, hosts: make(map[string]hostKeys)}
}

// find gives a host's key by its id, and asks the host where that is needed
// and its rest is over. It fails with errKeyUnknown, with errHostFailed, or
// with the context's error where that ends while it waits.
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

// await lets one fetch from the host run and waits for its end. Callers that
// come meanwhile wait for the same fetch. It does nothing where the host was
// asked since the caller saw that number of attempts.
//
// The fetch outlives a caller that gives up: the others still wait for it, and
// hurried callers could otherwise keep the relay from ever getting a key.
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
		c.learn(host, before, keys, err)
		return nil, nil
	})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("auth: wait for keys: %w", ctx.Err())
	}
}

// learn records the end of a fetch.
func (c *keyCache) learn(host string, before hostKeys, keys map[string]*rsa.PublicKey, err error) {
	now := time.Now()
	after := hostKeys{keys: keys, fetched: now, attempts: before.attempts + 1, err: err}
	if err != nil {
		after.keys, after.fetched = before.keys, before.fetched
	}
	switch {
	case before.keys != nil:
		after.rested = now.Add(refreshAfter)
	case err != nil:
		after.rested = now.Add(retryAfter)
	default:
		// The first keys: an unknown id may have them refreshed at once, so
		// that a key that the host adds just now is found.
		after.rested = now
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hosts[host] = after
}

// fetch gets a host's usable keys by their ids.
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

// parseKeySet reads a JSON Web Key Set (RFC 7517, section 5) and gives those
// of its keys that RS256 can use, by id. The others are skipped, as that
// section asks for. Where two keys have the same id, the first counts.
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
		jwk, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			continue
		}
		key, ok := jwk.Key().(*rsa.PublicKey)
		if !ok || key.N.BitLen() < minKeyBits || !verifiesRS256(jwk.Marshal()) {
			continue
		}
		if id := jwk.Marshal().KID; keys[id] == nil {
			keys[id] = key
		}
	}
	return keys, nil
}

// verifiesRS256 says whether a key's own description allows it to verify RS256
// signatures. What the description leaves out, it allows.
func verifiesRS256(jwk jwkset.JWKMarshal) bool {
	return (jwk.USE == "" || jwk.USE == jwkset.UseSig) &&
		(jwk.ALG == "" || jwk.ALG == jwkset.AlgRS256) &&
		(len(jwk.KEYOPS) == 0 || slices.Contains(jwk.KEYOPS, jwkset.KeyOpsVerify))
}
