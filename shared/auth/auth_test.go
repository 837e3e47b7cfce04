package auth_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/auth"
)

func TestHeader(t *testing.T) {
	good := hs256(secret, hsHeader, `{}`)
	tests := map[string]struct {
		headers []string
		refused string // empty: accepted
	}{
		"bearer":             {headers: []string{"Bearer " + good}},
		"scheme in any case": {headers: []string{"bEARER " + good}},
		"more space":         {headers: []string{"  Bearer   " + good + " "}},
		"no header":          {refused: "Authorization header is missing"},
		"empty header":       {headers: []string{""}, refused: "Wrong authorization type"},
		"no token":           {headers: []string{"Bearer "}, refused: "Wrong authorization type"},
		"no scheme":          {headers: []string{good}, refused: "Wrong authorization type"},
		"other scheme":       {headers: []string{"Basic " + good}, refused: "Wrong authorization type"},
		"nearly the scheme":  {headers: []string{"Bearers " + good}, refused: "Wrong authorization type"},
		"scheme with colon":  {headers: []string{"Bearer: " + good}, refused: "Wrong authorization type"},
		"three parts":        {headers: []string{"Bearer " + good + " x"}, refused: "Wrong authorization type"},
		"token with newline": {headers: []string{"Bearer " + good[:9] + "\n" + good[9:]}, refused: "Wrong authorization type"},
		"two tokens":         {headers: []string{"Bearer " + good + ", Bearer " + good}, refused: "Wrong authorization type"},
		"two headers":        {headers: []string{"Bearer " + good, "Bearer " + good}, refused: "Wrong authorization type"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := request(t, "")
			r.Header.Del("Authorization")
			for _, value := range test.headers {
				r.Header.Add("Authorization", value)
			}
			_, err := auth.New(auth.Options{SecretKey: secret}).Authenticate(r)
			if test.refused == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			checkRefused(t, err, test.refused, good)
		})
	}
}

