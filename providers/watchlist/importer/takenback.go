package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
)

// takenBack finds the stored entries that their sources have withdrawn: entries that are
// no longer those of an indicator, or are missing from a complete list. The zero value
// is ready to use.
type takenBack struct {
	// claims are the indicators in the files, each with one of its entries.
	claims []claim
	// withdrawn are the keys of values that may have been withdrawn.
	withdrawn []entry.Key
	// changed reports that entries of unknown values may have been withdrawn if the
	// import stores something, and lost that they may have been in any case. Only a
	// scan of the store finds them.
	changed, lost bool
	// lists are the lists in the files that are complete each time: the source, or of
	// STIX and MISP, the source and the title.
	lists map[string]bool
	// listed are the hashes of all entries in the files.
	listed []uint64
}

// claim is the hash of an indicator's id and that of one of its entries, or 0 if it has
// none.
type claim struct{ id, entry uint64 }

func (s claim) compare(other claim) int {
	return cmp.Or(cmp.Compare(s.id, other.id), cmp.Compare(s.entry, other.entry))
}

var seed = maphash.MakeSeed()

// hashOf returns the hash of an entry's key and identity. It has 64 bits, so that equal
// hashes of different entries are practically impossible.
func hashOf(e entry.Entry) uint64 {
	key := e.Key()
	return maphash.String(seed, string(key.Kind)+"\x00"+key.Value+"\x00"+e.Identity())
}

func hashOfID(source, id string) uint64 { return maphash.String(seed, source+"\x00"+id) }

// note adds a record.
func (t *takenBack) note(r formats.Record) {
	if r.ID == "" {
		return
	}
	s := claim{id: hashOfID(r.Entry.Source, r.ID)}
	switch {
	case r.Skipped == "":
		s.entry = hashOf(r.Entry)
		t.changed = t.changed || r.Changed
	case len(r.Withdrawn) > 0: // it may have been of other values before
		t.changed = true
	default:
		t.lost = t.lost || r.Changed
	}
	t.claims = append(t.claims, s)
	for _, o := range r.Withdrawn {
		t.withdrawn = append(t.withdrawn, entry.KeyOf(o))
	}
}

// list adds an entry of a complete list.
func (t *takenBack) list(r formats.Record) {
	if t.lists == nil {
		t.lists = map[string]bool{}
	}
	list := r.Entry.Source
	if r.ID != "" {
		list = titled(r.Entry)
	}
	t.lists[list] = true
	t.listed = append(t.listed, hashOf(r.Entry))
}

// isTakenBack reports whether an entry of the store is no longer one of its indicator.
func (t *takenBack) isTakenBack(e entry.Entry) bool {
	for _, id := range e.ExternalIDs {
		s := claim{id: hashOfID(e.Source, id)}
		first, _ := slices.BinarySearchFunc(t.claims, s, claim.compare)
		if first == len(t.claims) || t.claims[first].id != s.id {
			continue
		}
		s.entry = hashOf(e)
		_, still := slices.BinarySearchFunc(t.claims, s, claim.compare)
		return !still
	}
	return false
}

func titled(e entry.Entry) string { return e.Source + "\x00" + e.Title }

// isOfList reports whether an entry of the store is of a list in the files.
func (t *takenBack) isOfList(e entry.Entry) bool { return t.lists[e.Source] || t.lists[titled(e)] }

// isGone reports whether an entry is of a list in the files, but missing from it.
func (t *takenBack) isGone(e entry.Entry) bool {
	_, there := slices.BinarySearch(t.listed, hashOf(e))
	return !there && t.isOfList(e)
}

// checkReplaced refuses to replace lists if that would remove more than half of
// one, or if a file couldn't be read.
func (r *run) checkReplaced(ctx context.Context) error {
	if r.report.nothingNew() {
		return nil
	}
	if r.report.Failed() > 0 {
		return errors.New("--replace: nothing is changed, because a file could not be read")
	}
	if len(r.taken.listed) == 0 {
		return errors.New("--replace: nothing is changed, because nothing was read")
	}
	slices.Sort(r.taken.listed)
	type counts struct{ all, gone int }
	found := map[string]counts{}
	for e, err := range r.store.All(ctx) {
		if err != nil {
			return err
		}
		if !r.taken.isOfList(e) {
			continue
		}
		c := found[e.Source]
		c.all++
		if r.taken.isGone(e) {
			c.gone++
			r.gone = append(r.gone, e.Key())
		}
		found[e.Source] = c
	}
	for source, c := range found {
		if 2*c.gone > c.all && !r.options.Force {
			return fmt.Errorf("--replace: nothing is changed, because %d of the %d entries of %s would be removed: is the file complete? Use --force to remove them", c.gone, c.all, source)
		}
	}
	return nil
}

// removeTakenBack removes the entries that sources have withdrawn, and returns them.
func (r *run) removeTakenBack(ctx context.Context) ([]entry.Entry, error) {
	slices.SortFunc(r.taken.claims, claim.compare)
	keys := append(r.gone, r.taken.withdrawn...)
	if r.taken.lost || r.taken.changed && r.report.Added+r.report.Updated > 0 {
		for e, err := range r.store.All(ctx) {
			if err != nil {
				return nil, err
			}
			if r.taken.isTakenBack(e) {
				keys = append(keys, e.Key())
			}
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	removed, err := r.store.Remove(ctx, keys, func(e entry.Entry) bool { return r.taken.isGone(e) || r.taken.isTakenBack(e) })
	r.report.Removed = len(removed)
	return removed, err
}
