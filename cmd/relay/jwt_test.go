package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/cmd/relay/internal/jwtcmd"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

const (
	moduleOfTwo  = `{"name":"Some Intelligence","provider":"some","jwt":{"HOST":"Its address","AuthKey":"Your key"},"region":{"us":"11-us","eu":"22-eu","apjc":null}}`
	moduleOfNone = `{"name":"None","provider":"none","jwt":{},"region":{"us":"11-us"}}`
	someService  = "service: some-relay\nprovider:\n  region: ${opt:region, env:AWS_REGION, 'us-east-1'}\nparams:\n  default: {}\n  dev: {}\n  prod: {}\nfunctions:\n  observe: {}\n  health: {}\n"
	credentials  = `{"HOST":"https://s3cr3t.example","AuthKey":" s3cr3t-key\n"}`
	oldKey       = "OLDKEY4WQ7ZT2MRX5VB3HJ6NDAFC8GPSUEOLDKEY4WQ7ZT2MRX5VB3HJ6NDAFC8G"
	otherKey     = "OTHERKEY9ZQ2WM7VXJ4BNTC3GPDA6SFUL5OTHERKEY9ZQ2WM7VXJ4BNTC3GPDA6S"
)

// newProject runs the command in a project of its own.
func newProject(t *testing.T, module string) cli {
	t.Helper()
	c := newCLI(t)
	t.Setenv("AWS_REGION", "")
	t.Chdir(t.TempDir())
	c.put("module_settings.json", module)
	c.put("serverless.yml", someService)
	c.put("credentials.json", credentials)
	return c
}

// put writes a file of the project.
func (c cli) put(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// content returns the content of a file of the project. It is empty if there is none.
func (c cli) content(name string) string {
	c.t.Helper()
	content, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		c.t.Fatal(err)
	}
	return string(content)
}

// accepted fails unless a relay with these keys accepts the token. It returns the claims.
func accepted(t *testing.T, token, key, previous string) relay.Claims {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/health", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	claims, err := auth.New(auth.Options{SecretKey: key, SecretKeyPrevious: previous}).Authenticate(r)
	if err != nil {
		t.Errorf("the relay refuses the token: %v", err)
	}
	return claims
}

// made runs a command with --json and returns the token that it made.
func (c cli) made(args ...string) jwtcmd.MadeToken {
	c.t.Helper()
	out, _ := c.run(0, append(args, "--json")...)
	var m jwtcmd.MadeToken
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		c.t.Fatalf("%v in %s", err, out)
	}
	return m
}

func TestJWTOnAPipeIsTheTokenAlone(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	out, text := c.run(0, "jwt", "dev", "-f", "credentials.json")
	key := regexp.MustCompile(`\n  ([A-Z0-9]{64})\n`).FindStringSubmatch(text)
	if key == nil {
		t.Fatalf("no key in %s", text)
	}
	if strings.Count(out, "\n") != 1 || strings.Contains(text, strings.TrimSpace(out)) {
		t.Errorf("output %q, text %q", out, text)
	}
	claims := accepted(t, strings.TrimSpace(out), key[1], "")
	if claims.Get("HOST") != "https://s3cr3t.example" || claims.Get("AuthKey") != "s3cr3t-key" || claims.Get("exp") != "" {
		t.Error("the token has other claims than the credentials")
	}
	want(t, text, "Some Intelligence", "It never expires.", "npx sls deploy --stage dev",
		"https://console.aws.amazon.com/lambda/home?region=us-east-1#/functions/some-relay-dev-health/edit/environment-variables?tab=configuration\n",
		"/functions/some-relay-dev-observe/",
		"US    https://xdr.us.security.cisco.com     module type 11-us\n", "EU    https://xdr.eu.security.cisco.com     module type 22-eu\n")
	if strings.Contains(text, "s3cr3t") || strings.Contains(text, "APJC") {
		t.Errorf("text %s", text)
	}
	if files, _ := filepath.Glob(".env*"); files != nil {
		t.Errorf("written without being asked: %v", files)
	}
}

