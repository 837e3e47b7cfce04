// Package dynamotest makes tables for tests, in the DynamoDB that the environment
// names. scripts/test.mjs starts one.
package dynamotest

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// made is the number of tables that this process has made.
var made atomic.Int64

// endpoint returns the URL of the DynamoDB for tests, or "".
func endpoint() string { return os.Getenv("RELAY_DYNAMODB") }

// Table makes a table with the keys of a deployed one, and returns its name. Without a
// DynamoDB for tests it skips the test, or fails it in continuous integration.
func Table(t testing.TB) string {
	t.Helper()
	const missing = "RELAY_DYNAMODB is not the URL of a DynamoDB for tests; npm test starts one"
	switch {
	case endpoint() == "" && os.Getenv("CI") != "":
		t.Fatal(missing)
	case endpoint() == "":
		t.Skip(missing)
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
	ready := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = time.Millisecond })
	if err := ready.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return name
}

// Config returns the configuration for the DynamoDB for tests, which accepts any region
// and credentials.
func Config() aws.Config {
	return aws.Config{
		Region:       "eu-test-1",
		BaseEndpoint: aws.String(endpoint()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

// Environment returns the variables that a process needs to use a table.
func Environment(table string) []string {
	return []string{
		"WATCHLIST_STORE=dynamodb",
		"WATCHLIST_TABLE=" + table,
		"AWS_ENDPOINT_URL_DYNAMODB=" + endpoint(),
		"AWS_REGION=eu-test-1",
		"AWS_ACCESS_KEY_ID=test",
		"AWS_SECRET_ACCESS_KEY=test",
	}
}
