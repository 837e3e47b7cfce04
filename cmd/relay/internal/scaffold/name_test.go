package scaffold

import (
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for _, name := range []string{"acme", "a", "x509db", "threatfox", strings.Repeat("a", maxName)} {
		if err := CheckName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"":                             "small letters",
		"Acme":                         "try acme",
		"acme-intel":                   "try acmeintel",
		"3com":                         "try com",
		"42":                           "small letters and digits, and begins with a letter",
		"über":                         "small letters",
		"a/b":                          "try ab",
		"../x":                         "try x",
		"_x":                           "try x",
		"func":                         "a word of Go's own",
		"string":                       "built in",
		"internal":                     "something else to Go",
		"documentation":                "something else to Go",
		"nul":                          "Windows",
		"com1":                         "Windows",
		"relay":                        "RELAY_",
		"aws":                          "AWS_",
		strings.Repeat("a", maxName+1): "more than 30",
		"a\nb":                         "small letters",
	} {
		if err := CheckName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
	}
}

func TestNamesThatAreTaken(t *testing.T) {
	tree := thisProject(t)
	taken := tree.providers()
	if len(taken) == 0 {
		t.Error("there are no providers")
	}
	for name, want := range map[string]string{
		taken[0]:   "there is a providers/" + taken[0] + " already",
		"serve":    "cmd/relay/serve.go would be taken for a part of it",
		"function": "functions/internal/function/function.go",
		"all":      registry,
		"zap":      registry,
	} {
		if err := tree.checkFree(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
