// Package platform speaks to the API of Cisco XDR with which modules are
// registered: it gets tokens, lists modules and their types, and makes changes
// to them.
//
// Facts are from the API's published description (IROH INT, 1.0.107) and the
// pages on authentication and rate limits at developer.cisco.com/docs/cisco-xdr.
package platform
