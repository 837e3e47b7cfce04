// Package dynamo keeps a watchlist in one DynamoDB table, for a relay that runs
// in AWS: its functions share it, and an analyst's change is there at once.
//
// # The table
//
// Its keys are the texts pk and sk. It is paid for by request, and TTL is on
// for the attribute expires. Nothing but TTL may delete from it.
//
//	pk                   sk                       what
//	<kind>#<value>       entries                  a record: the entries under a key, JSON
//	count#<event>        <hour>#<lane>            counters, a number for each type and disposition
//	history              <ID of the line>         a line of the history, JSON
//	lane#<lane>          lane                     the batch that is being counted
//	batch#<ID>           batch                    what has become of a batch
//
// # Exactly once
//
// A change of entries also changes counters, and may leave a line in the
// history. These are other items, and processes die between any two requests.
// So records are written in batches, and each record says which batch wrote it
// last, under which ID, and what that batch has to count because of it. Its
// write is on condition that nobody else wrote the record since it was read.
//
//   - A batch of one record is committed by that write. A batch of several is
//     committed by an item with the sum of what there is to count, when all the
//     records are written.
//   - Then it is counted in a lane. The lane's head gets the next number, with
//     the batch. The counters of the lane take what is added to them only under
//     a greater number than the one before, so it may be sent by anybody as
//     often as one likes. When all counters have it, the line of the history or
//     an item with the batch's ID says for ever that the batch is counted.
//   - Only then may somebody give the lane's next number. Who wants to, and
//     finds that the batch before isn't counted yet, counts it first.
//   - Who changes a record looks up the batch that wrote it last. If that was
//     committed and isn't counted, it is counted first. If a batch of several
//     isn't committed, its writer gets some seconds for it; then it is aborted,
//     by an item with its ID, and what the record has to count goes into the
//     batch that the record is written by next. The writer, if it lives, finds
//     that its batch was aborted, and does the same with its other records.
//
// A record that nobody touches after its writer died may stay uncounted. An
// import that was cut off touches all of its records when it is run again.
// Entries are deleted by TTL, which leaves the counters: what has ended is not
// asked of them.
//
// # Requests
//
// Of a process that has just started, in a table that others use:
//
//	look up            1 BatchGetItem; 2 for an IPv6 address, whose networks are many
//	change             2 BatchGetItem, 3 PutItem, and an UpdateItem for each hour that counts
//	                   something else: 2 for an entry that joins, 1 for one that is removed;
//	                   2 BatchGetItem, 2 PutItem where there is nothing to count
//	put, remove        for 250 records 4 BatchGetItem, a PutItem for each that is changed,
//	                   3 more and an UpdateItem for each hour that counts something else
//	counts             a Query for each MB
//	history            a Query for each 100 lines
//	record             a PutItem for each line
//	all                a Scan for each MB
package dynamo
