// Package dynamotest makes tables for tests. The environment names the DynamoDB
// that has them; scripts/test.mjs starts one for the time of a test.
package dynamotest

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What the DynamoDB for tests takes: anything.
const (
	region = "eu-test-1"
	id     = "test"
	secret = "test"
)

// made counts the tables of this process.
var made atomic.Int64

// endpoint is the URL of the DynamoDB for tests, if there is one.
func endpoint() string { return os.Getenv("RELAY_DYNAMODB") }

// Table makes a table as the deployment does, and returns its name. It skips
// the test where there is no DynamoDB for tests.
func Table(t testing.TB) string {
	t.Helper()
	if endpoint() == "" {
		t.Skip("RELAY_DYNAMODB is not the URL of a DynamoDB for tests; npm test starts one")
	}
	client := dynamodb.NewFromConfig(Config())
	name := fmt.Sprintf("watchlist-%d-%d", os.Getpid(), made.Add(1))
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for {
		about, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if about.Table.TableStatus == types.TableStatusActive {
			return name
		}
	}
}

// Config is how the DynamoDB for tests is reached.
func Config() aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(endpoint()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}, nil
		}),
	}
}

// Environment is what a process needs in its environment to use a table.
func Environment(table string) []string {
	return []string{
		"WATCHLIST_STORE=dynamodb",
		"WATCHLIST_TABLE=" + table,
		"AWS_ENDPOINT_URL_DYNAMODB=" + endpoint(),
		"AWS_REGION=" + region,
		"AWS_ACCESS_KEY_ID=" + id,
		"AWS_SECRET_ACCESS_KEY=" + secret,
	}
}
