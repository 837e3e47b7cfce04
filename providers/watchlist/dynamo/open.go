package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// Options say which table is used, and how.
type Options struct {
	// Table is the table's name.
	Table string
	// ReadOnly refuses every change.
	ReadOnly bool
	// AWS is how AWS is reached: region, credentials, endpoint. Where it is nil,
	// the environment says it; outside of a Lambda so do the files and the
	// sign-in that the AWS command line uses.
	AWS *aws.Config
}

// Store is a watchlist in a DynamoDB table.
type Store struct {
	client   *dynamodb.Client
	http     aws.HTTPClient
	table    string
	region   string
	readOnly bool

	outcomes outcomes
	// lanes are those that no batch of this process is using.
	lanes chan int
	// writes has room for the writes of entries that are under way.
	writes chan struct{}
	// patience is how long the writer of a batch gets to commit it.
	patience time.Duration
}

var _ watchlist.Store = (*Store)(nil)

// Open makes a store of a table. It doesn't ask AWS for anything, so that a
// table that is not there shows at the first use.
func Open(o Options) (*Store, error) {
	client := newHTTPClient()
	if o.AWS == nil {
		loaded, err := loadAWS(context.Background(), client)
		if err != nil {
			return nil, fmt.Errorf("DynamoDB table %s: %w: read how to reach AWS: %w", o.Table, watchlist.ErrDenied, err)
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
		client:   dynamodb.NewFromConfig(config, retrying),
		http:     config.HTTPClient,
		table:    o.Table,
		region:   config.Region,
		readOnly: o.ReadOnly,
		lanes:    make(chan int, laneCount),
		writes:   make(chan struct{}, maxWrites),
		patience: patience,
	}
	for _, lane := range rand.Perm(laneCount) { // processes that do one thing and end shall not all use the same
		s.lanes <- lane
	}
	return s, nil
}

// Close implements watchlist.Store.
func (s *Store) Close() error {
	if idle, ok := s.http.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
	return nil
}
