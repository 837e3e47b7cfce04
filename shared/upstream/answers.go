package upstream

import "time"

// answers keeps the bodies of answers, up to so many bytes; what is oldest
// goes first. It is not safe for several goroutines: flights guards it.
type answers struct {
	// keep is how long an answer stays good; 0 is as long as it is there.
	keep time.Duration
	// room is how many bytes more may be kept.
	room   int
	bodies map[key]kept
	order  []key // the oldest first
}

type kept struct {
	body []byte
	at   time.Time
}

// newAnswers makes room for so many bytes.
func newAnswers(room int, keep time.Duration) *answers {
	return &answers{keep: keep, room: room, bodies: map[key]kept{}}
}

// get finds an answer that is still good.
func (a *answers) get(k key) ([]byte, bool) {
	found, ok := a.bodies[k]
	if !ok || a.stale(found) {
		return nil, false
	}
	return found.body, true
}

// put keeps an answer. A large one isn't kept: it would push out many.
func (a *answers) put(k key, body []byte) {
	if len(body) > smallBody {
		return
	}
	if old, ok := a.bodies[k]; ok {
		// It keeps its old place in the order, and goes a little early.
		a.room += len(old.body)
	} else {
		a.order = append(a.order, k)
	}
	a.bodies[k] = kept{body, time.Now()}
	a.room -= len(body)
	for len(a.order) > 0 && (a.room < 0 || a.stale(a.bodies[a.order[0]])) {
		a.room += len(a.bodies[a.order[0]].body)
		delete(a.bodies, a.order[0])
		a.order = a.order[1:]
	}
}

func (a *answers) stale(k kept) bool { return a.keep > 0 && time.Since(k.at) >= a.keep }
