package jwtcmd

import (
	"errors"
	"fmt"

	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
)

// The settings with the relay's keys.
const (
	secretKeyVariable   = "SECRET_KEY"
	previousKeyVariable = "SECRET_KEY_PREVIOUS"
)

// Keys are the keys of a stage with which a token was made.
type Keys struct {
	SecretKey string `json:"secret_key"`
	// SecretKeyPrevious is the key that is being rotated out. Empty is none.
	SecretKeyPrevious string `json:"secret_key_previous,omitempty"`
	// Origin names the source of SecretKey in a sentence.
	Origin string `json:"-"`
	// Local is set for the key of relay serve on this machine.
	Local bool `json:"-"`
}

// madeNow is the origin of a new key.
const madeNow = "made now"

// chooseKeys returns the key to sign with: that of --key, else the stage's, else
// that of relay serve on this machine unless the key is to be saved, else a new
// one. It returns an error if a key would be lost, and with it the tokens in
// use.
func (s *signCommand) chooseKeys(st *stage) (Keys, error) {
	inFile, err := st.inFile(secretKeyVariable)
	if err != nil {
		return Keys{}, err
	}
	inEnv := inEnvironment(secretKeyVariable)
	if inEnv != "" && inFile != "" && inEnv != inFile {
		return Keys{}, fmt.Errorf("the environment and %s have different SECRET_KEYs, and a deployment would use the one in the environment: unset it, or change the file", st.from)
	}

	current := Keys{SecretKey: inEnv, Origin: "from the environment"}
	switch {
	case inFile != "":
		current = Keys{SecretKey: inFile, Origin: "from " + st.from}
	case inEnv == "" && !s.Save && !s.Rotate && s.Key == nil: // a deployment has a key of its own
		if current.SecretKey, err = localkey.Load(); err != nil {
			return Keys{}, err
		}
		current.Origin, current.Local = "from "+localkey.Path(), true
	}
	keys, err := s.signingKey(current)
	if err != nil {
		return Keys{}, err
	}
	if s.Rotate {
		keys.SecretKeyPrevious, err = st.rotated(current.SecretKey, keys.SecretKey)
	} else if s.Save && inFile != "" && inFile != keys.SecretKey {
		err = fmt.Errorf("%s has another SECRET_KEY, and its tokens would be refused: --rotate keeps it as SECRET_KEY_PREVIOUS", st.from)
	}
	return keys, err
}

// signingKey returns the key of --key, the current one, or a new one.
func (s *signCommand) signingKey(current Keys) (Keys, error) {
	switch {
	case s.Key != nil:
		return Keys{SecretKey: *s.Key, Origin: "from --key"}, config.CheckSecretKey("--key", *s.Key)
	case current.SecretKey != "" && !s.Rotate:
		return current, config.CheckSecretKey("setting "+secretKeyVariable, current.SecretKey)
	default:
		return Keys{SecretKey: auth.NewSecretKey(), Origin: madeNow}, nil
	}
}

// rotated returns the stage's current key, which becomes its previous one.
func (s *stage) rotated(current, next string) (string, error) {
	previous, err := s.setting(previousKeyVariable)
	switch {
	case err != nil:
		return "", err
	case current == "":
		return "", fmt.Errorf("there is no key to rotate: SECRET_KEY is neither in the environment nor in %s", s.from)
	case current == next:
		return "", errors.New("--key is the stage's current key: there is nothing to rotate")
	case previous != "":
		return "", errors.New("a rotation is in progress: SECRET_KEY_PREVIOUS is set. When every module has its new token, remove SECRET_KEY_PREVIOUS and deploy. Then rotate again")
	}
	return current, config.CheckSecretKey("setting "+secretKeyVariable, current)
}
