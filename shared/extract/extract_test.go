package extract_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/extract"
	"github.com/serverless-relay/relay/shared/normalize"
)

func TestObservables(t *testing.T) {
	sha256 := strings.Repeat("0a", 32)
	tests := []struct {
		name, text string
		want       []string // type and value
	}{
		{"nothing", "Nothing to see here, e.g. in v1.2 or i.e. at 10:12 on 2026-01-02.", nil},
		{"as the platform writes it", `ip:"192.168.56.101" file_name:"a \"b\".exe" sha256:"` + sha256 + `"`, []string{"ip 192.168.56.101", `file_name a "b".exe`, "sha256 " + sha256}},
		{"an unknown type", `colour:"evil.example"`, []string{"domain evil.example"}},
		{"a type that doesn't fit", `ip:"evil.example"`, []string{"domain evil.example"}},
		{"types without quotes", "ip:192.0.2.1 domain:evil.example sha256:" + sha256 + " user:ann mailto:ann@evil.example", []string{"ip 192.0.2.1", "domain evil.example", "sha256 " + sha256, "email ann@evil.example"}},
		{"prose", "It calls evil.example, then (192.0.2.1). \"www.evil.example\"!", []string{"domain evil.example", "ip 192.0.2.1", "domain www.evil.example"}},
		{"twice", "evil.example EVIL.example. evil[.]example", []string{"domain evil.example"}},

		{"IPv4 [.]", "192[.]0[.]2[.]1", []string{"ip 192.0.2.1"}},
		{"IPv4 (.)", "192(.)0(.)2(.)1", []string{"ip 192.0.2.1"}},
		{"IPv4 escaped", `192\.0\.2\.1`, []string{"ip 192.0.2.1"}},
		{"IPv4 partial", "192[.0[.2.]1", []string{"ip 192.0.2.1"}},
		{"IPv4 mixed", `192\.)0[.2.)1`, []string{"ip 192.0.2.1"}},
		{"IPv4 with spaces", "to 192 [.] 0 [.] 2 [.] 1 and on", []string{"ip 192.0.2.1"}},

		{"e-mail [.]", "me@evil[.]example", []string{"email me@evil.example"}},
		{"e-mail (.)", "me@evil(.)example", []string{"email me@evil.example"}},
		{"e-mail {.}", "me@evil{.}example", []string{"email me@evil.example"}},
		{"e-mail dot", "me@evil dot example", []string{"email me@evil.example"}},
		{"e-mail [@]", "me[@]evil.example me2(@)evil.example me3{@}evil.example", []string{"email me@evil.example", "email me2@evil.example", "email me3@evil.example"}},
		{"e-mail at dot", "write to me at evil dot example now", []string{"email me@evil.example"}},
		{"e-mail [at] [dot]", "me [at] evil [dot] example", []string{"email me@evil.example"}},
		{"e-mail partial", "me@} evil[.example", []string{"email me@evil.example"}},
		{"e-mail with spaces", "me@evil [.] example", []string{"email me@evil.example"}},
		{"e-mail in a header", "From: Ann <ann@evil.example>, bob@evil.example;", []string{"email ann@evil.example", "email bob@evil.example"}},
		{"look at is no e-mail", "look at evil.example", []string{"domain evil.example"}},

		{"URL [.]", "evil[.]example/path", []string{"url http://evil.example/path"}},
		{"URL (.)", "evil(.)example/path", []string{"url http://evil.example/path"}},
		{"URL escaped", `evil\.example/path`, []string{"url http://evil.example/path"}},
		{"URL partial", "http://evil[.example/path", []string{"url http://evil.example/path"}},
		{"URL [/]", "http://evil.example[/]path", []string{"url http://evil.example/path"}},
		{"URL with spaces", "see http:// evil .example /path for", []string{"url http://evil.example/path"}},
		{"URL __", "http__evil.example/path", []string{"url http://evil.example/path"}},
		{"URL backslashes", `http:\\evil.example/path`, []string{"url http://evil.example/path"}},
		{"URL [:]", "http[:]//evil.example/path", []string{"url http://evil.example/path"}},
		{"URL [://]", "hxxps[://]evil[.]example/path", []string{"url https://evil.example/path"}},
		{"URL hxxp", "hxxp://evil.example/path", []string{"url http://evil.example/path"}},
		{"URL mixed", "hxxp__evil(.example[/]path", []string{"url http://evil.example/path"}},
		{"URL encoded", "http%3A%2F%2fevil%2Eexample%2Fpath", []string{"url http://evil.example/path"}},
		{"URL in the link of a mail filter", "https://filter.example/?url=https%3A%2F%2Fevil.example%2Fa&data=x",
			[]string{"url https://filter.example/?url=https%3A%2F%2Fevil.example%2Fa&data=x", "url https://evil.example/a"}},
		{"URL with a port", "C2: tcp://evil[.]example:8989/bad", []string{"url tcp://evil.example:8989/bad"}},
		{"URL in prose", "(see https://evil.example/a_(b)). Then https://evil.example/c?d=e,f; done", []string{"url https://evil.example/a_(b)", "url https://evil.example/c?d=e,f"}},
		{"URLs without space between", "http://a.example/x,http://b.example/y;https://c.example/", []string{"url http://a.example/x", "url http://b.example/y", "url https://c.example/"}},
		{"URL in Markdown", "[here](https://evil.example/a)", []string{"url https://evil.example/a"}},
		{"URL in HTML", `<a href="https://evil.example/a">x</a>`, []string{"url https://evil.example/a"}},
		{"URL in a URL", "https://archive.example/https://evil.example/", []string{"url https://archive.example/https://evil.example/"}},
		{"scheme alone", "speak http:// or https:// only", nil},
		{"IPv6 in a URL", "http://[2001:db8::1]:8080/x", []string{"url http://[2001:db8::1]:8080/x"}},

		{"a log", "src=192.0.2.1:443 dst=[2001:db8::1]:53 host='evil.example' mac=00:11:22:AA:bb:cc", []string{"ip 192.0.2.1", "ipv6 2001:db8::1", "domain evil.example", "mac_address 00:11:22:aa:bb:cc"}},
		{"JSON", `{"ip":"192.0.2.1","hash":"` + strings.ToUpper(sha256) + `"}`, []string{"ip 192.0.2.1", "sha256 " + sha256}},
		{"CSV", "192.0.2.1,evil.example;malicious", []string{"ip 192.0.2.1", "domain evil.example"}},
		{"networks", "198.51.100.7/24 and 2001:db8::/32", []string{"ip 198.51.100.0/24", "ipv6 2001:db8::/32"}},
		{"a hosts file", "127.0.0.1 evil.example\n0.0.0.0 other.example", []string{"domain evil.example", "domain other.example"}},
		{"hashes", strings.Repeat("ab", 16) + " " + strings.Repeat("cd", 20), []string{"md5 " + strings.Repeat("ab", 16), "sha1 " + strings.Repeat("cd", 20)}},
		{"hidden characters", "ev\u200bil.exa\u00admple \u202e192.0.2.1\u202c", []string{"domain evil.example", "ip 192.0.2.1"}},
		{"other scripts", "bücher.example и пример.рф", []string{"domain xn--bcher-kva.example", "domain xn--e1afmkfd.xn--p1ai"}},
		{"wildcards and bullets", "- *.evil.example\n* 192.0.2.1\n• 192.0.2.2", []string{"domain evil.example", "ip 192.0.2.1", "ip 192.0.2.2"}},
		{"files and code in prose", "Run setup.py and report.zip, System.Net.Sockets and std::a, dead::beef, ::", nil},
		{"the same alone", "report.zip\n127.0.0.1\n", []string{"domain report.zip", "ip 127.0.0.1"}},
		{"defanged, a file's ending", "evil.report[.]zip", []string{"domain evil.report.zip"}},
		{"a sentence without space", "It ends.Then it goes (.net too) on.", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, o := range extract.Observables(tt.text) {
				got = append(got, string(o.Type)+" "+o.Value)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: -want +got\n%s", tt.text, diff)
			}
		})
	}
}

