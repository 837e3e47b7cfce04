package scaffold

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

func declared(name string) relay.Declaration {
	return relay.Declaration{Name: name, Title: name, ObservableTypes: []ctim.ObservableType{ctim.TypeIP}, Session: struct{ relay.HealthChecker }{}}
}

// A row that is added by hand stands where the generator has it.
func TestRows(t *testing.T) {
	text := "# Title\n\n" + tableBegins + tableEnds + "\nMore.\n"
	tree := newProject(t, map[string]string{readme: text})
	if err := tree.UpdateReadme([]relay.Declaration{declared("b"), declared("d")}); err != nil {
		t.Fatal(err)
	}
	want := "| provider | answers | credentials | observable types |\n| --- | --- | --- | --- |\n" +
		"| `b` | health | none | `ip` |\n| `d` | health | none | `ip` |\n"
	_, table, _, err := cutTable(string(tree.files[readme].text))
	if err != nil || table != want {
		t.Fatalf("got %s, %v", table, err)
	}
	var all []relay.Declaration
	added := text
	for _, name := range []string{"c", "a", "e", "b", "d"} {
		if name == "c" {
			added = strings.Replace(text, tableEnds, tableHead+tableEnds, 1)
		}
		if added, err = addRow(added, declared(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		all = append(all, declared(name))
	}
	if err := tree.UpdateReadme(all); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(tree.files[readme].text), added); diff != "" {
		t.Error(diff)
	}
	if err := newProject(t, map[string]string{readme: "# Title\n"}).UpdateReadme(all); err == nil || !strings.Contains(err.Error(), "README.md: it has no table of providers") {
		t.Errorf("got %v", err)
	}
}

func TestList(t *testing.T) {
	want := "testparty (Acme Intelligence)\n  answers      health, deliberate, observe, refer, respond, tiles\n  credentials  key, tenant_id\n  types        ip, sha256\n"
	if diff := cmp.Diff(want, List([]relay.Declaration{acme().Declaration()})); diff != "" {
		t.Error(diff)
	}
	wantParts(t, List([]relay.Declaration{declared("b")}), "  credentials  none\n")
}
