package dotenv

import (
	"fmt"
	"strings"
	"testing"
)

const key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// readings are files with the SECRET_KEY that everybody reads in them.
func readings() map[string]struct{ text, want string } {
	return map[string]struct{ text, want string }{
		"nothing":                {"", ""},
		"another name":           {"SECRET_KEY_PREVIOUS=a\nMY_SECRET_KEY=b\nsecret_key=c\n", ""},
		"plain":                  {"SECRET_KEY=abc\n", "abc"},
		"without a line end":     {"SECRET_KEY=abc", "abc"},
		"Windows":                {"A=b\r\nSECRET_KEY=abc\r\nC=d\r\n", "abc"},
		"byte order mark":        {byteOrderMark + "SECRET_KEY=abc\n", "abc"},
		"spaces":                 {"\t SECRET_KEY = \tabc \t\n", "abc"},
		"double quotes":          {`SECRET_KEY="abc"`, "abc"},
		"single quotes":          {`SECRET_KEY='abc'`, "abc"},
		"backquotes":             {"SECRET_KEY=`abc`", "abc"},
		"a comment after it":     {"SECRET_KEY=abc # mine\n", "abc"},
		"a comment at its end":   {"SECRET_KEY=abc#mine\n", "abc"},
		"quotes and a comment":   {"SECRET_KEY='abc' # it's mine\n", "abc"},
		"export":                 {"export SECRET_KEY=abc\n", "abc"},
		"a colon":                {"SECRET_KEY: abc\n", "abc"},
		"empty":                  {"SECRET_KEY=\nA=b\n", ""},
		"empty quotes":           {"SECRET_KEY=''\n", ""},
		"only a comment":         {"SECRET_KEY= # none\n", ""},
		"twice":                  {"SECRET_KEY=a\nSECRET_KEY=abc\n", "abc"},
		"commented out":          {"#SECRET_KEY=a\n  # SECRET_KEY=b\n", ""},
		"all that is plain":      {"SECRET_KEY=aZ09._+/=,-\n", "aZ09._+/=,-"},
		"a list with spaces":     {"SECRET_KEY=\"a, b ,c\"\n", "a, b ,c"},
		"in another's quotes":    {"A=\"x\nSECRET_KEY=a\n\"\nB=c\n", ""},
		"after another's quotes": {"A='x\ny'\nSECRET_KEY=abc\n", "abc"},
		"an escaped quote":       {`A="{\"b\":1}"` + "\nSECRET_KEY=abc\n", "abc"},
		"others' odd values":     {"A=x'y\"z\nB=$C\nD=\\\nSECRET_KEY=abc\n", "abc"},
	}
}

func TestGet(t *testing.T) {
	for name, test := range readings() {
		t.Run(name, func(t *testing.T) {
			f, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Get("SECRET_KEY")
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestGetRefuses(t *testing.T) {
	for _, value := range []string{"s3cr3t s3cr3t", "$s3cr3t", `s3cr3t\n`, "'s3cr3t s3cr3t'", `" s3cr3t"`, "s3cr3té", "'s3cr3t\ns3cr3t'"} {
		f, err := Parse("SECRET_KEY=" + value + "\n")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Get("SECRET_KEY"); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q: got %q, %v", value, got, err)
		}
	}
}

func TestParseRefusesWhatCouldBeReadInTwoWays(t *testing.T) {
	tests := map[string]struct {
		text string
		line int
	}{
		"no assignment":              {"A=b\n\ns3cr3t\n", 3},
		"a line in YAML":             {"A:s3cr3t\n", 1},
		"a quote without end":        {"A=b\nB='s3cr3t\nC=d\n", 2},
		"text after a quote":         {"A='s3cr3t' b\n", 1},
		"a value on the next line":   {"A=\n's3cr3t'\n", 2},
		"export alone":               {"export\nA=s3cr3t\n", 1},
		"an escape that ends quotes": {`A='s3cr3t\\'` + "\nSECRET_KEY=a\n# '\n", 1},
		"a space that isn't one":     {"A=\u00a0's3cr3t\nSECRET_KEY=b # '\n", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(test.text)
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("line %d ", test.line)) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("got error %v, want line %d", err, test.line)
			}
		})
	}
}

