package misp

import (
	"errors"
	"time"

	"github.com/serverless-relay/relay/shared/config"
)

// Settings are the provider's settings.
type Settings struct {
	// Timeout is from 1 to 25 seconds.
	Timeout time.Duration `envconfig:"MISP_TIMEOUT" default:"15s" expected:"a duration such as 15s, from 1s to 25s" doc:"How long one call to MISP may take, from 1s to 25s."`
	// ToIDsOnly leaves out attributes that are not marked for detection, and
	// file names.
	ToIDsOnly bool `envconfig:"MISP_TO_IDS_ONLY" expected:"true or false" doc:"Ignores attributes that are not marked for detection (to_ids), and names of files that have a hash."`
}

// loadSettings reads the settings from the environment. The error names a variable
// that is wrong.
func loadSettings() (Settings, error) {
	var s Settings
	if err := config.Read(&s); err != nil {
		return Settings{}, err
	}
	if s.Timeout < time.Second || s.Timeout > 25*time.Second {
		return Settings{}, errors.New("setting MISP_TIMEOUT is not a duration such as 15s, from 1s to 25s")
	}
	return s, nil
}
