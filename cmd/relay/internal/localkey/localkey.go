// Package localkey stores the key of a relay that is served on this machine without
// SECRET_KEY, so that its tokens stay valid after a restart.
package localkey

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/datadir"
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
	if err := os.MkdirAll(filepath.Dir(Path()), 0o700); err != nil {
		return "", fmt.Errorf("create the key of relay serve: %w", err)
	}
	file, err := os.OpenFile(Path(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) { // another process has just created it
		return Load()
	}
	if err != nil {
		return "", fmt.Errorf("create the key of relay serve: %w", err)
	}
	_, err = file.WriteString(key + "\n")
	if err = errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("create the key of relay serve: %w", errors.Join(err, os.Remove(Path())))
	}
	return key, nil
}
