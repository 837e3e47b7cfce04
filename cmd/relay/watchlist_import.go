package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
	"github.com/serverless-relay/relay/providers/watchlist/stores"
	"github.com/serverless-relay/relay/shared/ctim"
)

// importCommand is `relay watchlist import`.
type importCommand struct {
	Files   []string `arg:"" help:"Files to read; - is standard input." placeholder:"FILE"`
	DryRun  bool     `help:"Show what the files are and the first entries, and store nothing."`
	Format  string   `help:"What they are: stix, misp, json, csv or list. Default: what the file looks like." enum:",stix,misp,json,csv,list" default:"" placeholder:"FORMAT"`
	Columns string   `help:"Which columns of a table are what, by number or name: value=2,type=1,comment=3." placeholder:"ROLE=COLUMN,..."`
	Type    string   `help:"The observable type of values that say none. Default: what each looks like." placeholder:"TYPE"`
	All     bool     `help:"MISP: also what isn't meant for detection (to_ids is false), as suspicious."`
	attributes
	Replace bool `help:"The files are all that their sources say: remove what they said before and don't say now."`
	Force   bool `help:"With --replace: remove more than half of a source's entries too."`
	Verbose bool `short:"v" help:"Name every value that was skipped."`
	JSON    bool `name:"json" help:"Print the result as JSON."`
}

// Help implements kong.HelpProvider.
func (importCommand) Help() string {
	return `Reads STIX 2, MISP, CSV and JSON with or without names for their columns, and lists: plain ones, hosts
files, ad-block lists, and those for dnsmasq, unbound and response policy zones. gzip is unpacked.
--dry-run shows what a file was found to be. What the file says counts; --disposition, --source and
--priority override it, the other flags fill in what it doesn't say.

  relay watchlist import --dry-run feed.csv
  relay watchlist import --columns value=2,type=1,comment=3 feed.csv
  relay watchlist import --replace --source "Our blocks" blocks.txt

Importing twice does no harm. An import that is interrupted while it reads has stored nothing; later,
do it again to go on. What can't be used is counted by reason, and doesn't stop the rest. What a
STIX or MISP source has taken back is removed.

Exit code 1 means that a file could not be read.`
}

// Validate implements kong's validation.
func (i *importCommand) Validate() error {
	if i.Force && !i.Replace {
		return errors.New("--force is for --replace")
	}
	if _, err := i.columns(); err != nil {
		return fmt.Errorf("--columns: %w", err)
	}
	return i.attributes.Validate()
}

func (i *importCommand) columns() ([]formats.ColumnChoice, error) {
	if i.Columns == "" {
		return nil, nil
	}
	return formats.ParseColumns(i.Columns)
}

// Run imports the files.
func (i *importCommand) Run(ctx context.Context, w *watchlistCommand, c console) (err error) {
	if err := checkType(i.Type); err != nil {
		return err
	}
	bar := newProgress(c.err, i.Files)
	var inputs []importer.Input
	for _, name := range i.Files {
		inputs = append(inputs, importer.Input{Name: name, Open: func(ctx context.Context) (io.ReadCloser, error) {
			input := openInput(ctx, name, c.in)
			return closer{bar.reader(name, input), input.Close}, nil
		}})
	}
	options, err := i.options(time.Now())
	if err != nil {
		return err
	}
	if i.DryRun {
		return i.preview(ctx, inputs, options, c)
	}
	settings, err := w.settings(false)
	if err != nil {
		return err
	}
	store, err := stores.Open(settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	options.BatchSize = importer.BatchSize(settings)
	report, err := importer.Run(ctx, store, inputs, options)
	bar.finish()
	if i.JSON {
		if err := json.NewEncoder(c.out).Encode(report); err != nil {
			return err
		}
	} else {
		printReport(c.out, report)
	}
	if err == nil && report.Failed() > 0 {
		err = fmt.Errorf("%s could not be read", plural(report.Failed(), "file", "files"))
	}
	return err
}

// previewed is how many entries of a file a preview shows.
const previewed = 10

// preview shows what the files are and the first of their entries.
func (i *importCommand) preview(ctx context.Context, inputs []importer.Input, options importer.Options, c console) error {
	failed := 0
	for _, input := range inputs {
		report, entries, err := importer.Preview(ctx, input, options, previewed)
		if err != nil {
			return err
		}
		if report.Error != "" {
			failed++
		}
		if i.JSON {
			err = json.NewEncoder(c.out).Encode(struct {
				*importer.FileReport
				First []watchlist.Entry `json:"first"`
			}{report, entries})
		} else {
			err = printPreview(c.out, report, entries)
		}
		if err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%s could not be read", plural(failed, "file", "files"))
	}
	return nil
}

func (i *importCommand) options(now time.Time) (importer.Options, error) {
	columns, err := i.columns()
	return importer.Options{
		Formats: formats.Options{
			Format:      formats.Format(i.Format),
			Columns:     columns,
			Type:        ctim.ObservableType(i.Type),
			Source:      i.Source,
			Disposition: i.disposition(),
			Priority:    i.Priority,
			Severity:    i.severity(),
			Confidence:  i.confidence(),
			TLP:         ctim.TLP(i.TLP),
			ValidUntil:  i.validUntil(now),
			Tags:        i.tags(),
			Subdomains:  i.Subdomains,
			All:         i.All,
		},
		Replace:     i.Replace,
		Force:       i.Force,
		KeepSkipped: i.Verbose,
		By:          byHand("").Who,
	}, err
}
