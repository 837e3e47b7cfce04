package watchlist

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/datadir"
)

// The kinds of stores that Settings name.
const (
	StoreFile     = "file"
	StoreDynamoDB = "dynamodb"
)

// Settings are the watchlist's own settings.
type Settings struct {
	// Store is StoreFile or StoreDynamoDB.
	Store string `envconfig:"WATCHLIST_STORE" default:"file" doc:"Where the entries are: file or dynamodb."`
	// File is never empty after LoadSettings.
	File string `envconfig:"WATCHLIST_FILE" doc:"The database file. Default: serverless-relay/watchlist.db in your data directory."`
	// Table is used if Store is StoreDynamoDB.
	Table    string `envconfig:"WATCHLIST_TABLE" doc:"The name of the DynamoDB table. Region, endpoint and credentials are those of the AWS command line."`
	ReadOnly bool   `envconfig:"WATCHLIST_READ_ONLY" expected:"true or false" doc:"Opens the store read-only, such as a file in a function's package. Then there are no actions."`
	// ValidFor is at least 24 hours.
	ValidFor time.Duration `envconfig:"WATCHLIST_VALID_FOR" default:"720h" expected:"a duration such as 720h, from 24h" doc:"How long a verdict is valid if its entry has no end, and how long an entry is valid that an action adds. At least 24h."`
	WhoClaim string        `envconfig:"WATCHLIST_WHO_CLAIM" default:"sub" doc:"The token's claim that names the analyst, for the history."`
	// Search is nil for "none". See SearchPages.
	Search []string `envconfig:"WATCHLIST_SEARCH" default:"virustotal,urlscan,abuseipdb,shodan,crtsh,talos,malwarebazaar,urlhaus" doc:"The search pages that refer links to, separated by commas, or none."`
}

// LoadSettings reads the settings from the environment. The error names the invalid
// variable.
func LoadSettings() (Settings, error) {
	var s Settings
	if err := config.Read(&s); err != nil {
		return Settings{}, err
	}
	switch {
	case s.Store != StoreFile && s.Store != StoreDynamoDB:
		return Settings{}, errors.New("setting WATCHLIST_STORE is not file or dynamodb")
	case s.Store == StoreDynamoDB && !isTableName(s.Table):
		return Settings{}, errors.New("setting WATCHLIST_TABLE is not the name of a DynamoDB table: " + tableNameRule)
	case s.ValidFor < 24*time.Hour:
		return Settings{}, errors.New("setting WATCHLIST_VALID_FOR is not a duration such as 720h, from 24h")
	}
	if slices.Equal(s.Search, []string{"none"}) {
		s.Search = nil
	}
	if err := checkSearch(s.Search); err != nil {
		return Settings{}, err
	}
	if s.File == "" {
		s.File = datadir.Path("watchlist.db")
	}
	return s, nil
}

// isTableName reports whether DynamoDB accepts the name.
func isTableName(name string) bool {
	return len(name) >= 3 && len(name) <= 255 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == ""
}

// TablePrefix starts a place that is a DynamoDB table.
const TablePrefix = "dynamodb:"

// At returns the settings with the entries at another place: the path of a file, or
// TablePrefix and the name of a table.
func (s Settings) At(place string) (Settings, error) {
	table, ok := strings.CutPrefix(place, TablePrefix)
	switch {
	case !ok:
		s.Store, s.File = StoreFile, place
	case isTableName(table):
		s.Store, s.Table = StoreDynamoDB, table
	default:
		return Settings{}, fmt.Errorf("%q is not the name of a DynamoDB table: %s", table, tableNameRule)
	}
	return s, nil
}

// tableNameRule describes a valid name.
const tableNameRule = "3 to 255 letters, digits, dots, dashes and underscores"

// OpenStore opens the store that the settings name.
func OpenStore(s Settings) (entry.Store, error) {
	if s.Store == StoreDynamoDB {
		return openTable(s)
	}
	return bolt.Open(s.File, bolt.Options{ReadOnly: s.ReadOnly})
}

// BatchSize returns how many entries an import stores at a time. A file's batch is large,
// so that writing to disk costs little, and fits into memory. A table's takes a second or
// two.
func (s Settings) BatchSize() int {
	if s.Store == StoreDynamoDB {
		return 2_000
	}
	return 50_000
}

// Place describes where the entries are, for messages.
func (s Settings) Place() string {
	if s.Store == StoreDynamoDB {
		return "DynamoDB table " + s.Table
	}
	return s.File
}
