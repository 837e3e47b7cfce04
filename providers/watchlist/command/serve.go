package command

import (
	"context"
	"fmt"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/sample"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Summary implements serve.Extension.
func (*Command) Summary() string { return "Look at the watchlist and change it." }

// Ready implements serve.Extension. Requests try to open the watchlist again, so it may
// become available later, such as when another process closes the file.
func (*Command) Ready(service relay.Service) error {
	if _, err := service.(*watchlist.Service).Store(); err != nil {
		return fmt.Errorf("the watchlist can't be opened: check WATCHLIST_FILE, or WATCHLIST_STORE and WATCHLIST_TABLE: %w", err)
	}
	return nil
}

// Introduce implements serve.Extension. The sample is loaded into a file that was never
// used, but not into a table, which others may use.
func (*Command) Introduce(ctx context.Context, service relay.Service, withSample bool) (about string, known ctim.Observable, err error) {
	list := service.(*watchlist.Service)
	store, err := list.Store()
	if err != nil {
		return "", known, err
	}
	settings := list.Settings()
	count, err := entry.Listed(ctx, store, time.Now())
	if err != nil {
		return "", known, err
	}
	kind := ""
	if count == 0 && withSample && !settings.ReadOnly && settings.Store == watchlist.StoreFile {
		used, err := hasHistory(ctx, store) // then a person has emptied it
		if err != nil {
			return "", known, err
		}
		if !used {
			loaded, err := sample.Load(ctx, store)
			if err != nil {
				return "", known, fmt.Errorf("load the sample: %w", err)
			}
			count, kind = loaded.Added, "sample "
		}
	}
	about = fmt.Sprintf(", watchlist of %s in %s", console.Plural(count, kind+"entry", kind+"entries"), settings.Place())
	known, err = listed(ctx, store)
	return about, known, err
}

func hasHistory(ctx context.Context, store entry.Store) (bool, error) {
	for _, err := range store.History(ctx) {
		return err == nil, err
	}
	return false, nil
}

// listed returns an observable that an entry matches now by itself. It looks at
// the first 1,000 entries.
func listed(ctx context.Context, store entry.Store) (ctim.Observable, error) {
	looked := 0
	for e, err := range store.All(ctx) {
		if err != nil {
			return ctim.Observable{}, err
		}
		if len(e.With) == 0 && e.IsValid(time.Now()) && e.Key().Kind != entry.KindNetwork {
			return e.Observable, nil
		}
		if looked++; looked == 1000 {
			break
		}
	}
	return ctim.Observable{}, nil
}
