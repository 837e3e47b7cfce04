// Package client speaks to AbuseIPDB's API, version 2, as
// https://docs.abuseipdb.com describes it.
package client
