package stixpattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/formats/stixpattern"
)

// outline writes what alternatives compare: paths in one spelling, values with
// their kind. An obstacle is in parentheses.
func outline(all []stixpattern.Alternative) string {
	texts := make([]string, len(all))
	for i, a := range all {
		var parts []string
		for _, c := range a.Comparisons {
			not := ""
			if c.Negated {
				not = "NOT "
			}
			part := fmt.Sprintf("%s %s%s", c.Path, not, c.Operator)
			for _, v := range c.Values {
				part += fmt.Sprintf(" %d:%s", v.Kind, v.Text)
			}
			parts = append(parts, part)
		}
		if a.Obstacle != "" {
			parts = append(parts, "("+a.Obstacle+")")
		}
		texts[i] = strings.Join(parts, " & ")
	}
	return strings.Join(texts, " | ")
}

func TestParse(t *testing.T) {
	tests := map[string]string{
		`[ipv4-addr:value = '198.51.100.7']`:                                   `ipv4-addr:value = 0:198.51.100.7`,
		`[file:hashes.'SHA-256' = 'aa']`:                                       `file:hashes.SHA-256 = 0:aa`,
		`[file:hashes.SHA-256 = 'aa']`:                                         `file:hashes.SHA-256 = 0:aa`,
		`[file:'name' == 'a']`:                                                 `file:name = 0:a`,
		`[file:name <> 'a']`:                                                   `file:name != 0:a`,
		`[file:name NOT = 'a']`:                                                `file:name NOT = 0:a`,
		`[file:size >= -12]`:                                                   `file:size >= 1:-12`,
		`[file:size < 1.5]`:                                                    `file:size < 2:1.5`,
		`[a:b > 1 AND a:b <= 2]`:                                               `a:b > 1:1 & a:b <= 1:2`,
		`[x:y = true AND x:z = FALSE]`:                                         `x:y = 3:true & x:z = 3:false`,
		`[x:y > t'2024-01-31T00:00:00.5Z']`:                                    `x:y > 4:2024-01-31T00:00:00.5Z`,
		`[x:y = h'0aFF']`:                                                      `x:y = 5:0aFF`,
		`[x:y = b'aGk=']`:                                                      `x:y = 6:aGk=`,
		`[url:value IN ('a', 'b','c')]`:                                        `url:value = 0:a | url:value = 0:b | url:value = 0:c`,
		`[url:value NOT IN ('a')]`:                                             `url:value NOT IN 0:a`,
		`[url:value LIKE '%.example/_']`:                                       `url:value LIKE 0:%.example/_`,
		`[url:value MATCHES '^x\\.y$']`:                                        `url:value MATCHES 0:^x\.y$`,
		`[ipv4-addr:value ISSUBSET '198.51.100.0/24']`:                         `ipv4-addr:value ISSUBSET 0:198.51.100.0/24`,
		`[ipv6-addr:value ISSUPERSET '2001:db8::/64']`:                         `ipv6-addr:value ISSUPERSET 0:2001:db8::/64`,
		`[EXISTS file:name]`:                                                   `file:name EXISTS`,
		`[NOT EXISTS file:name]`:                                               `file:name NOT EXISTS`,
		`[a:b[*].c = 'x']`:                                                     `a:b[*].c = 0:x`,
		`[a:b[0].c = 'x']`:                                                     `a:b[*].c = 0:x`,
		`[a:extensions.'x-y'.z = 'x']`:                                         `a:extensions.x-y.z = 0:x`,
		`[domain-name:resolves_to_refs[*].value = '192.0.2.1']`:                `domain-name:resolves_to_refs[*].value = 0:192.0.2.1`,
		`[file:name = 'it\'s a \\ quote']`:                                     `file:name = 0:it's a \ quote`,
		`[file:name = 'naïve имя 名前']`:                                         `file:name = 0:naïve имя 名前`,
		`[a:b='1' OR a:b='2' AND a:b='3']`:                                     `a:b = 0:1 | a:b = 0:2 & a:b = 0:3`,
		`[(a:b='1' OR a:b='2') AND a:b='3']`:                                   `a:b = 0:1 & a:b = 0:3 | a:b = 0:2 & a:b = 0:3`,
		`[a:b='1'] OR [a:b='2'] AND [a:b='3']`:                                 `a:b = 0:1 | a:b = 0:2 & a:b = 0:3`,
		`[a:b='1'] FOLLOWEDBY [a:b='2'] OR [a:b='3']`:                          `(FOLLOWEDBY can't be matched)`,
		`([a:b='1'] AND [a:b='2']) WITHIN 300 SECONDS`:                         `(WITHIN can't be matched)`,
		`[a:b='1'] WITHIN 0.5 SECONDS OR [a:b='2']`:                            `(WITHIN can't be matched) | a:b = 0:2`,
		`[a:b='1'] REPEATS 5 TIMES WITHIN 9 SECONDS`:                           `(WITHIN can't be matched)`,
		`[a:b='1'] START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z'`: `(START can't be matched)`,
		`[a:b='1'] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'`:   `(START can't be matched)`,
		"[ a:b = '1' /* why */ and a:c = '2' ] // because\n":                   `a:b = 0:1 & a:c = 0:2`,
	}
	for pattern, want := range tests {
		t.Run(pattern, func(t *testing.T) {
			got, err := stixpattern.Parse(pattern)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, outline(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		pattern string
		offset  int
		reason  string
	}{
		{``, 0, "'[' is expected, not the end"},
		{`ipv4-addr:value = 'x'`, 0, "'[' is expected, not ipv4-addr"},
		{`[`, 1, "an object path is expected, not the end"},
		{`[]`, 1, "an object path is expected, not ]"},
		{`[a:b = 'x'`, 10, "']' is expected, not the end"},
		{`[a:b = 'x]`, 7, "the string has no closing quote"},
		{`[a:b = x]`, 7, "a value is expected, not x"},
		{`[a = 'x']`, 3, "':' is expected, not ="},
		{`[a: = 'x']`, 4, "a property's name is expected, not ="},
		{`[a:b 'x']`, 5, "an operator is expected, not 'x'"},
		{`[a:b IS 'x']`, 5, "an operator is expected, not IS"},
		{`[a:b LIKE 5]`, 10, "a string is expected, not 5"},
		{`[a:b IN 'x']`, 8, "'(' is expected, not 'x'"},
		{`[a:b IN ('x' 'y')]`, 13, "')' is expected, not 'y'"},
		{`[a:b[x] = 'y']`, 5, "an index is expected, not x"},
		{`[a:b = 'x'] AND`, 15, "'[' is expected, not the end"},
		{`[a:b = 'x'] [a:b = 'y']`, 12, "the end is expected, not ["},
		{`[a:b = 'x'] WITHIN 5 MINUTES`, 21, "SECONDS is expected, not MINUTES"},
		{`[a:b = 'x'] REPEATS 1.5 TIMES`, 20, "the qualifier's value is expected, not 1.5"},
		{`[NOT a:b = 'x']`, 5, "EXISTS is expected, not a"},
		{`[a:b = h'xyz']`, 7, "not hexadecimal"},
		{`[a:b = b'***']`, 7, "not base64"},
		{`[a:b = t'yesterday']`, 7, "not a timestamp"},
		{`[a:b = 'x' /* ]`, 11, "the comment has no end"},
		{`[a:b = “x”]`, 7, `'“' has no meaning here`},
		{strings.Repeat("(", 100), 64, "brackets more than 64 deep"},
		{"[" + strings.Repeat("(", 100), 64, "brackets more than 64 deep"},
		{strings.Repeat(" ", 1<<20+1), 1 << 20, "longer than 1048576 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.pattern[:min(len(tt.pattern), 40)], func(t *testing.T) {
			_, err := stixpattern.Parse(tt.pattern)
			var syntax *stixpattern.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got error %v, want a SyntaxError", err)
			}
			want := stixpattern.SyntaxError{Offset: tt.offset, Reason: tt.reason}
			if diff := cmp.Diff(want, *syntax); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	for _, text := range []string{``, `plain`, `it's`, `C:\x\`, `\'`, `'`} {
		all, err := stixpattern.Parse("[file:name = " + stixpattern.Quote(text) + "]")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := all[0].Comparisons[0].Values[0].Text; got != text {
			t.Errorf("%q came back as %q", text, got)
		}
	}
}
