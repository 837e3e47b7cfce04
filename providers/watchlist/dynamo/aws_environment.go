//go:build lambda.norpc

package dynamo

import (
	"cmp"
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// loadAWS reads region, endpoint and credentials from the variables that Lambda sets.
// The SDK's package for that supports many more places, and would make each function a
// fifth larger.
func loadAWS(_ context.Context, client aws.HTTPClient) (aws.Config, error) {
	config := aws.Config{
		Region:     cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
		HTTPClient: client,
	}
	if endpoint := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"), os.Getenv("AWS_ENDPOINT_URL")); endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	config.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
			Source:          "environment",
		}, nil
	})
	return config, nil
}
