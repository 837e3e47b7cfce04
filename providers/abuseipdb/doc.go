// Package abuseipdb asks AbuseIPDB, a database of IP addresses that were
// reported for abuse, about addresses.
package abuseipdb
