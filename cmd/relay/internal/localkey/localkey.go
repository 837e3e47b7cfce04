// Package localkey stores the key of a relay that is served on this machine without
// SECRET_KEY, so that its tokens stay valid after a restart.
package localkey

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/datadir"
	"github.com/serverless-relay/relay/shared/relay"
)

// Path returns the path of the key's file, in the user's data directory.
func Path() string { return datadir.Path("secret.key") }

// Load returns the key, or "" if its file doesn't exist. A key that is too weak is an
// error.
func Load() (string, error) {
	text, err := os.ReadFile(Path())
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the key of relay serve: %w", err)
	}
	key := strings.TrimSpace(string(text))
	return key, config.CheckSecretKey(Path(), key)
}

// LoadOrCreate returns the key, and creates it if there is none. Only the user can
// read the file.
func LoadOrCreate() (string, error) {
	key, err := Load()
	if key != "" || err != nil {
		return key, err
	}
	key = auth.NewSecretKey()
	err = create(key)
	if errors.Is(err, fs.ErrExist) { // another process has just created it, or it is a link to nowhere
		if key, err := Load(); key != "" || err != nil {
			return key, err
		}
	}
	if err != nil {
		return "", fmt.Errorf("create the key of relay serve: %w", err)
	}
	return key, nil
}

// create writes the key's file, which must not exist.
func create(key string) error {
	if err := os.MkdirAll(filepath.Dir(Path()), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(Path(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(key + "\n")
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(Path()))
	}
	return nil
}

// Sign returns a token with the claims for a provider of the relay with the settings,
// or for any if provider is empty. Relays of another stage refuse it. It is valid for
// the given time.
func Sign(settings config.Relay, provider string, valid time.Duration, claims map[string]any) (string, error) {
	all := map[string]any{}
	maps.Copy(all, claims)
	all["exp"] = time.Now().Add(valid).Unix()
	if provider != "" {
		all[relay.ProviderClaim] = provider
	}
	if settings.Stage != "" {
		all[relay.StageClaim] = settings.Stage
	}
	return auth.Sign(settings.SecretKey, all)
}
