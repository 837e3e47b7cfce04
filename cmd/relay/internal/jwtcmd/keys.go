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

// signingKeys are the keys of a stage with which a token was made.
type signingKeys struct {
	secret string
	// previous is the key that is being rotated out. Empty is none.
	previous string
	// origin names the source of the secret in a sentence.
	origin string
	// local is set for the key of relay serve on this machine.
	local bool
}

// madeNow is the origin of a new key.
const madeNow = "made now"

// chooseKeys returns the key to sign with: that of --key, else the stage's, else
// that of relay serve on this machine unless the key is to be saved, else a new
// one. It returns an error if a key would be lost, and with it the tokens in
// use.
func (s *Sign) chooseKeys(st *stage) (signingKeys, error) {
	inFile, err := st.inFile(secretKeyVariable)
	if err != nil {
		return signingKeys{}, err
	}
	inEnv := inEnvironment(secretKeyVariable)
	if inEnv != "" && inFile != "" && inEnv != inFile {
		return signingKeys{}, fmt.Errorf("the environment and %s have different SECRET_KEYs, and a deployment would use the one in the environment: unset it, or change the file", st.readFrom())
	}

	current := signingKeys{secret: inEnv, origin: "from the environment"}
	switch {
	case inFile != "":
		current = signingKeys{secret: inFile, origin: "from " + st.readFrom()}
	case inEnv == "" && !s.Save && !s.Rotate && s.Key == nil: // a deployment has a key of its own
		if current.secret, err = localkey.Load(); err != nil {
			return signingKeys{}, err
		}
		current.origin, current.local = "from "+localkey.Path(), true
	}
	keys, err := s.signingKey(current)
	if err != nil {
		return signingKeys{}, err
	}
	if s.Rotate {
		keys.previous, err = st.rotated(current.secret, keys.secret)
	} else if s.Save && inFile != "" && inFile != keys.secret {
		err = fmt.Errorf("%s has another SECRET_KEY, and its tokens would be refused: --rotate keeps it as SECRET_KEY_PREVIOUS", st.readFrom())
	}
	return keys, err
}

// signingKey returns the key of --key, the current one, or a new one.
func (s *Sign) signingKey(current signingKeys) (signingKeys, error) {
	switch {
	case s.Key != nil:
		return signingKeys{secret: *s.Key, origin: "from --key"}, config.CheckSecretKey("--key", *s.Key)
	case current.secret != "" && !s.Rotate:
		return current, config.CheckSecretKey("setting "+secretKeyVariable, current.secret)
	default:
		return signingKeys{secret: auth.NewSecretKey(), origin: madeNow}, nil
	}
}

// rotated returns the stage's current key, which becomes its previous one.
func (s *stage) rotated(current, next string) (string, error) {
	previous, err := s.setting(previousKeyVariable)
	switch {
	case err != nil:
		return "", err
	case current == "":
		return "", fmt.Errorf("there is no key to rotate: SECRET_KEY is neither in the environment nor in %s", s.readFrom())
	case current == next:
		return "", errors.New("--key is the stage's current key: there is nothing to rotate")
	case previous != "":
		return "", errors.New("a rotation is in progress: SECRET_KEY_PREVIOUS is set. When every module has its new token, remove SECRET_KEY_PREVIOUS and deploy. Then rotate again")
	}
	return current, config.CheckSecretKey("setting "+secretKeyVariable, current)
}

// save writes the keys into the stage's file.
func (k signingKeys) save(st *stage) error {
	variables := [][2]string{{secretKeyVariable, k.secret}}
	if k.previous != "" {
		variables = append(variables, [2]string{previousKeyVariable, k.previous})
	}
	return st.save(variables...)
}
