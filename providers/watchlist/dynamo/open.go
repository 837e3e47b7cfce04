package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// Options configure Open.
type Options struct {
	// Table is the table's name.
	Table string
	// ReadOnly refuses changes.
	ReadOnly bool
	// AWS has the region, credentials and endpoint. If it is nil, they are read from the
	// environment and, except in a Lambda, from the files of the AWS command line.
	AWS *aws.Config
}

// Store is a watchlist in a DynamoDB table. If Put or Remove fails, it has stored the
// changes under some of the keys.
type Store struct {
	entry.Editor
	client   *dynamodb.Client
	http     aws.HTTPClient
	table    string
	region   string
	readOnly bool

	// shards are the shards that no transaction of this process is using.
	shards chan int
}

var _ entry.Store = (*Store)(nil)

// Open returns a store in a table. In a Lambda it makes a request, and waits for at most
// a second. Elsewhere it makes none, so the first call reports a table that doesn't exist.
func Open(o Options) (*Store, error) {
	client := newHTTPClient()
	if o.AWS == nil {
		loaded, err := loadAWS(context.Background(), client)
		if err != nil {
			return nil, fmt.Errorf("DynamoDB table %s: %w: read the AWS configuration: %w", o.Table, entry.ErrDenied, err)
		}
		o.AWS = &loaded
	}
	if o.AWS.Region == "" {
		return nil, fmt.Errorf("DynamoDB table %s: setting AWS_REGION is missing: it names the region that the table is in", o.Table)
	}
	config := o.AWS.Copy()
	if config.HTTPClient == nil {
		config.HTTPClient = client
	}
	config.Credentials = credentials{config.Credentials}
	s := &Store{
		http:     config.HTTPClient,
		table:    o.Table,
		region:   config.Region,
		readOnly: o.ReadOnly,
		shards:   make(chan int, shardCount),
	}
	s.Editor = entry.Editor{KeyEditor: s}
	config.HTTPClient = counted{s.http}
	s.client = dynamodb.NewFromConfig(config, retrying)
	for _, shard := range rand.Perm(shardCount) { // in random order, for processes that use one and end
		s.shards <- shard
	}
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		// The first request then finds an open connection. A Lambda has a whole CPU while
		// it starts. Later it has a part of one, with which TLS takes long.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, _ = s.Get(ctx, []entry.Key{{Kind: entry.KindDomain, Value: "warm.example"}}) // requests report the error
	}
	return s, nil
}

// Close implements entry.Store.
func (s *Store) Close() error {
	if idle, ok := s.http.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
	return nil
}
