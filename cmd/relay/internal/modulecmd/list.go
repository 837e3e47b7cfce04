package modulecmd

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/shared/console"
)

// listCommand is `relay module list`.
type listCommand struct{}

func (listCommand) Help() string {
	return `Lists all modules of the organisation, without the secrets in their settings. With --json, each module
is a line of JSON.`
}

// listedModule is a module as it is printed, without secrets.
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
func (l *listCommand) Run(ctx context.Context, m *Command, c console.Console) error {
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
		fmt.Fprintln(c.Err, "no modules")
		return nil
	}
	if m.JSON {
		for _, i := range modules {
			if err := console.WriteJSONLine(c.Out, listedModule{i.Name, i.ID, i.TypeID, i.Visibility, i.Enabled, publicURL(i.Settings.URL), i.Settings.AuthType,
				i.Settings.SupportedAPIs, i.CreatedAt, i.UpdatedAt}); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tID\tTYPE\tENABLED\tURL\tAPIS")
	for _, i := range modules {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", console.Printable(i.Name), console.Printable(i.ID), console.Printable(i.TypeID), enabled(i),
			cmp.Or(console.Printable(publicURL(i.Settings.URL)), "-"), cmp.Or(console.Printable(strings.Join(i.Settings.SupportedAPIs, ",")), "-"))
	}
	return table.Flush()
}

// publicURL returns a URL without the parts that may be secret: user, query and
// fragment.
func publicURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
