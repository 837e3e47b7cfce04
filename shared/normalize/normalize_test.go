package normalize_test

import (
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

func TestObservable(t *testing.T) {
	sha := strings.Repeat("aB", 32)
	tests := []struct {
		kind         ctim.ObservableType
		in, out, err string
		kindOut      ctim.ObservableType
	}{
		{kind: ctim.TypeIP, in: " 192.0.2.1 ", out: "192.0.2.1"},
		{kind: ctim.TypeIP, in: "192[.]0[.]2[.]1", out: "192.0.2.1"},
		{kind: ctim.TypeIP, in: "192(.)0{.}2[dot]1", out: "192.0.2.1"},
		{kind: ctim.TypeIP, in: "192[.0[.2[.1", out: "192.0.2.1"},
		{kind: ctim.TypeIP, in: "::ffff:192.0.2.1", out: "192.0.2.1"},
		{kind: ctim.TypeIP, in: "2001:DB8:0:0::1", out: "2001:db8::1", kindOut: ctim.TypeIPv6},
		{kind: ctim.TypeIPv6, in: "192.0.2.1", out: "192.0.2.1", kindOut: ctim.TypeIP},
		{kind: ctim.TypeIP, in: "192.0.2.77/24", out: "192.0.2.0/24"},
		{kind: ctim.TypeIP, in: "192.0.2.77/32", out: "192.0.2.77"},
		{kind: ctim.TypeIPv6, in: "2001:db8::1/32", out: "2001:db8::/32"},
		{kind: ctim.TypeIP, in: "0.0.0.0/0", err: "match everything"},
		{kind: ctim.TypeIP, in: "0", err: "not an IP address"},
		{kind: ctim.TypeIP, in: "010.1.1.1", err: "not an IP address"},
		{kind: ctim.TypeIP, in: "fe80::1%eth0", err: "not an IP address"},
		{kind: ctim.TypeIP, in: "::ffff:192.0.2.0/120", err: "written as IPv6"},
		{kind: ctim.TypeDomain, in: "EVIL.example.", out: "evil.example"},
		{kind: ctim.TypeDomain, in: "evil[.]example", out: "evil.example"},
		{kind: ctim.TypeDomain, in: "bücher.example", out: "xn--bcher-kva.example"},
		{kind: ctim.TypeDomain, in: "_dmarc.evil.example", out: "_dmarc.evil.example"},
		{kind: ctim.TypeHostname, in: "WS-17", out: "ws-17"},
		{kind: ctim.TypeDomain, in: "a..b", err: "not a domain name"},
		{kind: ctim.TypeDomain, in: "a b.example", err: "not a domain name"},
		{kind: ctim.TypeDomain, in: "192.0.2.1", err: "IP address"},
		{kind: ctim.TypeDomain, in: strings.Repeat("a.", 127) + "a", err: "253"},
		{kind: ctim.TypeDomain, in: strings.Repeat("a", 64) + ".example", err: "not a domain name"},
		{kind: ctim.TypeDomain, in: strings.Repeat("ü", 64) + ".example", err: "not a domain name"},
		{kind: ctim.TypeDomain, in: strings.Repeat("漢", 2000), err: "longer than 253"},
		{kind: ctim.TypeURL, in: "http://" + strings.Repeat("漢", 2000), err: "the host is too long"},
		{kind: ctim.TypeURL, in: "http://" + strings.Repeat("a@", 2000) + "b.example/", err: "the host is too long"},
		{kind: ctim.TypeURL, in: "HXXPS[://]Evil[.]Example:443/A?b=[1]#top", out: "https://evil.example/A?b=[1]"},
		{kind: ctim.TypeURL, in: "hxxps[://]evil[.]example/a[.]exe?b=[1]", out: "https://evil.example/a.exe?b=[1]"},
		{kind: ctim.TypeURL, in: "https://evil.example/a[.]exe", out: "https://evil.example/a[.]exe"},
		{kind: ctim.TypeURL, in: "hxxps:/evil.example/a", out: "https://evil.example/a"},
		{kind: ctim.TypeURL, in: "evil.example/a", out: "http://evil.example/a"},
		{kind: ctim.TypeURL, in: "tcp://192.0.2.1:443/", out: "tcp://192.0.2.1:443/"},
		{kind: ctim.TypeURL, in: "http://[2001:DB8::1]:8080/x", out: "http://[2001:db8::1]:8080/x"},
		{kind: ctim.TypeURL, in: "https://www.example.com /a", err: "has a space"},
		{kind: ctim.TypeURL, in: "http://", err: "not a URL"},
		{kind: ctim.TypeURL, in: "/gate.php", err: "a path without a host"},
		{kind: ctim.TypeURL, in: `\gate.php`, err: "a path without a host"},
		{kind: ctim.TypeURL, in: "http:///gate.php", err: "a path without a host"},
		{kind: ctim.TypeURL, in: "panel/gate.php", err: "a path without a host"},
		{kind: ctim.TypeURL, in: "http://intranet/gate.php", out: "http://intranet/gate.php"},
		{kind: ctim.TypeURL, in: "address=/evil.example/", err: "the host is not a domain name"},
		{kind: ctim.TypeURL, in: "http://evil[censored].example/", err: "not a URL"},
		{kind: ctim.TypeURL, in: "http://192.0.*.*/", err: "the host is not a domain name"},
		{kind: ctim.TypeURL, in: "domain,evil.example/a", err: "the host is not a domain name"},
		{kind: ctim.TypeURL, in: "10/12/2024", err: "begins with a number"},
		{kind: ctim.TypeURL, in: "1.5/10", err: "begins with a number"},
		{kind: ctim.TypeURL, in: "http://1.5/10", out: "http://1.0.0.5/10"},
		{kind: ctim.TypeURL, in: "mailto:ann@evil.example", err: "has a user but no scheme"},
		{kind: ctim.TypeURL, in: "http://ann:pw@evil.example/", out: "http://ann:pw@evil.example/"},
		{kind: ctim.TypeURL, in: "http://Evil.example.:80", out: "http://evil.example/"},
		{kind: ctim.TypeURL, in: "tcp://Evil.example.:80", out: "tcp://evil.example:80/"},
		{kind: ctim.TypeURL, in: "https://evil.example/%7ea%2fb%41?q=%3a%c3%a9", out: "https://evil.example/~a%2FbA?q=%3A%C3%A9"},
		{kind: ctim.TypeURL, in: "https://evil.example/%4%31%", out: "https://evil.example/A%"},
		{kind: ctim.TypeURL, in: "192.0.2.1/o2", out: "http://192.0.2.1/o2"},
		{kind: ctim.TypeIP, in: "192.0.2.77/255.255.255.0", out: "192.0.2.0/24"},
		{kind: ctim.TypeIP, in: "192.0.2.77/255.0.255.0", err: "not an IP network"},
		{kind: ctim.TypeIP, in: "192.0.2.77/o2", err: "not an IP network"},
		{kind: ctim.TypeSHA256, in: sha, out: strings.ToLower(sha)},
		{kind: ctim.TypeSHA256, in: sha[1:], err: "not 64 characters"},
		{kind: ctim.TypeMD5, in: strings.Repeat("zz", 16), err: "not hexadecimal"},
		{kind: ctim.TypeEmail, in: "Ann@Evil[.]Example", out: "ann@evil.example"},
		{kind: ctim.TypeEmail, in: "ann[at]evil.example", out: "ann@evil.example"},
		{kind: ctim.TypeEmail, in: "ann", err: "not an e-mail address"},
		{kind: ctim.TypeFileName, in: "Invoice [1].EXE", out: "Invoice [1].EXE"},
		{kind: "new_type", in: " x ", out: "x"},
		{kind: ctim.TypeDomain, in: " \t", err: "blank"},
		{kind: ctim.TypeURL, in: strings.Repeat("x", 1<<20), err: "longer than"},
		{kind: ctim.TypeFileName, in: "a\x00b", err: "control characters"},
		{kind: ctim.TypeFileName, in: "a\xffb", err: "not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind)+" "+tt.in[:min(len(tt.in), 40)], func(t *testing.T) {
			got, err := normalize.Observable(ctim.Observable{Type: tt.kind, Value: tt.in})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := ctim.Observable{Type: tt.kind, Value: tt.out}
			if tt.kindOut != "" {
				want.Type = tt.kindOut
			}
			if got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestDetect(t *testing.T) {
	tests := map[string]ctim.ObservableType{
		"192.0.2.1": ctim.TypeIP, "2001:db8::1": ctim.TypeIPv6, "198.51.100.0/24": ctim.TypeIP, "2001:db8::/32": ctim.TypeIPv6,
		"evil[.]example": ctim.TypeDomain, "hxxp://evil.example/a@b": ctim.TypeURL, "evil.example/path": ctim.TypeURL, "ann@evil.example": ctim.TypeEmail,
		"192.0.2.1/o2": ctim.TypeURL, "192.0.2.1/a@b": ctim.TypeURL, "192.0.2.1/2024": ctim.TypeURL, "192.0.2.0/255.255.255.0": ctim.TypeIP,
		"evil.example?a=b": ctim.TypeURL, "evil.zip": ctim.TypeDomain, "evil.co.ck": ctim.TypeDomain, "abc.onion": ctim.TypeDomain, "evil.рф": ctim.TypeDomain, "evil.test/x": ctim.TypeURL,
		strings.Repeat("0", 32): ctim.TypeMD5, strings.Repeat("0", 40): ctim.TypeSHA1, strings.Repeat("0", 64): ctim.TypeSHA256,
	}
	for value, want := range tests {
		if got, err := normalize.Detect(value); err != nil || got.Type != want {
			t.Errorf("%s: %v, %v; want %s", value, got, err, want)
		}
	}
	for _, value := range []string{"", "0", "hello", "a b.example", "1.2.3", "1.2.3.4.5",
		"ctrlpanel.exe", "invoice.pdf.js", "form.doc/x", "/gate.php", "and/or", "192.0.2.1/24/x y", "address=/evil.example/", "10/12/2024", "1.5/10", "n/a", "TCP/443"} {
		if got, err := normalize.Detect(value); err == nil {
			t.Errorf("%q: %v, want an error", value, got)
		}
	}
}

func FuzzObservable(f *testing.F) {
	for _, value := range []string{"192[.]0.2.1", "hxxps://a[.]b/c[d]", "ann[at]b.c", "http://[::1]/", "xn--a", "..", "http://a\\.b", "[.", "%"} {
		for _, kind := range []ctim.ObservableType{ctim.TypeIP, ctim.TypeDomain, ctim.TypeURL, ctim.TypeEmail, ctim.TypeSHA1, ctim.TypeFileName} {
			f.Add(string(kind), value)
		}
	}
	f.Fuzz(func(t *testing.T, kind, value string) {
		once, err := normalize.Observable(ctim.Observable{Type: ctim.ObservableType(kind), Value: value})
		if err != nil {
			return
		}
		twice, err := normalize.Observable(once)
		if err != nil || twice != once {
			t.Errorf("%q became %v, and then %v, %v", value, once, twice, err)
		}
	})
}
