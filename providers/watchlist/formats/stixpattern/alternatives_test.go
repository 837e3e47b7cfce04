package stixpattern_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/formats/stixpattern"
)

func TestAlternatives(t *testing.T) {
	tests := map[string][]string{
		`[a:b = '1']`:                                {`a:b = '1'`},
		`[a:b = '1' OR a:c = '2']`:                   {`a:b = '1'`, `a:c = '2'`},
		`[a:b = '1' AND a:c = '2']`:                  {`a:b = '1' AND a:c = '2'`},
		`[(a:b = '1' OR a:c = '2') AND a:d = '3']`:   {`a:b = '1' AND a:d = '3'`, `a:c = '2' AND a:d = '3'`},
		`[a:b = '1'] AND ([a:c = '2'] OR [a:d='3'])`: {`a:b = '1' AND a:c = '2'`, `a:b = '1' AND a:d='3'`},
		`[a:b IN ('1', 'it\'s', 3)]`:                 {`a:b = '1'`, `a:b = 'it\'s'`, `a:b = 3`},
		`[a:IN IN ('1')]`:                            {`a:IN = '1'`},
		`[a:b NOT IN ('1', '2')]`:                    {`a:b NOT IN ('1', '2')`},
		`[a:b IN ('1', '2') AND a:c = '3']`:          {`a:b = '1' AND a:c = '3'`, `a:b = '2' AND a:c = '3'`},
		`[a:b = '1' AND a:b = '1']`:                  {`a:b = '1'`},
		`[a:b = '1'] OR [a:b = '1']`:                 {`a:b = '1'`},
		`[a:b = '1'] REPEATS 2 TIMES`:                {`[a:b = '1'] REPEATS 2 TIMES: REPEATS can't be matched`},
		`[a:b = '1'] OR [a:c = '2'] FOLLOWEDBY [a:d = '3']`: {
			`[a:b = '1'] OR [a:c = '2'] FOLLOWEDBY [a:d = '3']: FOLLOWEDBY can't be matched`,
		},
		`[a:b = '1'] OR [a:c = '2'] WITHIN 5 SECONDS`: {
			`a:b = '1'`, `[a:c = '2'] WITHIN 5 SECONDS: WITHIN can't be matched`,
		},
		`[a:b = '1'] AND [a:c = '2'] START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z'`: {
			`[a:b = '1'] AND [a:c = '2'] START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z': START can't be matched`,
		},
		`([a:b = '1'] OR [a:c = '2']) AND ([a:d = '3'] AND ([a:e = '4'] FOLLOWEDBY [a:f = '5']))`: {
			`([a:b = '1'] OR [a:c = '2']) AND ([a:d = '3'] AND ([a:e = '4'] FOLLOWEDBY [a:f = '5'])): FOLLOWEDBY can't be matched`,
		},
		`[a:b = '1'] AND ([a:c = '2'] REPEATS 2 TIMES OR [a:d = '3']) AND [a:e IN ('4', '5')]`: {
			`a:b = '1' AND [a:c = '2'] REPEATS 2 TIMES: REPEATS can't be matched`,
			`a:b = '1' AND a:d = '3' AND a:e = '4'`,
			`a:b = '1' AND a:d = '3' AND a:e = '5'`,
		},
		"[a:b // c\n IN ('1')]": {`a:b = '1'`},
	}
	for pattern, want := range tests {
		t.Run(pattern, func(t *testing.T) {
			alternatives, err := stixpattern.Parse(pattern)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range alternatives {
				text := a.Text
				if a.Obstacle != "" {
					text += ": " + a.Obstacle
				} else if n := strings.Count(text, " AND ") + 1; n != len(a.Comparisons) {
					t.Errorf("%s has %d comparisons", text, len(a.Comparisons))
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAlternativesOfManyValues(t *testing.T) {
	values := make([]string, 10_000)
	for i := range values {
		values[i] = fmt.Sprintf("'%d'", i)
	}
	alternatives, err := stixpattern.Parse("[file:name IN (" + strings.Join(values, ",") + ")]")
	if err != nil || len(alternatives) != len(values) {
		t.Errorf("got %d alternatives and %v, want %d", len(alternatives), err, len(values))
	}
}

func TestAlternativesTooMany(t *testing.T) {
	var doubling, together []string
	for i := range 30 {
		doubling = append(doubling, fmt.Sprintf("(a:b = '%d' OR a:c = '%[1]d')", i))
	}
	for i := range 130 {
		together = append(together, fmt.Sprintf("a:b = '%d'", i))
	}
	tests := map[string]string{
		"multiplying":      strings.Join(doubling, " AND "),
		"together":         strings.Join(together[:101], " AND "),
		"together in part": "(" + strings.Join(together[:60], " AND ") + " OR a:c = '1') AND " + strings.Join(together[60:], " AND "),
		"values":           valuesOf("a:b", 100_001),
		"values of both":   valuesOf("a:b", 50_000) + " OR " + valuesOf("a:c", 50_001),
		"products of both": valuesOf("a:b", 224) + " AND " + valuesOf("a:c", 224),
		"long values":      "(" + ors("a:b", 180, 2800) + ") AND (" + ors("a:c", 180, 2800) + ")",
		"long path":        valuesOf("a:"+strings.Repeat("b", 100_000), 100),
		"long group":       strings.Join(together[:99], " AND ") + " AND " + valuesOf("a:c", 100),
		"long groups": "(" + strings.Join(together[:99], " AND ") + " AND " + valuesOf("a:c", 30) + ") OR (" +
			strings.Join(together[:99], " AND ") + " AND " + valuesOf("a:d", 30) + ")",
	}
	for name, pattern := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := stixpattern.Parse("[" + pattern + "]"); !errors.Is(err, stixpattern.ErrTooMany) {
				t.Errorf("got %v, want ErrTooMany", err)
			}
		})
	}
}

func TestAlternativesAtLimits(t *testing.T) {
	var together []string
	for i := range 99 {
		together = append(together, fmt.Sprintf("a:b = '%d'", i))
	}
	for name, pattern := range map[string]string{
		"values":      valuesOf("a:b", 100_000),
		"both values": valuesOf("a:b", 50_000) + " OR " + valuesOf("a:c", 50_000),
		"products":    valuesOf("a:b", 223) + " AND " + valuesOf("a:c", 223),
		"groups":      strings.Join(together, " AND ") + " AND " + valuesOf("a:c", 50),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := stixpattern.Parse("[" + pattern + "]"); err != nil {
				t.Error(err)
			}
		})
	}
}

// One part that can't be matched makes one alternative of an AND, however long it is.
func TestAlternativesStopAtObstacle(t *testing.T) {
	pattern := strings.Repeat("[a:b=1]REPEATS 2 TIMES AND ", 36_000) + "[a:b=1]"
	got, err := stixpattern.Parse(pattern)
	if err != nil {
		t.Fatal(err)
	}
	want := []stixpattern.Alternative{{Text: pattern, Obstacle: "REPEATS can't be matched"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(stixpattern.Comparison{})); diff != "" {
		t.Error(diff)
	}
}

// valuesOf compares a path with count values.
func valuesOf(path string, count int) string {
	values := make([]string, count)
	for i := range values {
		values[i] = strconv.Itoa(i)
	}
	return path + " IN (" + strings.Join(values, ",") + ")"
}

// ors compares a path with count values of a length, one by one.
func ors(path string, count, length int) string {
	parts := make([]string, count)
	for i := range parts {
		parts[i] = fmt.Sprintf("%s = '%0*d'", path, length, i)
	}
	return strings.Join(parts, " OR ")
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{
		`[ipv4-addr:value = '198.51.100.7']`,
		`[file:hashes.'SHA-256' IN ('aa', 'bb') AND file:name NOT LIKE 'x%'] OR ([a:b[*].c != 5]) WITHIN 5.5 SECONDS`,
		`[a:b = h'00'] FOLLOWEDBY [a:b = b'aGk='] START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z'`,
		`[(((a:b='\\\'')))] /* x */ // y`,
		`[EXISTS a:b AND a:c = true]`,
		`([a:b = '1'] OR [a:c = '2'] REPEATS 2 TIMES) AND ([a:d IN ('3', '4')] OR ([a:e = 5] FOLLOWEDBY [a:f = 6]))`,
	} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		alternatives, err := stixpattern.Parse(pattern)
		if err != nil {
			return
		}
		if len(alternatives) == 0 {
			t.Errorf("%q has no alternatives", pattern)
		}
		held := 0
		for _, a := range alternatives {
			if held += len(a.Text) * max(1, len(a.Comparisons)); held > 9<<20 { // 8 MB are built, and the pattern has up to 1 MB
				t.Fatalf("the alternatives of %q are too large", pattern)
			}
			if len(a.Comparisons) == 0 && a.Obstacle == "" {
				t.Errorf("an alternative of %q compares nothing", pattern)
			}
			// What an alternative says can be read again, and says the same.
			if a.Obstacle != "" {
				continue
			}
			same, err := stixpattern.Parse("[" + a.Text + "\n]")
			if err != nil || len(same) != 1 || len(same[0].Comparisons) != len(a.Comparisons) {
				t.Errorf("alternative %q of %q is read as %v, %v", a.Text, pattern, same, err)
			}
		}
	})
}

func ExampleParse() {
	alternatives, err := stixpattern.Parse(`[domain-name:value IN ('a.example', 'b.example') AND domain-name:resolves_to_refs[*].value = '192.0.2.1']`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range alternatives {
		fmt.Println(a.Text)
	}
	// Output:
	// domain-name:value = 'a.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.1'
	// domain-name:value = 'b.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.1'
}
