package relaytest

import "testing"

func TestMutation(t *testing.T) {
	const body = `{"hits":[{"id":7}]}`
	got := map[string]string{}
	for change := 0; ; change++ {
		m := mutation{change: change}
		changed := m.apply([]byte(body))
		if !m.changed {
			break
		}
		got[m.what] = string(changed)
	}
	for what, want := range map[string]string{
		"body is null":                 `null`,
		"body.hits is \"x\"":           `{"hits":"x"}`,
		"body.hits[0] is missing":      `{"hits":[]}`,
		"body.hits[0].id is -1":        `{"hits":[{"id":-1}]}`,
		"body.hits[0].id is missing":   `{"hits":[{}]}`,
		"body.hits[0].id is in quotes": `{"hits":[{"id":"7"}]}`,
	} {
		if got[what] != want {
			t.Errorf("%s: got %s, want %s", what, got[what], want)
		}
	}
}
