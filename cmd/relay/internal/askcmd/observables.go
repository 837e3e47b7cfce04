package askcmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/extract"
)

// maxText is the size of the largest file that is searched, in bytes.
const maxText = 64 << 20

// observables returns the observables in the arguments, without duplicates.
func (k *Command) observables(ctx context.Context, c console.Console) ([]ctim.Observable, error) {
	var text strings.Builder
	for _, argument := range k.What {
		if info, err := os.Stat(argument); argument == "-" || err == nil && !info.IsDir() {
			content, err := c.ReadInput(ctx, argument, maxText)
			if err != nil {
				return nil, err
			}
			text.Write(content)
		} else if len(extract.Observables(argument)) == 0 {
			return nil, console.Usage(fmt.Errorf("%s is neither a file nor an observable", console.Excerpt(argument, 80)))
		} else {
			text.WriteString(argument)
		}
		text.WriteByte('\n')
	}
	all := extract.Observables(text.String())
	if len(all) == 0 {
		return nil, errors.New("the text has no observables")
	}
	return all, nil
}
