package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/shared/ctim"
)

// countsBucket has a bucket for each event; in it, the counters by hour, type
// and disposition.
var countsBucket = []byte("counts")

// count adds a tally to the counters.
func count(tx *bbolt.Tx, tally watchlist.Tally) error {
	for counter, by := range tally {
		bucket, err := tx.Bucket(countsBucket).CreateBucketIfNotExists([]byte(counter.Event))
		if err != nil {
			return err
		}
		key := counterKey(counter)
		n := int(readNumber(bucket, key)) + by
		if n > 0 {
			err = writeNumber(bucket, key, uint64(n))
		} else {
			err = bucket.Delete(key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Counts implements watchlist.Store.
func (s *Store) Counts(ctx context.Context, event watchlist.Event, from time.Time) ([]watchlist.Count, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var counts []watchlist.Count
	first := ""
	if !from.IsZero() {
		first = watchlist.HourKey(from)
	}
	err := s.view(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(countsBucket).Bucket([]byte(event))
		if bucket == nil {
			return nil
		}
		cursor := bucket.Cursor()
		for key, _ := cursor.Seek([]byte(first)); key != nil; key, _ = cursor.Next() {
			c, err := readCounter(key)
			if err != nil {
				return err
			}
			c.N = int(readNumber(bucket, key))
			counts = append(counts, c)
		}
		return nil
	})
	return counts, err
}

func counterKey(c watchlist.Counter) []byte {
	return []byte(strings.Join([]string{watchlist.HourKey(c.Hour), string(c.Type), strconv.Itoa(int(c.Disposition))}, "\x00"))
}

func readCounter(key []byte) (c watchlist.Count, err error) {
	parts := bytes.Split(key, []byte{0})
	if len(parts) != 3 {
		return c, fmt.Errorf("%w: the counter %q can't be read", watchlist.ErrDamaged, key)
	}
	hour, hourErr := watchlist.ParseHourKey(string(parts[0]))
	disposition, err := strconv.Atoi(string(parts[2]))
	if err = errors.Join(hourErr, err); err != nil {
		return c, fmt.Errorf("%w: the counter %q can't be read: %w", watchlist.ErrDamaged, key, err)
	}
	return watchlist.Count{Hour: hour, Type: ctim.ObservableType(parts[1]), Disposition: ctim.Disposition(disposition)}, nil
}
