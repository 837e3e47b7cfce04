package guardduty

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/serverless-relay/relay/shared/relay"
)

// A region becomes a part of a host's name, and a key's ID of a header. The patterns
// are compiled on first use: the functions of every provider would wait for them.
var (
	validRegion = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$`)
	})
	validKeyID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9]+$`) })
)

// regionOf returns the region that a token names, or else the relay's own.
func regionOf(claims relay.Claims) (string, error) {
	region := cmp.Or(claims.Get(regionClaim), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	if !validRegion().MatchString(region) {
		return "", relay.Errorf(relay.CodeInvalidArgument,
			"The AWS region for %s is missing or wrong. Set %s in the module's settings, such as eu-west-1.", title, regionClaim)
	}
	return region, nil
}

// consoleURL returns a page of a service in the AWS console.
func consoleURL(region, service, fragment string) string {
	return "https://" + region + ".console.aws.amazon.com/" + service + "/home?region=" + region + "#/" + fragment
}

// keysOf returns the keys in a token, or else the relay's own, which Lambda puts into
// the environment. The SDK's package config knows more places, and would make each
// function larger by a fifth.
func keysOf(claims relay.Claims) (keys aws.Credentials, own bool) {
	keys = aws.Credentials{AccessKeyID: claims.Get(accessKeyClaim), SecretAccessKey: claims.Get(secretKeyClaim)}
	if keys.HasKeys() {
		return keys, false
	}
	get := os.Getenv
	return aws.Credentials{AccessKeyID: get("AWS_ACCESS_KEY_ID"), SecretAccessKey: get("AWS_SECRET_ACCESS_KEY"), SessionToken: get("AWS_SESSION_TOKEN")}, true
}

// signer makes AWS's Signature Version 4. It is safe for concurrent use.
var signer = v4.NewSigner()

// sign signs a request. Whether it may use the relay's own keys is up to connect.
func sign(r *http.Request, body []byte, claims relay.Claims) error {
	region, err := regionOf(claims)
	if err != nil {
		return err
	}
	keys, _ := keysOf(claims)
	if !validKeyID().MatchString(keys.AccessKeyID) || keys.SecretAccessKey == "" {
		return errors.New("guardduty: no valid keys")
	}
	hash := sha256.Sum256(body)
	return signer.SignHTTP(r.Context(), keys, r, hex.EncodeToString(hash[:]), "guardduty", region, time.Now())
}
