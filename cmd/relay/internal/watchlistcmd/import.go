package watchlistcmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
	"github.com/serverless-relay/relay/providers/watchlist/importer/fetch"
	"github.com/serverless-relay/relay/shared/ctim"
)

// importCommand is `relay watchlist import`.
type importCommand struct {
	Files   []string `arg:"" help:"Files to read, or https:// URLs of lists and TAXII 2.1 collections; - is standard input." placeholder:"FILE"`
	DryRun  bool     `help:"Show what the files are and the first entries, and store nothing."`
	Format  string   `help:"What they are: stix, misp, json, csv or list. Default: what the file looks like." enum:",stix,misp,json,csv,list" default:"" placeholder:"FORMAT"`
	Columns string   `help:"Which columns of a table are what, by number or name: value=2,type=1,comment=3." placeholder:"ROLE=COLUMN,..."`
	Type    string   `help:"The observable type of values that say none. Default: what each looks like." placeholder:"TYPE"`
	All     bool     `help:"MISP: also what isn't meant for detection (to_ids is false), as suspicious."`
	attributes
	Replace      bool   `help:"The files are all that their sources say: remove what they said before and don't say now."`
	Force        bool   `help:"With --replace: remove more than half of a source's entries too."`
	User         string `help:"The user for URLs with basic authentication." placeholder:"NAME"`
	PasswordFile string `help:"The file with the user's password. Default: ask for it." placeholder:"FILE"`
	TokenFile    string `help:"The file with the bearer token for URLs." placeholder:"FILE"`
	Verbose      bool   `short:"v" help:"Name every value that was skipped."`
	JSON         bool   `name:"json" help:"Print the result as JSON."`
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
  relay watchlist import --user me --password-file pw https://taxii.example/api/collections/ID/objects/

Importing twice does no harm. An import that is interrupted while it reads has stored nothing; later,
do it again to go on. What can't be used is counted by reason, and doesn't stop the rest. What a
STIX or MISP source has taken back is removed.

Exit code 1 means that a file could not be read.`
}

// Validate implements kong's validation.
func (i *importCommand) Validate() error {
	switch {
	case i.Force && !i.Replace:
		return errors.New("--force is for --replace")
	case i.PasswordFile != "" && i.User == "":
		return errors.New("--password-file is for --user")
	case i.User != "" && i.TokenFile != "":
		return errors.New("--user and --token-file: the server takes one of them")
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
func (i *importCommand) Run(ctx context.Context, w *Command, c console.Console) (err error) {
	if err := checkType(i.Type); err != nil {
		return err
	}
	bar := newProgress(c.Err, i.Files)
	lists, inputs, err := i.inputs(ctx, c, bar)
	if err != nil {
		return err
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
	store, err := watchlist.OpenStore(settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	if err := fetch.Recall(ctx, store, lists); err != nil {
		return err
	}
	options.BatchSize = settings.BatchSize()
	report, err := importer.Run(ctx, store, inputs, options)
	bar.finish()
	if i.JSON {
		if err := json.NewEncoder(c.Out).Encode(report); err != nil {
			return err
		}
	} else {
		printReport(c.Out, report)
	}
	if err == nil && report.Failed() > 0 {
		err = fmt.Errorf("%s could not be read", console.Plural(report.Failed(), "file", "files"))
	}
	return err
}

// inputs are the files, and those of them that are lists on servers.
func (i *importCommand) inputs(ctx context.Context, c console.Console, bar *progress) (lists []*fetch.List, inputs []importer.Input, err error) {
	credential, err := i.credential(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range i.Files {
		if !fetch.IsURL(name) {
			inputs = append(inputs, importer.Input{Name: name, Open: func(ctx context.Context) (io.ReadCloser, error) {
				input := c.OpenInput(ctx, name)
				return struct {
					io.Reader
					io.Closer
				}{bar.reader(name, input), input}, nil
			}})
			continue
		}
		list, err := fetch.New(name, credential)
		switch {
		case err != nil:
			return nil, nil, err
		case i.Replace && list.IsCollection():
			return nil, nil, errors.New("--replace is for lists that are complete: a TAXII collection says itself what is taken back")
		case credential != (fetch.Credential{}) && len(lists) > 0 && lists[0].Host() != list.Host():
			return nil, nil, errors.New("the credentials would go to several servers: import from one at a time")
		}
		lists, inputs = append(lists, list), append(inputs, list.Input())
	}
	return lists, inputs, nil
}

// credential is what the flags say of who asks servers.
func (i *importCommand) credential(ctx context.Context, c console.Console) (credential fetch.Credential, err error) {
	credential.User = i.User
	switch {
	case i.TokenFile != "":
		credential.Token, err = flags.ReadSecret(ctx, c, i.TokenFile)
		credential.Token = flags.WithoutBearer(credential.Token)
	case i.PasswordFile != "":
		credential.Password, err = flags.ReadSecret(ctx, c, i.PasswordFile)
	case i.User != "":
		credential.Password, err = c.AskHidden(ctx, "Password of "+i.User, false)
	}
	return credential, err
}

// previewed is how many entries of a file a preview shows.
const previewed = 10

// preview shows what the files are and the first of their entries.
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
			err = json.NewEncoder(c.Out).Encode(struct {
				*importer.FileReport
				First []entry.Entry `json:"first"`
			}{report, entries})
		} else {
			err = printPreview(c.Out, report, entries)
		}
		if err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%s could not be read", console.Plural(failed, "file", "files"))
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
