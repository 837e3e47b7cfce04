package main

import (
	"fmt"
	"os/user"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/stores"
	"github.com/serverless-relay/relay/shared/ctim"
)

// watchlistCommand is `relay watchlist`.
type watchlistCommand struct {
	File string `help:"The watchlist's file. Default: WATCHLIST_FILE or, without it, a file in your data directory." type:"path" placeholder:"PATH"`

	Import  importCommand  `cmd:"" help:"Add what is in files: STIX, MISP, CSV, or plain lists."`
	List    listCommand    `cmd:"" help:"List the entries."`
	Show    showCommand    `cmd:"" help:"Show all about some values."`
	Add     addCommand     `cmd:"" help:"Add values by hand."`
	Remove  removeCommand  `cmd:"" help:"Remove values, or all of a source."`
	History historyCommand `cmd:"" help:"Show who changed what."`
	Export  exportCommand  `cmd:"" help:"Write the watchlist as a STIX 2.1 bundle."`
	Copy    copyCommand    `cmd:"" help:"Copy all of it to another watchlist."`
}

// Help implements kong.HelpProvider.
func (watchlistCommand) Help() string {
	return `The watchlist is one file. A relay that is being served has it open: stop that first.

  relay watchlist import report.json blocklist.txt
  relay watchlist add evil.example --title "Ticket 4711"
  relay watchlist show 'evil[.]example'
  relay watchlist export > watchlist.stix.json`
}

// open opens the watchlist that the flags and the environment name.
func (w *watchlistCommand) open(readOnly bool) (watchlist.Store, error) {
	settings, err := watchlist.LoadSettings()
	if err != nil {
		return nil, err
	}
	if w.File != "" {
		settings.File = w.File
	}
	settings.ReadOnly = settings.ReadOnly || readOnly
	return stores.Open(settings)
}

// byHand is a note that the person at the keyboard does something.
func byHand(what string) watchlist.Note {
	note := watchlist.Note{What: what}
	if account, err := user.Current(); err == nil {
		note.Who = account.Username
	}
	return note
}

// observable is the observable that a value on the command line is, of the
// given type or of the one that it looks like.
func observable(kind, value string) (ctim.Observable, error) {
	if kind == "" {
		o, err := watchlist.Detect(value)
		if err != nil {
			return o, fmt.Errorf("%s: %w (--type says what it is)", value, err)
		}
		return o, nil
	}
	if err := checkType(kind); err != nil {
		return ctim.Observable{}, err
	}
	o, err := watchlist.Normalize(ctim.Observable{Type: ctim.ObservableType(kind), Value: value})
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
