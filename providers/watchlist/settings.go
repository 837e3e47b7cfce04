package watchlist

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/config"
)

// Settings are the watchlist's own settings.
type Settings struct {
	// File is the database file. Empty means DefaultFile.
	File string `envconfig:"WATCHLIST_FILE"`
	// ReadOnly opens the file for reading only, as in a Lambda's package.
	ReadOnly bool `envconfig:"WATCHLIST_READ_ONLY" expected:"true or false"`
	// ValidFor is how long what the list says holds where an entry has no end:
	// from today, since it is on the list today. It is also how long what an
	// analyst adds by an action holds.
	ValidFor time.Duration `envconfig:"WATCHLIST_VALID_FOR" default:"720h" expected:"a duration such as 720h, from 24h"`
	// WhoClaim is the claim of the token that says who takes an action, for the
	// history.
	WhoClaim string `envconfig:"WATCHLIST_WHO_CLAIM" default:"sub"`
	// Search names the search pages that refer links to, or is "none". See
	// SearchPages.
	Search []string `envconfig:"WATCHLIST_SEARCH" default:"virustotal,urlscan,abuseipdb,shodan,crtsh,talos,malwarebazaar,urlhaus"`
}

// LoadSettings reads the settings from the environment. The error names the
// variable that is wrong.
func LoadSettings() (Settings, error) {
	var s Settings
	if err := config.Read(&s); err != nil {
		return Settings{}, err
	}
	if s.ValidFor < 24*time.Hour {
		return Settings{}, errors.New("setting WATCHLIST_VALID_FOR is not a duration such as 720h, from 24h")
	}
	if slices.Equal(s.Search, []string{"none"}) {
		s.Search = nil
	}
	if err := checkSearch(s.Search); err != nil {
		return Settings{}, err
	}
	if s.File == "" {
		s.File = DefaultFile()
	}
	return s, nil
}

// DefaultFile is where the watchlist lies unless WATCHLIST_FILE says
// otherwise: in the user's data directory, or the working directory where the
// system doesn't tell.
func DefaultFile() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "watchlist.db"
	}
	data := filepath.Join(home, ".local", "share")
	switch runtime.GOOS {
	case "darwin":
		data = filepath.Join(home, "Library", "Application Support")
	case "windows":
		data = filepath.Join(home, "AppData", "Local")
	default:
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			data = dir
		}
	}
	return filepath.Join(data, "serverless-relay", "watchlist.db")
}
