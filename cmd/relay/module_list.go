package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
)

// moduleListCommand is `relay module list`.
type moduleListCommand struct {
	JSON bool `name:"json" help:"Print each module as a line of JSON."`
}

// Help implements kong.HelpProvider.
func (moduleListCommand) Help() string {
	return `Lists the organisation's modules, those of other makers too. What is secret of their settings is not
printed.`
}

// listedModule is a module as it is printed: nothing of it is secret.
type listedModule struct {
	Name          string   `json:"name"`
	ID            string   `json:"id"`
	TypeID        string   `json:"module_type_id"`
	Visibility    string   `json:"visibility"`
	Enabled       *bool    `json:"enabled,omitempty"`
	URL           string   `json:"url,omitempty"`
	AuthType      string   `json:"auth_type,omitempty"`
	SupportedAPIs []string `json:"supported_apis,omitempty"`
	CreatedAt     string   `json:"created_at,omitempty"`
	UpdatedAt     string   `json:"updated_at,omitempty"`
}

// Run prints the modules.
func (l *moduleListCommand) Run(ctx context.Context, m *moduleCommand, c console) error {
	client, err := m.client(ctx, c)
	if err != nil {
		return err
	}
	modules, err := client.Instances(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(modules, func(a, b platform.Instance) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	if len(modules) == 0 {
		fmt.Fprintln(c.err, "no modules")
	}
	if l.JSON {
		encoder := json.NewEncoder(c.out)
		encoder.SetEscapeHTML(false)
		for _, i := range modules {
			if err := encoder.Encode(listedModule{i.Name, i.ID, i.TypeID, i.Visibility, i.Enabled, publicURL(i.Settings.URL), i.Settings.AuthType,
				i.Settings.SupportedAPIs, i.CreatedAt, i.UpdatedAt}); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	if len(modules) > 0 {
		fmt.Fprintln(table, "NAME\tID\tTYPE\tENABLED\tURL\tAPIS")
	}
	for _, i := range modules {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", printable(i.Name), printable(i.ID), printable(i.TypeID), enabled(i),
			cmp.Or(printable(publicURL(i.Settings.URL)), "-"), cmp.Or(printable(strings.Join(i.Settings.SupportedAPIs, ",")), "-"))
	}
	return table.Flush()
}

// publicURL is a URL without what may be secret in it: user, query, fragment.
func publicURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