func TestJWTAsJSON(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	t.Setenv("AWS_REGION", "eu-west-1")
	before := time.Now().Truncate(time.Second)
	m := c.made("jwt", "prod", "--expires", "90d", "-f", "credentials.json")
	if days := m.Expires.Sub(before.Add(90 * 24 * time.Hour)); days < 0 || days > time.Minute {
		t.Errorf("expires %v", m.Expires)
	}
	if claims := accepted(t, m.JWT, m.SecretKey, ""); claims.Get("exp") == "" || claims.Get("HOST") == "" {
		t.Error("the token lacks a claim")
	}
	page := "https://console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/"
	wanted := jwtcmd.MadeToken{
		Stage: "prod", Module: "Some Intelligence", JWT: m.JWT, Keys: jwtcmd.Keys{SecretKey: m.SecretKey}, Expires: m.Expires,
		Lambda: []jwtcmd.FunctionPage{
			{Function: "some-relay-prod-health", URL: page + "some-relay-prod-health/edit/environment-variables?tab=configuration"},
			{Function: "some-relay-prod-observe", URL: page + "some-relay-prod-observe/edit/environment-variables?tab=configuration"},
		},
		XDR: []jwtcmd.ModulePage{{Region: "eu", URL: "https://xdr.eu.security.cisco.com", ModuleType: "22-eu"}, {Region: "us", URL: "https://xdr.us.security.cisco.com", ModuleType: "11-us"}},
	}
	if diff := cmp.Diff(wanted, m, cmp.AllowUnexported(jwtcmd.MadeToken{})); diff != "" {
		t.Error(diff)
	}
	out, _ := c.run(0, "jwt", "prod", "--json", "-f", "credentials.json")
	if strings.Contains(out, `"expires"`) || strings.Contains(out, `"saved_in"`) || strings.Contains(out, "previous") {
		t.Errorf("got %s", out)
	}
}

func TestJWTTakesCredentialsFromStandardInput(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	t.Setenv("SECRET_KEY", oldKey)
	fromFile, _ := c.run(0, "jwt", "dev", "-f", "credentials.json")
	for _, args := range [][]string{{"jwt", "dev"}, {"jwt", "dev", "-f", "-"}, {"jwt", "sign", "dev"}, {"jwt", "--file=-", "dev"}} {
		if out, _ := c.runWith(t.Context(), credentials, 0, args...); out != fromFile {
			t.Errorf("%v: got %q, want %q", args, out, fromFile)
		}
	}
	limited, _ := c.runWith(t.Context(), `{"HOST":"h","AuthKey":"k","CTR_ENTITIES_LIMIT":"50"}`, 0, "jwt", "dev")
	if claims := accepted(t, strings.TrimSpace(limited), oldKey, ""); claims.EntitiesLimit() != 50 {
		t.Errorf("the limit is %d", claims.EntitiesLimit())
	}
}

// broken fails whoever reads it.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("was read") }