func TestSet(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing there":      {"", "SECRET_KEY=" + key + "\n"},
		"beside others":      {"# ours\nA=b\n", "# ours\nA=b\nSECRET_KEY=" + key + "\n"},
		"no line end":        {"A=b", "A=b\nSECRET_KEY=" + key + "\n"},
		"in its place":       {"SECRET_KEY=x\nA=b\n", "SECRET_KEY=" + key + "\nA=b\n"},
		"with its comment":   {"  export SECRET_KEY = 'x'  # ours\r\nA=b\r\n", "  export SECRET_KEY = " + key + "  # ours\r\nA=b\r\n"},
		"empty before":       {"SECRET_KEY=\nA=b\n", "SECRET_KEY=" + key + "\nA=b\n"},
		"each of two":        {"SECRET_KEY=x\nSECRET_KEY='y'\n", "SECRET_KEY=" + key + "\nSECRET_KEY=" + key + "\n"},
		"not in others":      {"A='\nSECRET_KEY=x\n'\n#SECRET_KEY=y\n", "A='\nSECRET_KEY=x\n'\n#SECRET_KEY=y\nSECRET_KEY=" + key + "\n"},
		"a byte order mark":  {byteOrderMark, byteOrderMark + "\nSECRET_KEY=" + key + "\n"},
		"a comment at last":  {"A=b # c", "A=b # c\nSECRET_KEY=" + key + "\n"},
		"other names' parts": {"SECRET_KEY_PREVIOUS=x\n", "SECRET_KEY_PREVIOUS=x\nSECRET_KEY=" + key + "\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			f, err = f.Set("SECRET_KEY", key)
			if err != nil || f.text != test.want {
				t.Errorf("got %q, %v, want %q", f.text, err, test.want)
			}
		})
	}
}

func TestSetRefusesWhatOthersWouldReadDifferently(t *testing.T) {
	for _, value := range []string{"s3cr3t s3cr3t", "s3cr3t\n", "s3cr3t#", "$s3cr3t", `s3cr3t\`, "'s3cr3t'", "s3cr3té"} {
		if f, err := (File{}).Set("SECRET_KEY", value); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q: got %q, %v", value, f.text, err)
		}
	}
}

func TestAFilePrintsNothingOfItself(t *testing.T) {
	f, _ := Parse("SECRET_KEY=s3cr3t\n")
	if text := fmt.Sprintf("%v %+v %#v %s %v", f, f, f, f, &f); strings.Contains(text, "s3cr3t") {
		t.Error(text)
	}
}

// Whatever a file has: what is set can be read back, all other names keep their
// values, and setting the same again changes nothing.
func FuzzSet(f *testing.F) {
	for _, test := range readings() {
		f.Add(test.text, key)
	}
	f.Add("A='x\\'\nB=c", "a=b")
	f.Add("A:\nexport B=`", "")
	f.Fuzz(func(t *testing.T, text, to string) {
		before, err := Parse(text)
		if err != nil {
			return
		}
		after, err := before.Set("SECRET_KEY", to)
		if err != nil {
			if plain.MatchString(to) {
				t.Errorf("%q in %q: %v", to, text, err)
			}
			return
		}
		if got, err := after.Get("SECRET_KEY"); err != nil || got != to {
			t.Errorf("%q in %q: got back %q, %v", to, text, got, err)
		}
		for _, v := range before.values {
			if v.name == "SECRET_KEY" {
				continue
			}
			was, wasErr := before.Get(v.name)
			is, isErr := after.Get(v.name)
			if was != is || (wasErr == nil) != (isErr == nil) {
				t.Errorf("%q in %q: %s was %q and is %q", to, text, v.name, was, is)
			}
		}
		if again, err := after.Set("SECRET_KEY", to); err != nil || again.text != after.text {
			t.Errorf("%q in %q: again it is %q, %v", to, text, again.text, err)
		}
	})
}