// What is found can be written in the platform's form, and is found there again.
func FuzzObservables(f *testing.F) {
	for _, text := range []string{`ip:"192.0.2.1"`, "hxxps[://]evil[.]example/a", "me at evil dot example", "[2001:db8::1]:53", "http:// a .b /c", `a:"b\"`, "a(.)b\\.)c", "http%3a%2f%2fx.example", "\xff://"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[ctim.Observable]bool{}
		for _, o := range extract.Observables(text) {
			if seen[o] {
				t.Errorf("%v was found twice", o)
			}
			seen[o] = true
			again, err := normalize.Observable(o)
			if err != nil || again != o {
				t.Fatalf("%v is not normalized: %v, %v", o, again, err)
			}
			form := string(o.Type) + `:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(o.Value) + `"`
			if found := extract.Observables(form); len(found) != 1 || found[0] != o {
				t.Errorf("%s was read as %v", form, found)
			}
		}
	})
}

// The time is linear in the length of a line, whatever is in it.
func TestLongLines(t *testing.T) {
	for _, part := range []string{"a", "a.", "[.]", "http://", "http:// ", "a:\"", "x@", "a dot ", "((((", "://", "1:2:", ",a", "http%3a%2f%2f", "\\", "..", "[", ")"} {
		extract.Observables(strings.Repeat(part, 1<<15/len(part)))
		extract.Observables(strings.Repeat(part, 1<<14/len(part)) + strings.Repeat(" "+part, 1<<12))
	}
}