func TestJWTWithoutCredentialsAsksNothing(t *testing.T) {
	newProject(t, moduleOfNone)
	t.Setenv("SECRET_KEY", oldKey)
	if err := os.MkdirAll("functions/health", 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir("functions/health") // below the project's folder will do
	var out strings.Builder
	if code := run(t.Context(), []string{"jwt", "dev"}, console.Console{In: broken{}, Out: &out, Err: io.Discard}, findProvider); code != 0 {
		t.Errorf("exit code %d", code)
	}
	accepted(t, strings.TrimSpace(out.String()), oldKey, "")
}

func TestJWTSavesTheKey(t *testing.T) {
	c := newProject(t, moduleOfNone)
	c.put(".env.dev", "# ours\nLOG_LEVEL=debug")
	if err := os.Chmod(".env.dev", 0o644); err != nil {
		t.Fatal(err)
	}
	first, text := c.run(0, "jwt", "dev", "--save")
	saved := regexp.MustCompile(`^# ours\nLOG_LEVEL=debug\nSECRET_KEY=([A-Z0-9]{64})\n$`).FindStringSubmatch(c.content(".env.dev"))
	if saved == nil {
		t.Fatalf("saved %q", c.content(".env.dev"))
	}
	accepted(t, strings.TrimSpace(first), saved[1], "")
	want(t, text, "made now", "reads it from .env.dev:")
	if strings.Contains(text, saved[1]) {
		t.Error("the saved key went to a log")
	}
	if info, err := os.Stat(".env.dev"); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	before := c.content(".env.dev")
	second, text := c.run(0, "jwt", "dev", "--save")
	if second != first || c.content(".env.dev") != before {
		t.Errorf("the second time it made %q of %q", second, first)
	}
	want(t, text, "the SECRET_KEY from .env.dev.")
	if m := c.made("jwt", "dev", "--save"); m.SavedIn == "" || filepath.Base(m.SavedIn) != ".env.dev" {
		t.Errorf("saved in %q", m.SavedIn)
	}
	if m := c.made("jwt", "prod"); m.SecretKey == saved[1] {
		t.Error("another stage has the same key")
	}
}

// sls reads .env only where there is no .env.STAGE, so a new .env.STAGE must have
// what .env has.
func TestJWTKeepsWhatTheSharedFileHas(t *testing.T) {
	c := newProject(t, moduleOfNone)
	shared := "LOG_LEVEL=debug\nAWS_REGION=ap-northeast-1\nSECRET_KEY=" + oldKey + "\n"
	c.put(".env", shared)
	m := c.made("jwt", "dev")
	if m.SecretKey != oldKey || !strings.Contains(m.Lambda[0].URL, "region=ap-northeast-1#") {
		t.Errorf("got %+v", m)
	}
	_, text := c.run(0, "jwt", "dev", "--save", "--rotate")
	want(t, text, ".env.dev is new and starts with the content of .env")
	want(t, c.content(".env.dev"), "LOG_LEVEL=debug\n", "AWS_REGION=ap-northeast-1\n", "\nSECRET_KEY_PREVIOUS="+oldKey+"\n")
	if c.content(".env") != shared {
		t.Errorf("the shared file was changed: %s", c.content(".env"))
	}
}

func TestJWTRotates(t *testing.T) {
	c := newProject(t, moduleOfNone)
	first := c.made("jwt", "dev", "--save")
	out, text := c.run(0, "jwt", "dev", "--rotate", "--save")
	want(t, text, "SECRET_KEY_PREVIOUS", "remove SECRET_KEY_PREVIOUS")
	rotated := c.made("jwt", "dev")
	if rotated.SecretKey == first.SecretKey || c.content(".env.dev") != "SECRET_KEY="+rotated.SecretKey+"\nSECRET_KEY_PREVIOUS="+first.SecretKey+"\n" {
		t.Errorf("saved %q", c.content(".env.dev"))
	}
	accepted(t, first.JWT, rotated.SecretKey, first.SecretKey)
	accepted(t, strings.TrimSpace(out), rotated.SecretKey, "")

	// A second one would lose the first key, which modules may still use.
	before := c.content(".env.dev")
	_, text = c.run(exitFailed, "jwt", "dev", "--rotate", "--save")
	want(t, text, "rotation is in progress", "SECRET_KEY_PREVIOUS")
	if c.content(".env.dev") != before {
		t.Errorf("saved %q", c.content(".env.dev"))
	}

	c.put(".env.dev", "SECRET_KEY="+rotated.SecretKey+"\nSECRET_KEY_PREVIOUS=\n")
	m := c.made("jwt", "dev", "--rotate", "--key", otherKey)
	if m.SecretKey != otherKey || m.SecretKeyPrevious != rotated.SecretKey || m.SavedIn != "" {
		t.Errorf("rotated to a given key: %+v", m)
	}
}

func TestJWTReusesAKey(t *testing.T) {
	c := newProject(t, moduleOfNone)
	if m := c.made("jwt", "dev", "--key", otherKey); m.SecretKey != otherKey {
		t.Error("--key was not used")
	}
	t.Setenv("SECRET_KEY", oldKey)
	if m := c.made("jwt", "dev"); m.SecretKey != oldKey {
		t.Error("the key in the environment was not used")
	}
	out, text := c.run(0, "jwt", "dev", "--save")
	accepted(t, strings.TrimSpace(out), oldKey, "")
	want(t, text, "from the environment")
	if strings.Contains(text, oldKey) || c.content(".env.dev") != "SECRET_KEY="+oldKey+"\n" {
		t.Errorf("saved %q, text %s", c.content(".env.dev"), text)
	}
	_, text = c.run(0, "jwt", "dev", "--save", "--rotate")
	want(t, text, "SECRET_KEY in the environment overrides")
}

// One key may be that of several stages and providers. The token is for one.
func TestJWTIsBoundToStageAndProvider(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	t.Setenv("SECRET_KEY", oldKey)
	out, _ := c.run(0, "jwt", "prod", "-f", "credentials.json")
	claims := accepted(t, strings.TrimSpace(out), oldKey, "")
	if claims.Get(relay.ProviderClaim) != "some" || claims.Get(relay.StageClaim) != "prod" {
		t.Errorf("bound to %q, %q", claims.Get(relay.ProviderClaim), claims.Get(relay.StageClaim))
	}
}

func TestJWTForAnotherProvider(t *testing.T) {
	c := newProject(t, strings.Replace(moduleOfTwo, `"some"`, `"greynoise, some"`, 1))
	t.Setenv("SECRET_KEY", oldKey)
	for args, provider := range map[string]string{"--claim key=k": "greynoise", "--provider some -f credentials.json": "some", "--provider otx --claim key=k": "otx"} {
		out, _ := c.run(0, append([]string{"jwt", "dev"}, strings.Fields(args)...)...)
		if claims := accepted(t, strings.TrimSpace(out), oldKey, ""); claims.Get(relay.ProviderClaim) != provider {
			t.Errorf("%s: bound to %q", args, claims.Get(relay.ProviderClaim))
		}
	}
	_, text := c.run(exitFailed, "jwt", "dev", "--provider", "nobody")
	want(t, text, `this binary has no provider "nobody"`)
}

// The relay ignores the space around its key.
func TestJWTWithSpaceAroundTheKey(t *testing.T) {
	c := newProject(t, moduleOfNone)
	if m := c.made("jwt", "dev", "--key", " "+oldKey+"\n"); m.SecretKey != oldKey {
		t.Errorf("--key was used as %q", m.SecretKey)
	}
	t.Setenv("SECRET_KEY", oldKey+" ")
	c.put(".env.dev", "SECRET_KEY="+oldKey+"\n") // the same
	m := c.made("jwt", "dev")
	accepted(t, m.JWT, oldKey, "")
	out, _ := c.run(0, "jwt", "inspect", "--verify", m.JWT)
	want(t, out, "signature  valid, with SECRET_KEY\n")
}

// RELAY_PROVIDER names other providers for a deployment than module_settings.json.
func TestJWTForTheProvidersOfTheStage(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	t.Setenv("SECRET_KEY", oldKey)
	check := func(stage, provider, title string, args ...string) {
		t.Helper()
		m := c.made(append([]string{"jwt", stage}, args...)...)
		if claims := accepted(t, m.JWT, oldKey, ""); claims.Get(relay.ProviderClaim) != provider || m.Module != title {
			t.Errorf("%s: module %s, bound to %q", stage, m.Module, claims.Get(relay.ProviderClaim))
		}
		out, _ := c.run(0, "jwt", "inspect", "--stage", stage, m.JWT)
		want(t, out, "provider   "+provider+"\n", "signature  valid, with SECRET_KEY\n")
	}
	for _, list := range []string{"none,some", "none, some", `"none, some"`} {
		c.put(".env.prod", "RELAY_PROVIDER="+list+"\n")
		check("prod", "none", "None")
	}
	check("dev", "some", "Some Intelligence", "-f", "credentials.json")
	t.Setenv("RELAY_PROVIDER", "otx")
	check("prod", "otx", "AlienVault OTX", "--claim", "key=k")
	_, text := c.run(exitFailed, "jwt", "inspect", "--stage", "prod", sign(t, oldKey, map[string]any{relay.ProviderClaim: "some"}))
	want(t, text, "its claim relay_provider is not otx")
}

// More than the credentials is no reason to make no token.
func TestJWTWarnsOfWhatTheProviderDoesNotKnow(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	t.Setenv("SECRET_KEY", oldKey)
	c.put("credentials.json", `{"HOST":"h","AuthKey":"k","CTR_ENTITIES_LIMIT":7,"list":["s3cr3t"],"big":9007199254740993,"a\u001b":"s3cr3t"}`)
	out, text := c.run(0, "jwt", "dev", "-f", "credentials.json")
	claims := accepted(t, strings.TrimSpace(out), oldKey, "")
	if claims.Get("big") != "9007199254740993" || claims.EntitiesLimit() != 7 || claims.Get("HOST") != "h" {
		t.Error("the token lacks a claim")
	}
	want(t, text, `Warning: `, `needs no credential "a\x1b", "big", "list"`)
	if strings.Contains(text, "s3cr3t") {
		t.Errorf("text %s", text)
	}
	if _, text := c.runWith(t.Context(), credentials, 0, "jwt", "dev"); strings.Contains(text, "Warning") {
		t.Errorf("text %s", text)
	}
}

// An optional credential may be empty, wherever it is from.
func TestJWTOmitsOptionalCredentials(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	t.Setenv("SECRET_KEY", oldKey)
	for _, tenant := range []string{`""`, `" "`, `null`} {
		c.put("credentials.json", `{"HOST":"h","AuthKey":"k","tenant":`+tenant+`}`)
		out, _ := c.run(0, "jwt", "dev", "-f", "credentials.json")
		if claims := accepted(t, strings.TrimSpace(out), oldKey, ""); claims.Get("tenant") != "" || claims.Get("HOST") != "h" {
			t.Errorf("%s: other claims", tenant)
		}
		parsed, err := auth.Parse(strings.TrimSpace(out))
		if _, there := parsed.Claims["tenant"]; err != nil || there {
			t.Errorf("%s: the claim is there, %v", tenant, err)
		}
	}
}

func TestJWTTakesClaims(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	t.Setenv("SECRET_KEY", oldKey)
	c.put("host.txt", "https://s3cr3t.example\n")
	for name, test := range map[string]struct {
		stdin   string
		args    []string
		want    map[string]string
		warning string
	}{
		"from files":          {"", []string{"--claim", "HOST=@host.txt", "--claim", "AuthKey=@host.txt"}, map[string]string{"HOST": "https://s3cr3t.example", "AuthKey": "https://s3cr3t.example"}, ""},
		"from standard input": {" s3cr3t-key\n", []string{"--claim", "HOST=@host.txt", "--claim", "AuthKey=@-"}, map[string]string{"HOST": "https://s3cr3t.example", "AuthKey": "s3cr3t-key"}, ""},
		"beside a file":       {"", []string{"-f", "credentials.json", "--claim", "tenant=@host.txt"}, map[string]string{"HOST": "https://s3cr3t.example", "AuthKey": "s3cr3t-key", "tenant": "https://s3cr3t.example"}, ""},
		"instead of a file's": {"", []string{"-f", "credentials.json", "--claim", "AuthKey=@host.txt"}, map[string]string{"AuthKey": "https://s3cr3t.example"}, ""},
		"beside a pipe":       {credentials, []string{"--claim", "email=@host.txt"}, map[string]string{"AuthKey": "s3cr3t-key", "email": "https://s3cr3t.example"}, ""},
		"as an argument":      {credentials, []string{"--claim", "email=s3cr3t,s3cr3t=1"}, map[string]string{"email": "s3cr3t,s3cr3t=1"}, "Warning: other users can see the value of --claim email in the list of processes. Use --claim email=@FILE.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out, text := c.runWith(t.Context(), test.stdin, 0, append([]string{"jwt", "dev"}, test.args...)...)
			claims := accepted(t, strings.TrimSpace(out), oldKey, "")
			for claim, value := range test.want {
				if got := claims.Get(claim); got != value {
					t.Errorf("%s is %q, want %q", claim, got, value)
				}
			}
			if !strings.Contains(text, test.warning) || test.warning == "" && strings.Contains(text, "Warning") || strings.Contains(text, "s3cr3t") {
				t.Errorf("text %s", text)
			}
		})
	}
}

