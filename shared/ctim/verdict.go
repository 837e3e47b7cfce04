package ctim

import (
	"encoding/json"
	"time"
)

// Verdict is the disposition of an observable, taken from the deciding judgement. A
// verdict has no id.
type Verdict struct {
	Type        typeOf[Verdict] `json:"type"`
	Observable  Observable      `json:"observable"`
	Disposition Disposition     `json:"disposition"`
	JudgementID ID              `json:"judgement_id,omitempty"`
	ValidTime   ValidTime       `json:"valid_time"`
}

// MarshalJSON adds the disposition's name.
func (v Verdict) MarshalJSON() ([]byte, error) {
	type fields Verdict
	return json.Marshal(struct {
		fields
		DispositionName string `json:"disposition_name"`
	}{fields(v), v.Disposition.String()})
}

// Decide returns the verdict on o from the judgements that are valid now, by CTIM's
// rule: the judgement with the highest priority decides, and at equal priority the
// one with the lowest disposition. Among equals the longest valid one decides, and
// then the lowest id, so that the order doesn't matter. ok is false if no judgement
// on o is valid.
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

// outranks reports whether j decides against other.
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
