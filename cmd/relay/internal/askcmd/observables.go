package askcmd

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/extract"
)

// maxText is the size of the largest file that is searched, in bytes.
const maxText = 64 << 20

// observables returns the observables in the arguments, without duplicates.
func (k *Command) observables(ctx context.Context, c console.Console) ([]ctim.Observable, error) {
	var all []ctim.Observable
	seen := map[ctim.Observable]bool{}
	for _, argument := range k.What {
		text, isFile := argument, argument == "-"
		if info, err := os.Stat(argument); err == nil && !info.IsDir() {
			isFile = true
		}
		if isFile {
			content, err := c.ReadInput(ctx, argument, maxText)
			if err != nil {
				return nil, err
			}
			text = string(content)
		}
		found := extract.Observables(text)
		if len(found) == 0 && !isFile {
			return nil, console.Usage(fmt.Errorf("%s is neither a file nor an observable", console.Excerpt(argument, 80)))
		}
		for _, o := range found {
			if !seen[o] {
				seen[o] = true
				all = append(all, o)
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the text has no observables")
	}
	return all, nil
}
