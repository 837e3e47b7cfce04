package akamai

import (
	"net/http"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
)

// The signatures are those that Akamai publishes to test signers with. Its limit of
// the body is 2 KB there, so longer ones are left out.
func TestPublishedSignatures(t *testing.T) {
	claims := relay.NewClaims(map[string]any{
		"clientToken": "akab-client-token-xxx-xxxxxxxxxxxxxxxx", "accessToken": "akab-access-token-xxx-xxxxxxxxxxxxxxxx",
		"clientSecret": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=",
	})
	for _, tt := range []struct{ method, path, body, signature string }{
		{"GET", "/", "", "tL+y4hxyHxgWVD30X3pWnGKHcPzmrIF+LThiAOhMxYU="},
		{"GET", "/testapi/v1/t1?p1=1&p2=2", "", "hKDH1UlnQySSHjvIcZpDMbQHihTQ0XyVAKZaApabdeA="},
		{"POST", "/testapi/v1/t3", "datadatadatadatadatadatadatadata", "hXm4iCxtpN22m4cbZb4lVLW5rhX8Ca82vCFqXzSTPe4="},
		{"POST", "/testapi/v1/t3", strings.Repeat("d", 2048), "6Q6PiTipLae6n4GsSIDTCJ54bEbHUBp+4MUXrbQCBoY="},
		{"POST", "/testapi/v1/t6", "", "1gEDxeQGD5GovIkJJGcBaKnZ+VaPtrc4qBUHixjsPCQ="},
		{"PUT", "/testapi/v1/t6", "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP", "GNBWEYSEWOLtu+7dD52da2C39aX/Jchpon3K/AmBqBU="},
		{"PATCH", "/testapi/v1/t6", "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP", "JIl05ImY1AOnMtmw+9LKgaFA8mnzsEKabbnHmI8LsQ4="},
		{"GET", "/testapi/v1/configs/111?from=12345&limit=200000", "", "XM+hsuSs6nuy/5eDRty1IjtVCAdr8xPFRAZ/b8RXDm8="},
		{"GET", "/testapi/v1/configs/111;222;333?from=12345&limit=200000", "", "pmQF7Is2+O4r/mMojPR4yeF58BrempNNoBX5/DT0Fxs="},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, "https://akaa-baseurl-xxxxxxxxxxx-xxxxxxxxxxxxx.luna.akamaiapis.net"+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := authorization(r, []byte(tt.body), claims, "20140321T19:34:21+0000", "nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
		want := "EG1-HMAC-SHA256 client_token=akab-client-token-xxx-xxxxxxxxxxxxxxxx;access_token=akab-access-token-xxx-xxxxxxxxxxxxxxxx;" +
			"timestamp=20140321T19:34:21+0000;nonce=nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx;signature=" + tt.signature
		if got != want {
			t.Errorf("%s %s: got %s, want %s", tt.method, tt.path, got, want)
		}
	}
}

// Each signature has its own nonce, and no token can change the header.
func TestSign(t *testing.T) {
	authorization := func(token, body string) (string, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://akab.luna.akamaiapis.net/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		err = sign(r, []byte(body), relay.NewClaims(map[string]any{"clientToken": token, "accessToken": "a", "clientSecret": "s"}))
		return r.Header.Get("Authorization"), err
	}
	one, err := authorization("c", "x")
	if err != nil || !strings.HasPrefix(one, "EG1-HMAC-SHA256 client_token=c;access_token=a;timestamp=") {
		t.Errorf("%s, %v", one, err)
	}
	if two, _ := authorization("c", "x"); one == two {
		t.Error("a nonce was used twice")
	}
	for _, token := range []string{"a\nb", "a b", "a;b", "ä"} {
		if header, err := authorization(token, ""); err == nil || header != "" || strings.Contains(err.Error(), token) {
			t.Errorf("%q: %q, %v", token, header, err)
		}
	}
}
