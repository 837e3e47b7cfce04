// Package ssm reads secrets from the Parameter Store of AWS Systems Manager. It signs
// one plain request, because the SDK's client would make each function larger and
// slower to start.
package ssm

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	// attempts is the maximum number of attempts. Many functions that start together
	// may exceed the rate that Systems Manager allows.
	attempts = 4
	// attemptTimeout bounds one attempt. Lambda gives a function 10 seconds to start.
	attemptTimeout = 2 * time.Second
	// firstPause is the longest pause before the second attempt. It doubles with each
	// further one.
	firstPause = 200 * time.Millisecond
	// maxResponse is the size of the largest response that is read, in bytes. A
	// parameter has at most 8 KB.
	maxResponse = 64 << 10
)

// Parameter returns the value of a parameter, decrypted. name may end in a version or
// a label, such as /serverless-relay/dev/SECRET_KEY:2. The region, the credentials and
// an endpoint other than AWS's come from the variables that Lambda and the SDKs use.
// The error names the parameter and never contains a value.
func Parameter(ctx context.Context, name string) (string, error) {
	body, _ := json.Marshal(map[string]any{"Name": name, "WithDecryption": true}) // can't fail
	for attempt := 1; ; attempt++ {
		value, retry, err := get(ctx, body)
		if err == nil {
			return value, nil
		}
		if !retry || attempt == attempts {
			return "", fmt.Errorf("ssm: parameter %s: %w", name, err)
		}
		select {
		case <-time.After(rand.N(firstPause << (attempt - 1))):
		case <-ctx.Done():
			return "", fmt.Errorf("ssm: parameter %s: %w", name, ctx.Err())
		}
	}
}

// get sends one request. retry reports whether the error is transient.
func get(ctx context.Context, body []byte) (value string, retry bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := newRequest(ctx, body)
	if err != nil {
		return "", false, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", true, fmt.Errorf("call Systems Manager: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return "", true, fmt.Errorf("read the response: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		problem := refusal(raw)
		return "", resp.StatusCode >= 500 || strings.Contains(problem, "Throttling"), fmt.Errorf("status %d %s", resp.StatusCode, problem)
	}
	var response struct{ Parameter struct{ Value string } }
	if json.Unmarshal(raw, &response) != nil || response.Parameter.Value == "" {
		return "", false, errors.New("the response has no value")
	}
	return response.Parameter.Value, false, nil
}

// refusal returns the type of an error, such as ParameterNotFound, and the message.
func refusal(raw []byte) string {
	var problem struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if json.Unmarshal(raw, &problem) != nil {
		return ""
	}
	_, name, found := strings.Cut(problem.Type, "#")
	if !found {
		name = problem.Type
	}
	return strings.TrimSpace(name + " " + problem.Message)
}

// newRequest returns a signed request for GetParameter.
func newRequest(ctx context.Context, body []byte) (*http.Request, error) {
	region := cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	credentials := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
	}
	if region == "" || !credentials.HasKeys() {
		return nil, errors.New("AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set")
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain += ".cn"
	}
	endpoint := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_SSM"), os.Getenv("AWS_ENDPOINT_URL"), "https://ssm."+region+"."+domain)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(endpoint, "/")+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	hash := sha256.Sum256(body)
	return req, v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(hash[:]), "ssm", region, time.Now())
}
