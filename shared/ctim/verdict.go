package ctim

import (
	"encoding/json"
	"time"
)

type verdictType struct{}

func (verdictType) MarshalText() ([]byte, error) { return []byte("verdict"), nil }

// Verdict is the one answer about an observable: that of the judgement which
// decides. It has no id of its own.
type Verdict struct {
	Type        verdictType `json:"type"`
	Observable  Observable  `json:"observable"`
	Disposition Disposition `json:"disposition"`
	JudgementID ID          `json:"judgement_id,omitempty"`
	ValidTime   ValidTime   `json:"valid_time"`
}

// MarshalJSON adds the disposition's name.
func (v Verdict) MarshalJSON() ([]byte, error) {
	type fields Verdict
	return json.Marshal(struct {
		fields
		DispositionName string `json:"disposition_name"`
	}{fields(v), v.Disposition.String()})
}

// Decide chooses the verdict on o from its judgements by CTIM's rule: of those
// that are valid now, the highest priority wins; at equal priority Clean beats
// Malicious beats Suspicious beats Common beats Unknown. Among equals the one
// that is valid longest, then the one with the lower id, so that the order of
// the judgements doesn't matter. Without any valid judgement there is no
// verdict, and ok is false.
func Decide(o Observable, judgements []Judgement, now time.Time) (verdict Verdict, ok bool) {
	var best *Judgement
	for i := range judgements {
		j := &judgements[i]
		if j.Observable == o && j.ValidTime.Contains(now) && (best == nil || j.outranks(best)) {
			best = j
		}
	}
	if best == nil {
		return Verdict{}, false
	}
	return Verdict{Observable: o, Disposition: best.Disposition, JudgementID: best.ID, ValidTime: best.ValidTime}, true
}

// outranks says whether j decides over other.
func (j *Judgement) outranks(other *Judgement) bool {
	if j.Priority != other.Priority {
		return j.Priority > other.Priority
	}
	if j.Disposition != other.Disposition {
		return j.Disposition < other.Disposition
	}
	if a, b := j.ValidTime.End, other.ValidTime.End; !a.Equal(b.Time) {
		return a.IsZero() || !b.IsZero() && a.After(b.Time)
	}
	return j.ID < other.ID
}
