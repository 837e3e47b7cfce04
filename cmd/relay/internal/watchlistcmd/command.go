// Package watchlistcmd is `relay watchlist`: it shows, edits, imports and exports
// the watchlist.
package watchlistcmd

import (
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// Command is `relay watchlist`.
type Command struct {
	File  string `help:"The watchlist's file. Default: WATCHLIST_FILE or, without it, a file in your data directory." type:"path" placeholder:"PATH"`
	Table string `help:"The DynamoDB table that has the watchlist, instead of a file. Default: WATCHLIST_TABLE, where WATCHLIST_STORE is dynamodb." placeholder:"NAME"`

	Import  importCommand  `cmd:"" help:"Add what is in files: STIX, MISP, CSV, or plain lists."`
	List    listCommand    `cmd:"" help:"List the entries."`
	Show    showCommand    `cmd:"" help:"Show all about some values."`
	Add     addCommand     `cmd:"" help:"Add values by hand."`
	Remove  removeCommand  `cmd:"" help:"Remove values, or all of a source."`
	History historyCommand `cmd:"" help:"Show who changed what."`
	Export  exportCommand  `cmd:"" help:"Write the watchlist as a STIX 2.1 bundle."`
	Copy    copyCommand    `cmd:"" help:"Copy all of it to another watchlist."`
	Verify  verifyCommand  `cmd:"" help:"Check that nothing in it is damaged."`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `The watchlist is one file, or a table in DynamoDB. A relay that is being served has the file open: stop
that first. A table is for many at once; region and credentials are those of the AWS command line.

  relay watchlist import report.json blocklist.txt
  relay watchlist --table serverless-relay-dev-watchlist import report.json
  relay watchlist add evil.example --title "Ticket 4711"
  relay watchlist show 'evil[.]example'
  relay watchlist export > watchlist.stix.json`
}

// Validate implements kong's validation.
func (w *Command) Validate() error {
	if w.File != "" && w.Table != "" {
		return errors.New("--file and --table: the watchlist is in one place")
	}
	return nil
}

// settings are those of the watchlist that the flags and the environment name.
func (w *Command) settings(readOnly bool) (watchlist.Settings, error) {
	settings, err := watchlist.LoadSettings()
	if err != nil {
		return watchlist.Settings{}, err
	}
	settings.ReadOnly = settings.ReadOnly || readOnly
	switch {
	case w.File != "":
		return settings.At(w.File)
	case w.Table != "":
		return settings.At(watchlist.TablePrefix + w.Table)
	default:
		return settings, nil
	}
}

// open opens the watchlist that the flags and the environment name.
func (w *Command) open(readOnly bool) (entry.Store, error) {
	settings, err := w.settings(readOnly)
	if err != nil {
		return nil, err
	}
	return watchlist.OpenStore(settings)
}

// byHand is a note that the person at the keyboard does something.
func byHand(what string) entry.Note {
	note := entry.Note{What: what}
	if account, err := user.Current(); err == nil {
		note.Who = account.Username
	}
	return note
}

// observable is the observable that a value on the command line is, of the
// given type or of the one that it looks like.
func observable(kind, value string) (ctim.Observable, error) {
	if kind == "" {
		o, err := normalize.Detect(value)
		if err != nil {
			return o, fmt.Errorf("%s: %w (--type says what it is)", value, err)
		}
		return o, nil
	}
	if err := checkType(kind); err != nil {
		return ctim.Observable{}, err
	}
	o, err := normalize.Observable(ctim.Observable{Type: ctim.ObservableType(kind), Value: value})
	if err != nil {
		return o, fmt.Errorf("%s: %w", value, err)
	}
	return o, nil
}

// observables are all the values, or the error of the first that is none.
func observables(kind string, values []string) ([]ctim.Observable, error) {
	all := make([]ctim.Observable, len(values))
	for i, value := range values {
		o, err := observable(kind, value)
		if err != nil {
			return nil, err
		}
		all[i] = o
	}
	return all, nil
}

// checkType finds a mistyped observable type: an entry of it would never match.
func checkType(kind string) error {
	types := watchlist.ObservableTypes()
	if kind == "" || slices.Contains(types, ctim.ObservableType(kind)) {
		return nil
	}
	return fmt.Errorf("%s is not one of the observable types %s", kind, strings.ReplaceAll(strings.Trim(fmt.Sprint(types), "[]"), " ", ", "))
}
