package modulecmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
)

// find returns the module with an id or, if there is none, with that name.
func find(ctx context.Context, client *platform.Client, nameOrID string) (platform.Instance, error) {
	all, err := client.Instances(ctx)
	if err != nil {
		return platform.Instance{}, err
	}
	if i := slices.IndexFunc(all, func(i platform.Instance) bool { return i.ID == nameOrID }); i >= 0 {
		return all[i], nil
	}
	found, ok, err := findName(all, nameOrID)
	if err == nil && !ok {
		err = fmt.Errorf("there is no module %s: relay module list shows all modules", nameOrID)
	}
	return found, err
}

// findName returns the module with a name, if there is one. If there are several,
// it returns an error.
func findName(all []platform.Instance, name string) (found platform.Instance, ok bool, err error) {
	var ids []string
	for _, i := range all {
		if i.Name == name {
			found, ids = i, append(ids, i.ID)
		}
	}
	if len(ids) > 1 {
		return platform.Instance{}, false, fmt.Errorf("%d modules are named %s: %s. Pass the id instead of the name", len(ids), name, strings.Join(ids, ", "))
	}
	return found, len(ids) == 1, nil
}
