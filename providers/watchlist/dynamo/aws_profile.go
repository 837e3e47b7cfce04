//go:build !lambda.norpc

package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// loadAWS reads region, endpoint and credentials as the AWS command line does: from
// the environment, from profiles, or by single sign-on.
func loadAWS(ctx context.Context, client config.HTTPClient) (aws.Config, error) {
	return config.LoadDefaultConfig(ctx, config.WithHTTPClient(client))
}