func TestTokenStructure(t *testing.T) {
	const payload = `{"key":"value"}`
	good := hs256(secret, hsHeader, payload)
	header, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")

	tests := map[string]string{
		"not a token":             "token",
		"dots only":               "..",
		"one dot":                 header + "." + body,
		"trailing dot":            good + ".",
		"trailing segment":        good + "." + signature,
		"five segments":           good + "." + body + "." + signature,
		"leading dot":             "." + good,
		"no header":               "." + body + "." + signature,
		"no payload":              sealed(secret, header+"."),
		"header not base64":       "%%%." + body + "." + signature,
		"payload not base64":      sealed(secret, header+".%%%"),
		"signature not base64":    header + "." + body + ".%%%",
		"standard alphabet":       sealed(secret, header+"."+segment(`{"key":"???"}`)[:12]+"/+"),
		"padded payload":          sealed(secret, header+"."+segment(`{"a":1}`)+"=="),
		"padded signature":        good + "=",
		"loose bits in signature": looseBits(good),
		"header not JSON":         hs256(secret, `alg=HS256`, payload),
		"header an array":         hs256(secret, `["HS256"]`, payload),
		"header null":             hs256(secret, `null`, payload),
		"header cut off":          hs256(secret, `{"alg":"HS256"`, payload),
		"data after header":       hs256(secret, hsHeader+`{}`, payload),
		"payload not JSON":        hs256(secret, hsHeader, `key=value`),
		"payload an array":        hs256(secret, hsHeader, `[{"key":"value"}]`),
		"payload a string":        hs256(secret, hsHeader, `"key"`),
		"payload null":            hs256(secret, hsHeader, `null`),
		"data after payload":      hs256(secret, hsHeader, payload+`x`),
		"comma at the end":        hs256(secret, hsHeader, `{"key":"value",}`),
		"payload too deep":        hs256(secret, hsHeader, `{"a":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`}`),
		"payload not UTF-8":       hs256(secret, hsHeader, "{\"key\":\"val\xffue\"}"),
		"claim twice":             hs256(secret, hsHeader, `{"key":"value","key":"other"}`),
		"alg twice":               hs256(secret, `{"alg":"none","alg":"HS256"}`, payload),
		"alg twice, one escaped":  hs256(secret, `{"\u0061lg":"none","alg":"HS256"}`, payload),
		"no alg":                  hs256(secret, `{"typ":"JWT"}`, payload),
		"alg in capitals":         hs256(secret, `{"ALG":"HS256"}`, payload),
		"alg null":                hs256(secret, `{"alg":null}`, payload),
		"alg a list":              hs256(secret, `{"alg":["HS256"]}`, payload),
		"alg empty":               hs256(secret, `{"alg":""}`, payload),
		"alg in lower case":       hs256(secret, `{"alg":"hs256"}`, payload),
		"alg none":                hs256(secret, `{"alg":"none"}`, payload),
		"alg none, unsigned":      segment(`{"alg":"none"}`) + "." + body + ".",
		"alg None":                segment(`{"alg":"None"}`) + "." + body + ".",
		"alg HS384":               hs256(secret, `{"alg":"HS384"}`, payload),
		"alg HS512":               hs256(secret, `{"alg":"HS512"}`, payload),
		"alg RS512":               hs256(secret, `{"alg":"RS512","kid":"1"}`, payload),
		"alg PS256":               hs256(secret, `{"alg":"PS256","kid":"1"}`, payload),
		"alg ES256":               hs256(secret, `{"alg":"ES256","kid":"1"}`, payload),
		"alg EdDSA":               hs256(secret, `{"alg":"EdDSA","kid":"1"}`, payload),
		"extensions null":         hs256(secret, `{"alg":"HS256","crit":null}`, payload),
		"unknown extension":       hs256(secret, `{"alg":"HS256","crit":["b64"],"b64":false}`, payload),
	}
	authenticator := auth.New(auth.Options{SecretKey: secret})
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := authenticator.Authenticate(request(t, token))
			checkRefused(t, err, "Wrong JWT structure")
		})
	}
}

// looseBits changes bits of a token's last character that a lax decoder ignores: 32
// bytes take 43 characters, of which the last has two spare bits.
func looseBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last|1])
}

func TestClaims(t *testing.T) {
	token := hs256(secret, hsHeader, `{"key":" value ","CTR_ENTITIES_LIMIT":7,"big":9007199254740993}`)
	claims, err := auth.New(auth.Options{SecretKey: secret}).Authenticate(request(t, token))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{
		"key":   claims.Get("key"),
		"big":   claims.Get("big"),
		"other": claims.Get("other"),
		"limit": claims.EntitiesLimit(),
	}
	want := map[string]any{"key": "value", "big": "9007199254740993", "other": "", "limit": 7}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestCredentials(t *testing.T) {
	tests := map[string]struct {
		payload string
		refused bool
	}{
		"all there":     {payload: `{"HOST":"h","AuthKey":"a"}`},
		"more than all": {payload: `{"HOST":"h","AuthKey":"a","other":1}`},
		"none there":    {payload: `{}`, refused: true},
		"one missing":   {payload: `{"HOST":"h"}`, refused: true},
		"other case":    {payload: `{"HOST":"h","authkey":"a"}`, refused: true},
		"empty":         {payload: `{"HOST":"h","AuthKey":""}`, refused: true},
		"blank":         {payload: `{"HOST":"h","AuthKey":" \t\n"}`, refused: true},
		"null":          {payload: `{"HOST":"h","AuthKey":null}`, refused: true},
		"a number":      {payload: `{"HOST":"h","AuthKey":12}`, refused: true},
		"a list":        {payload: `{"HOST":"h","AuthKey":["a"]}`, refused: true},
	}
	authenticator := auth.New(auth.Options{SecretKey: secret, Credentials: []string{"HOST", "AuthKey"}})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := authenticator.Authenticate(request(t, hs256(secret, hsHeader, test.payload)))
			if test.refused {
				checkRefused(t, err, "Wrong JWT payload structure")
			} else if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestZeroAuthenticatorRefuses(t *testing.T) {
	var authenticator auth.Authenticator
	_, err := authenticator.Authenticate(request(t, hs256("", hsHeader, `{}`)))
	checkRefused(t, err, "<SECRET_KEY> is missing")

	token := rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload)
	_, err = authenticator.Authenticate(request(t, token))
	checkRefused(t, err, wrongHost)
}

func TestSecretsAreNotPrinted(t *testing.T) {
	options := auth.Options{SecretKey: secret, SecretKeyPrevious: previous, Client: http.DefaultClient}
	authenticator := auth.New(options)
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb+" "+verb+" "+verb, options, &options, authenticator))
	}
	encoded, err := json.Marshal([]any{auth.Options{SecretKey: secret, SecretKeyPrevious: previous}, authenticator})
	if err != nil {
		t.Fatal(err)
	}
	texts = append(texts, string(encoded))
	for _, text := range texts {
		for _, key := range []string{secret, previous} {
			if strings.Contains(text, key) || strings.Contains(text, fmt.Sprintf("%x", key)) || strings.Contains(text, fmt.Sprint([]byte(key))) {
				t.Errorf("%q holds a secret key", text)
			}
		}
	}
}

const wrongRelay = "The token is for another provider or stage. Make one for this relay with `relay jwt STAGE`"

// Several relays may have the same key. A token is for the relay that it names.
func TestTokensAreBoundToTheirRelay(t *testing.T) {
	tests := map[string]struct {
		provider, stage string // of the relay
		payload         string
		refused         bool
	}{
		"unbound":                  {"misp", "dev", `{}`, false},
		"bound to both":            {"misp", "dev", `{"relay_provider":"misp","relay_stage":"dev"}`, false},
		"another provider":         {"misp", "dev", `{"relay_provider":"abuseipdb","relay_stage":"dev"}`, true},
		"another stage":            {"misp", "dev", `{"relay_provider":"misp","relay_stage":"prod"}`, true},
		"only another provider":    {"misp", "dev", `{"relay_provider":"abuseipdb"}`, true},
		"only another stage":       {"misp", "dev", `{"relay_stage":"prod"}`, true},
		"case":                     {"misp", "dev", `{"relay_stage":"Dev"}`, true},
		"empty":                    {"misp", "dev", `{"relay_stage":""}`, true},
		"null":                     {"misp", "dev", `{"relay_provider":null}`, true},
		"a list":                   {"misp", "dev", `{"relay_provider":["misp"]}`, true},
		"relay without a stage":    {"misp", "", `{"relay_provider":"misp","relay_stage":"prod"}`, false},
		"relay without a provider": {"", "dev", `{"relay_provider":"misp","relay_stage":"dev"}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			authenticator := auth.New(auth.Options{SecretKey: secret, Provider: test.provider, Stage: test.stage})
			_, err := authenticator.Authenticate(request(t, hs256(secret, hsHeader, test.payload)))
			if test.refused {
				checkRefused(t, err, wrongRelay, "abuseipdb", "prod")
			} else if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAllowFrom(t *testing.T) {
	const wrongFrom = "This relay accepts no requests from this address. Ask its operator to add the address to RELAY_ALLOW_FROM"
	allowed := []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::/64")}
	tests := map[string]struct {
		networks []netip.Prefix
		from     string // the request's RemoteAddr
		refused  bool
	}{
		"anywhere":               {nil, "203.0.113.9", false},
		"anywhere, no address":   {nil, "", false},
		"address":                {allowed, "192.0.2.7", false},
		"address of a socket":    {allowed, "192.0.2.7:40000", false},
		"in a network":           {allowed, "198.51.100.255", false},
		"IPv6":                   {allowed, "2001:db8::1", false},
		"IPv6 of a socket":       {allowed, "[2001:db8::1%eth0]:40000", false},
		"IPv4 in IPv6":           {allowed, "[::ffff:192.0.2.7]:40000", false},
		"another":                {allowed, "192.0.2.8", true},
		"beside the network":     {allowed, "198.51.101.0", true},
		"another IPv6":           {allowed, "2001:db8:0:1::1", true},
		"no address":             {allowed, "", true},
		"no address but a name":  {allowed, "localhost", true},
		"several, as in headers": {allowed, "192.0.2.7, 203.0.113.9", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := request(t, hs256(secret, hsHeader, `{}`))
			r.RemoteAddr = test.from
			r.Header.Set("X-Forwarded-For", "192.0.2.7")
			r.Header.Set("Forwarded", "for=192.0.2.7")
			_, err := auth.New(auth.Options{SecretKey: secret, AllowFrom: test.networks}).Authenticate(r)
			if !test.refused {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			checkRefused(t, err, wrongFrom, "192.0.2.7", "198.51.100", "2001:db8::/64")
			if address, err2 := netip.ParseAddr(test.from); err2 == nil && !strings.Contains(err.Error(), address.String()) {
				t.Errorf("the log lacks the address: %v", err)
			}
		})
	}
}

// The address is checked first, so other clients learn nothing about tokens.
func TestAnAddressIsCheckedBeforeTheToken(t *testing.T) {
	r := request(t, "")
	r.Header.Del("Authorization")
	_, err := auth.New(auth.Options{AllowFrom: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}).Authenticate(r)
	if err == nil || strings.Contains(err.Error(), "header") {
		t.Errorf("got %v", err)
	}
}
