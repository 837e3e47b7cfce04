// Package dynamo stores a watchlist in one DynamoDB table. Several processes can
// use it at the same time, such as the functions of a relay in AWS.
//
// # The table
//
// Its keys are the texts pk and sk. It is billed per request, and TTL is on for the
// attribute expires. Only TTL and this package may delete from it.
//
//	pk              sk                   item
//	<kind>#<value>  entries              a record: the entries under a key, JSON
//	count#<event>   <day>#<shard>        counters: a number for each hour, type and disposition
//	history         <ID of the change>   a change, JSON
//
// # Writing
//
// A transaction writes a record, the counters that its change affects, and its line in
// the history, on condition that the record hasn't changed since it was read. So a
// process may end at any time, and a request that is retried because its response was
// lost has no effect.
//
// Of transactions that write the same item at the same time, all but one fail and are
// retried. Counters would make nearly all fail, so each counter is divided into several
// shards, whose sum is the count. A process uses a shard in one transaction at a time.
//
// TTL deletes entries that have ended. Their counters stay, but nothing reads counters
// of ends in the past.
//
// # Requests
//
//	look up            1 BatchGetItem for 100 keys: a domain has one for each of its labels
//	                   except the last, an IPv4 address 32, and an IPv6 address 128
//	change             1 BatchGetItem, and 1 TransactWriteItems unless nothing changes
//	put, remove        for 95 records 1 BatchGetItem, and 1 TransactWriteItems for those that change;
//	                   more if they end on more than a few days, or have more than 3.5 MB
//	counts             a Query for each MB
//	history            a Query for each 100 lines
//	record             a PutItem for each line
//	all                a Scan for each MB
//
// A transaction costs two write units for each item and KB. So a change that adds an
// entry with an end costs 8: for the record, the line, and the counters of two days,
// that of the addition and that of the end.
package dynamo
