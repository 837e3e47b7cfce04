package guardduty

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/serverless-relay/relay/shared/relay"
)

// validRegion matches regions, which become a part of a host's name. It is compiled on
// first use: the functions of every provider would wait for it.
var validRegion = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$`)
})

// regionOf returns the region in the token, otherwise the relay's own.
func regionOf(claims relay.Claims) (string, error) {
	region := cmp.Or(claims.Get("region"), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	if !validRegion().MatchString(region) {
		return "", relay.Errorf(relay.CodeInvalidArgument,
			"The AWS region for %s is missing or wrong. Set region in the module's settings, such as eu-west-1.", title)
	}
	return region, nil
}

// consoleURL returns a page of a service in the AWS console.
func consoleURL(region, service, fragment string) string {
	return "https://" + region + ".console.aws.amazon.com/" + service + "/home?region=" + region + "#" + fragment
}

// keysOf returns the keys in the token, otherwise the relay's own, which Lambda puts into
// the environment. The SDK's package config knows more places, and would make each
// function larger by a fifth.
func keysOf(claims relay.Claims) (keys aws.Credentials, own bool) {
	keys = aws.Credentials{AccessKeyID: claims.Get("access_key_id"), SecretAccessKey: claims.Get("secret_access_key")}
	if keys.HasKeys() {
		return keys, false
	}
	get := os.Getenv
	return aws.Credentials{AccessKeyID: get("AWS_ACCESS_KEY_ID"), SecretAccessKey: get("AWS_SECRET_ACCESS_KEY"), SessionToken: get("AWS_SESSION_TOKEN")}, true
}

// sign signs a request with AWS's Signature Version 4. connect has checked the region and the keys.
func sign(r *http.Request, body []byte, claims relay.Claims) error {
	region, err := regionOf(claims)
	if err != nil {
		return err
	}
	keys, _ := keysOf(claims)
	hash := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(r.Context(), keys, r, hex.EncodeToString(hash[:]), "guardduty", region, time.Now())
}