// A key in the arguments works, and is warned of.
func TestJWTWarnsOfAKeyInTheArguments(t *testing.T) {
	c := newProject(t, moduleOfNone)
	_, text := c.run(0, "jwt", "dev", "--key", otherKey)
	want(t, text, "Warning: other users can see the value of --key in the list of processes. Use SECRET_KEY in the environment.\n")
	if strings.Contains(text, otherKey) {
		t.Errorf("text %s", text)
	}
}

func TestJWTRefuses(t *testing.T) {
	file := func(content string) func(c cli) { return func(c cli) { c.put("credentials.json", content) } }
	env := func(content string) func(c cli) { return func(c cli) { c.put(".env.dev", content) } }
	withFile := func(args ...string) []string {
		return append([]string{"jwt", "dev", "--save", "-f", "credentials.json"}, args...)
	}
	tests := map[string]struct {
		prepare func(c cli)
		stdin   string
		args    []string
		code    int
		want    string
	}{
		"unknown stage":           {args: []string{"jwt", "s3cr3t"}, want: "no such stage. It has dev, prod"},
		"default is no stage":     {args: []string{"jwt", "default"}, want: "no such stage"},
		"a path as stage":         {args: []string{"jwt", "../dev"}, want: "no such stage"},
		"a token as stage":        {args: []string{"jwt", "eyJhbGciOiJIUzI1NiJ9.e30.s3cr3t"}, want: "no such stage"},
		"no stages":               {prepare: func(c cli) { c.put("serverless.yml", "service: x\n") }, args: withFile(), want: "params has no stage"},
		"no serverless.yml":       {prepare: func(cli) { _ = os.Remove("serverless.yml") }, args: withFile(), want: "serverless.yml"},
		"elsewhere":               {prepare: func(c cli) { _ = os.Remove("module_settings.json") }, args: withFile(), want: "change to the project's folder"},
		"bad module settings":     {prepare: func(c cli) { c.put("module_settings.json", `{"name":[]}`) }, args: withFile(), want: "module_settings.json: json"},
		"unknown provider":        {prepare: func(c cli) { c.put("module_settings.json", `{"name":"x","provider":"nobody"}`) }, args: withFile(), want: "RELAY_PROVIDER or module_settings.json: this binary has no provider \"nobody\""},
		"no stage":                {args: []string{"jwt"}, code: exitUsage, want: "--help"},
		"no file":                 {args: []string{"jwt", "dev", "-f", "missing.json"}, want: "missing.json: no such file"},
		"a folder":                {args: []string{"jwt", "dev", "-f", "."}, want: "it is a folder"},
		"empty credential":        {prepare: file(`{"HOST":"s3cr3t","AuthKey":" \n"}`), args: withFile(), want: "AuthKey is empty"},
		"missing credential":      {prepare: file(`{"HOST":"s3cr3t"}`), args: withFile(), want: `AuthKey is missing: expected {"HOST": "...", "AuthKey": "..."}`},
		"unknown credential":      {prepare: file(`{"HOST":"s3cr3t","authkey":"s3cr3t"}`), args: withFile(), want: "AuthKey is missing"},
		"a claim of the token":    {prepare: file(`{"HOST":"s3cr3t","AuthKey":"s3cr3t","exp":1}`), args: withFile(), want: `"exp" is not a credential`},
		"a binding":               {prepare: file(`{"HOST":"s3cr3t","AuthKey":"s3cr3t","relay_stage":"prod"}`), args: withFile(), want: `"relay_stage" is not a credential`},
		"a number":                {prepare: file(`{"HOST":"s3cr3t","AuthKey":7}`), args: withFile(), want: "AuthKey is not a string"},
		"null":                    {prepare: file(`{"HOST":"s3cr3t","AuthKey":null}`), args: withFile(), want: "AuthKey is not a string"},
		"two objects":             {prepare: file(credentials + credentials), args: withFile(), want: "is not a JSON object"},
		"claim without a name":    {args: withFile("--claim", "=s3cr3t"), code: exitUsage, want: "--claim has no name"},
		"claim without a value":   {args: withFile("--claim", "a="), code: exitUsage, want: "claim a: the value is empty"},
		"claim to ask for":        {args: withFile("--claim", "a"), code: exitUsage, want: "pass --claim a=@FILE"},
		"claim of no file":        {args: withFile("--claim", "a=@missing"), want: "claim a: missing: no such file"},
		"claim of the token":      {args: withFile("--claim", "exp=1"), want: `"exp" is not a credential`},
		"empty claim":             {args: withFile("--claim", "AuthKey= "), code: exitUsage, want: "claim AuthKey: the value is empty"},
		"a limit that is none":    {prepare: file(`{"HOST":"s3cr3t","AuthKey":"s3cr3t","CTR_ENTITIES_LIMIT":"s3cr3t"}`), args: withFile(), want: "CTR_ENTITIES_LIMIT is not a whole number"},
		"not flat":                {prepare: file(`{"HOST":{"a":"s3cr3t"}}`), args: withFile(), want: "the credential HOST is not a string"},
		"a list":                  {prepare: file(`["s3cr3t"]`), args: withFile(), want: `credentials.json is not a JSON object in UTF-8: expected {"HOST": "...", "AuthKey": "..."}`},
		"no JSON":                 {prepare: file("HOST=s3cr3t\n"), args: withFile(), want: "credentials.json is not a JSON object"},
		"not UTF-8":               {prepare: file("{\"HOST\":\"s3cr3t\xfc\",\"AuthKey\":\"s3cr3t\"}"), args: withFile(), want: "in UTF-8"},
		"nothing on the pipe":     {args: []string{"jwt", "dev", "--save"}, want: "standard input is not a JSON object"},
		"a large file":            {stdin: strings.Repeat(" s3cr3t", 64<<10), args: []string{"jwt", "dev", "--save"}, want: "standard input: more than 65,536 bytes"},
		"too long for a header":   {stdin: `{"HOST":"` + strings.Repeat("s3cr3t", 1500) + `","AuthKey":"s3cr3t"}`, args: []string{"jwt", "dev", "--save"}, want: "too long"},
		"short key":               {args: withFile("--key", "s3cr3t"), want: "--key is a weak key with fewer than 32 characters"},
		"empty key":               {args: withFile("--key", ""), want: "--key is a weak key with fewer than 32 characters"},
		"short key in the file":   {prepare: env("SECRET_KEY=s3cr3t\n"), args: withFile(), want: "SECRET_KEY is a weak key with fewer than 32 characters"},
		"key of equal letters":    {args: withFile("--key", strings.Repeat("k", 64)), want: "--key is a weak key with fewer than 8 different characters"},
		"key of 16 umlauts":       {args: withFile("--key", "äöüÄÖÜßéèêáàâíìî"), want: "--key is a weak key with fewer than 32 characters"},
		"weak key to rotate":      {prepare: env("SECRET_KEY=" + strings.Repeat("k", 64) + "\n"), args: withFile("--rotate"), want: "SECRET_KEY is a weak key"},
		"key that can't be saved": {args: withFile("--key", strings.Repeat("s3cr3t key ", 9)), want: "other characters than"},
		"another key in the file": {prepare: env("SECRET_KEY=" + oldKey + "\n"), args: withFile("--key", otherKey), want: "--rotate keeps it"},
		"two keys":                {prepare: func(c cli) { c.put(".env.dev", "SECRET_KEY="+oldKey+"\n"); c.t.Setenv("SECRET_KEY", otherKey) }, args: withFile(), want: "different SECRET_KEYs"},
		"nothing to rotate":       {args: withFile("--rotate"), want: "no key to rotate"},
		"rotation to itself":      {prepare: env("SECRET_KEY=" + oldKey + "\n"), args: withFile("--rotate", "--key", oldKey), want: "nothing to rotate"},
		"a file in doubt":         {prepare: env("SECRET_KEY='s3cr3t\n"), args: withFile(), want: ".env.dev: line 1 is not NAME=value"},
		"a value in doubt":        {prepare: env("SECRET_KEY=$s3cr3t\n"), args: withFile(), want: ".env.dev: the value of SECRET_KEY has other characters"},
		"no region":               {args: withFile("--region", "US East"), want: "not an AWS region"},
		"no time":                 {args: withFile("--expires", "soon"), code: exitUsage, want: "not a time such as 30d"},
		"unknown flag":            {args: withFile("--kee=s3cr3t"), code: exitUsage, want: "unknown flag --kee"},
		"more than a stage":       {args: withFile("prod"), code: exitUsage, want: "unexpected argument"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newProject(t, moduleOfTwo)
			if test.prepare != nil {
				test.prepare(c)
			}
			before := c.content(".env.dev")
			code := exitFailed
			if test.code != 0 {
				code = test.code
			}
			out, text := c.runWith(t.Context(), test.stdin, code, test.args...)
			want(t, text, test.want)
			if out != "" {
				t.Errorf("output %q", out)
			}
			for _, secret := range []string{"s3cr3t", oldKey, otherKey} {
				if strings.Contains(text, secret) {
					t.Errorf("the error has a secret: %s", text)
				}
			}
			if c.content(".env.dev") != before {
				t.Errorf("saved %q", c.content(".env.dev"))
			}
		})
	}
}

func TestJWTThatWaitsForInputCanBeInterrupted(t *testing.T) {
	newProject(t, moduleOfTwo)
	ctx, cancel := context.WithCancel(t.Context())
	hanging, _ := io.Pipe() // nobody writes to it
	exit := make(chan int, 2)
	for _, args := range [][]string{{"jwt", "dev"}, {"jwt", "inspect"}} {
		go func() {
			exit <- run(ctx, args, console.Console{In: hanging, Out: io.Discard, Err: io.Discard}, findProvider)
		}()
	}
	cancel()
	for range 2 {
		if code := <-exit; code != exitInterrupted {
			t.Errorf("exit code %d", code)
		}
	}
}
