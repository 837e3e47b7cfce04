package main

import (
	"errors"
	"fmt"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
)

// The variables that the relay has its keys from.
const (
	secretKeyVariable   = "SECRET_KEY"
	previousKeyVariable = "SECRET_KEY_PREVIOUS"
)

// signingKeys are the keys that a stage has after a token was made.
type signingKeys struct {
	secret string
	// previous is the key that is being rotated out, empty where none is.
	previous string
	// origin says where the secret is from.
	origin string
}

// madeNow is the origin of a key that is new.
const madeNow = "made now"

// chooseKeys decides which key signs: the one that --key gives, or the one that
// the stage has, or a new one. It refuses whatever would lose a key, and with it
// the tokens that are in use.
func (s *signCommand) chooseKeys(st *stage) (signingKeys, error) {
	inFile, err := st.inFile(secretKeyVariable)
	if err != nil {
		return signingKeys{}, err
	}
	inEnv := inEnvironment(secretKeyVariable)
	if inEnv != "" && inFile != "" && inEnv != inFile {
		return signingKeys{}, fmt.Errorf("the environment and %s have different SECRET_KEYs: unset the one in the environment, which a deployment would take, or change the file", st.readFrom())
	}

	current := signingKeys{secret: inEnv, origin: "from the environment"}
	if inFile != "" {
		current = signingKeys{secret: inFile, origin: "from " + st.readFrom()}
	}
	keys, err := s.signingKey(current)
	if err != nil {
		return signingKeys{}, err
	}
	if s.Rotate {
		keys.previous, err = st.rotated(current.secret, keys.secret)
	} else if s.Save && inFile != "" && inFile != keys.secret {
		err = fmt.Errorf("%s has another SECRET_KEY, whose tokens would be refused: --rotate keeps it as SECRET_KEY_PREVIOUS", st.readFrom())
	}
	return keys, err
}

// signingKey is the key that is asked for, the current one, or a new one.
func (s *signCommand) signingKey(current signingKeys) (signingKeys, error) {
	switch {
	case s.Key != nil:
		return signingKeys{secret: *s.Key, origin: "from --key"}, config.CheckSecretKey("--key", *s.Key)
	case current.secret != "" && !s.Rotate:
		return current, config.CheckSecretKey("setting "+secretKeyVariable, current.secret)
	default:
		secret, err := auth.NewSecretKey()
		return signingKeys{secret: secret, origin: madeNow}, err
	}
}

// rotated is the key that the stage has and that becomes its previous one.
func (s *stage) rotated(current, next string) (string, error) {
	previous, err := s.setting(previousKeyVariable)
	switch {
	case err != nil:
		return "", err
	case current == "":
		return "", fmt.Errorf("there is no key to rotate: SECRET_KEY is neither in the environment nor in %s", s.readFrom())
	case current == next:
		return "", errors.New("--key gives the key that the stage has: that rotates nothing")
	case previous != "":
		return "", errors.New("a rotation is under way: SECRET_KEY_PREVIOUS is set. When every module has its new token, take SECRET_KEY_PREVIOUS out and deploy; then rotate again")
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
