// Package platform is a client of Cisco XDR's API for modules and their types.
//
// It follows the API's published description (IROH INT, 1.0.107) and the pages on
// authentication and rate limits at developer.cisco.com/docs/cisco-xdr.
package platform
