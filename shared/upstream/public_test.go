package upstream_test

import (
	"net/netip"
	"testing"

	"github.com/serverless-relay/relay/shared/upstream"
)

func TestIsPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "192.0.2.1": true, "198.51.100.7": true, "203.0.113.9": true, "100.63.255.255": true, "100.128.0.0": true, "172.32.0.1": true, "223.255.255.255": true,
		"2606:4700:4700::1111": true, "2001:db8::1": true, "2001:4860:4860::8888": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true, "2002:808:808::1": true,

		"192.88.98.255": true, "192.88.100.0": true, "2001:200::1": true, "3fff::1": true, "2606::1:5efe:808:808": true, "2606::5eff:808:808": true, "2606::100:5efe:808:808": true, "2606::1:0:5efe:808:808": false,
		// The IPv4 address of 6to4 is in bytes 2 to 5. Private addresses in other bytes don't matter.
		"2002:80a:808::": true, "2002:a08:808::": false, "2002:808:80a:808::": true, "2002:8:808:808::": false,

		"192.88.99.0": false, "192.88.99.255": false, "2001:2::1": false, "2001:10::1": false, "2001:1f:ffff::": false, "2001:20::1": false, "2001:2f:ffff::": false, "2001:1ff::1": false,
		"2606::5efe:808:808": false, "2606::200:5efe:808:808": false, "2606::5efe:7f00:1": false, "2002:808:808::5efe:7f00:1": false,
		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "100.64.0.1": false, "100.127.255.255": false, "127.0.0.1": false, "127.255.0.1": false, "169.254.169.254": false,
		"172.16.0.1": false, "172.31.255.255": false, "192.0.0.8": false, "192.168.0.1": false, "198.18.0.1": false, "198.19.255.255": false, "224.0.0.1": false, "239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::7f00:1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "fc00::1": false, "fd00:ec2::254": false, "fe80::1": false, "febf::1": false, "fec0::1": false, "ff02::1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::808:808": false, "2002:7f00:1::1": false, "2002:a00:1::": false, "2001:0:808:808::1": false, "100::1": false, "4000::1": false,
		"2606:4700:4700::1111%eth0": false,
	} {
		if got := upstream.IsPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
	if upstream.IsPublic(netip.Addr{}) {
		t.Error("no address is public")
	}
}
