package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
	"github.com/serverless-relay/relay/providers/watchlist/importer/fetch"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
)

// importCommand is `relay watchlist import`.
type importCommand struct {
	Files   []string `arg:"" help:"Files, or https:// URLs of lists and TAXII 2.1 collections. - is standard input." placeholder:"FILE"`
	DryRun  bool     `help:"Show the format of the files and the first entries, and store nothing."`
	Format  string   `help:"The format: stix, misp, json, csv or list. Default: detected from the file." enum:",stix,misp,json,csv,list" default:"" placeholder:"FORMAT"`
	Columns columns  `help:"The roles of a table's columns, by number or name: value=2,type=1,comment=3." placeholder:"ROLE=COLUMN,..."`
	Type    string   `help:"The observable type of values without one. Default: detected from each value." placeholder:"TYPE"`
	All     bool     `help:"Import MISP attributes that are not meant for detection too (to_ids is false), as suspicious."`
	attributes
	Replace      bool   `help:"The files are complete: remove entries of their sources that they no longer contain."`
	Force        bool   `help:"Allow --replace to remove more than half of a source's entries."`
	User         string `help:"The user for URLs with basic authentication." placeholder:"NAME"`
	PasswordFile string `help:"The file with the user's password. Default: a prompt." placeholder:"FILE"`
	TokenFile    string `help:"The file with the bearer token for URLs." placeholder:"FILE"`
	Verbose      bool   `short:"v" help:"Name every value that was skipped."`
	JSON         bool   `name:"json" help:"Print the result as JSON."`
}

func (importCommand) Help() string {
	return `Reads STIX 2, MISP, CSV and JSON tables with or without column names, and lists: plain ones, hosts
files, ad-block lists, and those for dnsmasq, unbound and response policy zones. gzip is unpacked.
--dry-run shows how a file is read. --disposition, --source and --priority override the file. The other
flags are for entries without a value of their own in the file.

  relay watchlist import --dry-run feed.csv
  relay watchlist import --columns value=2,type=1,comment=3 feed.csv
  relay watchlist import --replace --source "Our blocks" blocks.txt
  relay watchlist import --user me --password-file pw https://taxii.example/api/collections/ID/objects/

Importing a file again has no effect, and keeps an end that was set with --valid-for. Nothing is stored
before all files are read. Repeat an interrupted import to resume it. Values that can't be used are
counted by reason, and the rest is imported. Entries that a STIX or MISP source revoked are removed.
Values that concern nearly everybody are imported, and named.

The exit code is 1 if a file could not be read.`
}

func (i *importCommand) Validate() error {
	switch {
	case i.Force && !i.Replace:
		return errors.New("--force needs --replace")
	case i.PasswordFile != "" && i.User == "":
		return errors.New("--password-file needs --user")
	case i.User != "" && i.TokenFile != "":
		return errors.New("--user and --token-file exclude each other")
	}
	return nil
}

// columns is the flag --columns.
type columns []formats.ColumnChoice

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *columns) UnmarshalText(text []byte) (err error) {
	*c, err = formats.ParseColumns(string(text))
	return err
}

// Run imports the files.
func (i *importCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	if err := checkType(i.Type); err != nil {
		return err
	}
	bar := newBar(c.Err, size(i.Files), progressbar.OptionShowBytes(true))
	lists, inputs, err := i.inputs(ctx, c, bar)
	if err != nil {
		return err
	}
	options := i.options(time.Now())
	if i.DryRun {
		return i.preview(ctx, inputs, options, c)
	}
	store, settings, err := w.open(false)
	if err != nil {
		return err
	}
	if err := fetch.Recall(ctx, store, lists); err != nil {
		return err
	}
	options.BatchSize = settings.BatchSize()
	report, err := importer.Run(ctx, store, inputs, options)
	_ = bar.Finish()
	if err == nil {
		err = unread(report.Failed())
	}
	if i.JSON {
		return cmp.Or(err, console.WriteJSONLine(c.Out, report))
	}
	_, printed := io.WriteString(c.Out, reportText(report))
	return cmp.Or(err, printed)
}

// unread returns the error for files that could not be read. It is nil if there are none.
func unread(files int) error {
	if files == 0 {
		return nil
	}
	return fmt.Errorf("%s could not be read", console.Plural(files, "file", "files"))
}

// inputs returns the files, and those of them that are lists on servers.
func (i *importCommand) inputs(ctx context.Context, c console.Console, bar *progressbar.ProgressBar) (lists []*fetch.List, inputs []importer.Input, err error) {
	credential, err := i.credential(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range i.Files {
		if !fetch.IsURL(name) {
			inputs = append(inputs, importer.Input{Name: console.InputName(name), Open: func(ctx context.Context) (io.ReadCloser, error) {
				bar.Describe(filepath.Base(name))
				return counted{c.OpenInput(ctx, name), bar}, nil
			}})
			continue
		}
		list, err := fetch.New(name, credential)
		switch {
		case err != nil:
			return nil, nil, err
		case i.Replace && list.IsCollection():
			return nil, nil, errors.New("--replace needs complete lists, but a TAXII collection contains only changes: leave --replace out")
		case credential != (fetch.Credential{}) && len(lists) > 0 && lists[0].Host() != list.Host():
			return nil, nil, errors.New("the credentials would be sent to several servers: import from one at a time")
		}
		lists, inputs = append(lists, list), append(inputs, list.Input())
	}
	return lists, inputs, nil
}

// credential returns the credential for servers.
func (i *importCommand) credential(ctx context.Context, c console.Console) (credential fetch.Credential, err error) {
	credential.User = i.User
	switch {
	case i.TokenFile != "":
		credential.Token, err = c.ReadSecret(ctx, i.TokenFile)
		credential.Token = console.WithoutBearer(credential.Token)
	case i.PasswordFile != "":
		credential.Password, err = c.ReadSecret(ctx, i.PasswordFile)
	case i.User != "" && !console.IsTerminal(c.In):
		err = console.Usage(errors.New("pass --password-file: there is no terminal to ask at"))
	case i.User != "":
		credential.Password, err = c.AskHidden(ctx, "Password of "+i.User, false)
	}
	return credential, err
}

// previewed is how many entries of a file a preview shows.
const previewed = 10

// preview prints the format of the files and their first entries.
func (i *importCommand) preview(ctx context.Context, inputs []importer.Input, options importer.Options, c console.Console) error {
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
			err = console.WriteJSONLine(c.Out, struct {
				*importer.FileReport
				First []entry.Entry `json:"first"`
			}{report, entries})
		} else {
			_, err = io.WriteString(c.Out, previewText(report, entries))
		}
		if err != nil {
			return err
		}
	}
	return unread(failed)
}

func (i *importCommand) options(now time.Time) importer.Options {
	disposition, severity, confidence := i.words()
	return importer.Options{
		Formats: formats.Options{
			Format:      formats.Format(i.Format),
			Columns:     i.Columns,
			Type:        ctim.ObservableType(i.Type),
			Source:      i.Source,
			Disposition: disposition,
			Priority:    int(i.Priority),
			Severity:    severity,
			Confidence:  confidence,
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
	}
}
