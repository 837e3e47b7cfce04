package dynamo_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
)

// tables numbers the tables of a run.
var tables atomic.Int64

// table makes a table and returns its name. The test is skipped where there is
// no DynamoDB to make it in.
func table(t testing.TB) string {
	t.Helper()
	if os.Getenv("RELAY_DYNAMODB") == "" {
		t.Skip("RELAY_DYNAMODB is not the URL of a DynamoDB for tests: `npm test` starts one")
	}
	name := fmt.Sprintf("watchlist-%d-%d", os.Getpid(), tables.Add(1))
	client := dynamodb.NewFromConfig(*reach(nil))
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

// reach is how the DynamoDB for tests is reached, through a transport if there
// is one.
func reach(through http.RoundTripper) *aws.Config {
	config := &aws.Config{
		Region:       "eu-test-1",
		BaseEndpoint: aws.String(os.Getenv("RELAY_DYNAMODB")),
		Credentials: aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	}
	if through != nil {
		config.HTTPClient = &http.Client{Transport: through}
	}
	return config
}

// open opens a table.
func open(t testing.TB, name string, through http.RoundTripper) *dynamo.Store {
	t.Helper()
	store, err := dynamo.Open(dynamo.Options{Table: name, AWS: reach(through)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) watchlist.Store { return open(t, table(t), nil) })
}

var _ sync.Mutex
var _ time.Time
