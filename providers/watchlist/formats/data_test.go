package formats_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/formats"
)

// published is where files that others published lie, beside the checkout.
const published = "../../../../shared/data"

// TestReadPublished reads files that others published, where they lie beside
// the checkout, and counts what is in them.
func TestReadPublished(t *testing.T) {
	if _, err := os.Stat(published); err != nil {
		t.Skip("no published files beside the checkout")
	}
	const (
		notMeant = "not marked for detection (to_ids is false): import it with --all"
		isText   = "the MISP type text is not an observable"
		isPort   = "the MISP type port is not an observable"
	)
	type counts struct {
		Format  formats.Format
		Entries int
		Skipped map[string]int
		// All is how many entries there are with Options.All.
		All int
	}
	tests := map[string]counts{
		"ipsum-level3.txt":                                                          {Format: formats.List, Entries: 14217, All: 14217},
		"misp/2018-11-20_Zebrocy.json":                                              {Format: formats.MISP, Skipped: map[string]int{notMeant: 28, isText: 4}, All: 28},
		"misp/cloudmensis.misp.json":                                                {Format: formats.MISP, Entries: 9, Skipped: map[string]int{notMeant: 3, isText: 10}, All: 12},
		"misp/kessel.json":                                                          {Format: formats.MISP, Skipped: map[string]int{notMeant: 4, isText: 1, isPort: 3}, All: 4},
		"misp/misp-ramsay.json":                                                     {Format: formats.MISP, Entries: 51, Skipped: map[string]int{notMeant: 18, isText: 10}, All: 69},
		"misp/misp-turla-crutch-event.json":                                         {Format: formats.MISP, Skipped: map[string]int{notMeant: 16, isText: 3}, All: 16},
		"misp/misp-wintervivern.event.json":                                         {Format: formats.MISP, Entries: 6, Skipped: map[string]int{notMeant: 7, isText: 8, isPort: 2}, All: 13},
		"misp/signsight-misp-event.json":                                            {Format: formats.MISP, Skipped: map[string]int{notMeant: 9, isText: 3}, All: 9},
		"stix/2024-01-31-AZOrult.json":                                              {Format: formats.STIX, Entries: 20, All: 20},
		"stix/2024-02-08-Pikabot.json":                                              {Format: formats.STIX, Entries: 10, All: 10},
		"stix/2024-02-14-Danabot.json":                                              {Format: formats.STIX, Entries: 14, All: 14},
		"stix/2024-02-15-Bradesco-phishing.json":                                    {Format: formats.STIX, Entries: 4, All: 4},
		"stix/2024-02-21-AsyncRAT.json":                                             {Format: formats.STIX, Entries: 19, All: 19},
		"stix/2024-02-24-Lockbit-imposter-ransomware.json":                          {Format: formats.STIX, Entries: 5, All: 5},
		"stix/2024-02-27-Akira-Ransomware.json":                                     {Format: formats.STIX, Entries: 18, All: 18},
		"stix/2024-02-28-AZORult.json":                                              {Format: formats.STIX, Entries: 8, Skipped: map[string]int{"not a URL: has a space": 1}, All: 8},
		"misp/misp.event_2021-06-09_gelsemium-when-threat-actors-go-gardening.json": {Format: formats.MISP, Entries: 153, All: 153},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(published, name))
			if err != nil {
				t.Fatal(err)
			}
			var got counts
			format, records, err := read(t, name, string(text), formats.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got.Format = format
			got.Entries = len(entries(records))
			for _, r := range records {
				if r.Skipped != "" {
					if got.Skipped == nil {
						got.Skipped = map[string]int{}
					}
					got.Skipped[r.Skipped]++
				}
			}
			_, records, err = read(t, name, string(text), formats.Options{All: true})
			if err != nil {
				t.Fatal(err)
			}
			got.All = len(entries(records))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadPublishedLicense(t *testing.T) {
	if _, err := os.Stat(published); err != nil {
		t.Skip("no published files beside the checkout")
	}
	text, err := os.ReadFile(filepath.Join(published, "misp", "LICENSE.eset"))
	if err != nil {
		t.Fatal(err)
	}
	if format, records, err := read(t, "LICENSE.eset", string(text), formats.Options{}); err == nil {
		t.Errorf("a licence is read as %q: %v", format, outline(records))
	}
}
