package iproute

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// fixedNames knows one name in each table.
type fixedNames struct{}

func (fixedNames) Number(table Table, name string) (uint32, bool) {
	known := map[Table]map[string]uint32{
		Tables:    {"wan": 1000},
		Protocols: {"bgp": 186},
		Scopes:    {"link": 253},
		DSFields:  {"EF": 0xb8},
		Realms:    {"home": 7},
		Groups:    {"uplinks": 12},
	}
	n, ok := known[table][name]
	return n, ok
}

func ptr[T any](v T) *T { return &v }

func pfx(s string) netip.Prefix { return netip.MustParsePrefix(s) }
func ip(s string) netip.Addr    { return netip.MustParseAddr(s) }

func TestParseRoute(t *testing.T) {
	for _, c := range []struct {
		line string
		want Route
	}{
		{"10.1.0.0/24 dev eth0", Route{Destination: pfx("10.1.0.0/24"), Hop: NextHop{Dev: "eth0"}}},
		{"10.1.0.5 via 10.0.0.1", Route{Destination: pfx("10.1.0.5/32"), Hop: NextHop{Via: ip("10.0.0.1")}}},
		{"default via 10.0.0.1", Route{Destination: pfx("0.0.0.0/0"), Hop: NextHop{Via: ip("10.0.0.1")}}},
		{"default via fd00::1", Route{Family: config.IPv6, Destination: pfx("::/0"), Hop: NextHop{Via: ip("fd00::1")}}},
		{"default6 dev eth0", Route{Family: config.IPv6, Destination: pfx("::/0"), Hop: NextHop{Dev: "eth0"}}},
		{"any dev eth0 inet6", Route{Family: config.IPv6, Destination: pfx("::/0"), Hop: NextHop{Dev: "eth0"}}},
		{"unreachable to 10.0.0.0/8", Route{}},
		{"prohibit 10.0.0.0/8 table wan protocol bgp scope link tos EF",
			Route{Type: 8, Destination: pfx("10.0.0.0/8"), Table: 1000, Protocol: 186, Scope: 253, TOS: 0xb8}},
		{"all via 10.0.0.1 realms 3/home metric 0 vrf red append",
			Route{Destination: pfx("0.0.0.0/0"), Hop: NextHop{Via: ip("10.0.0.1"), Realms: 3<<16 | 7}, Metric: ptr(uint32(0)), VRF: "red", Order: Append}},
		{"10.0.0.0/8 via 10.0.0.1 mtu 1400 mtu lock 1300 rtt 1600 rttvar 0.1ms rto_min lock 1sec",
			Route{Destination: pfx("10.0.0.0/8"), Hop: NextHop{Via: ip("10.0.0.1")},
				Metrics: []Metric{{MetricMTU, 1300, true}, {MetricRTT, 1600, false}, {MetricRTTVar, 800, false}, {MetricRTOMin, 1000, true}}}},
		{"10.0.0.0/8 dev eth0 or 10.0.0.2 via 10.0.0.1",
			Route{Destination: pfx("10.0.0.0/8"), NextHops: []NextHop{
				{Via: ip("10.0.0.1"), Dev: "eth0", Weight: 1}, {Via: ip("10.0.0.2"), Dev: "eth0", Weight: 1}}}},
		{"10.0.0.0/8 encap mpls 100/200 via 10.0.0.1",
			Route{Destination: pfx("10.0.0.0/8"), Hop: NextHop{Via: ip("10.0.0.1"), Encap: &Encap{Kind: EncapMPLS, Labels: []uint32{100, 200}}}}},
		{"fd00::/64 encap ila 1:2:3:ff dev eth0",
			Route{Family: config.IPv6, Destination: pfx("fd00::/64"), Hop: NextHop{Dev: "eth0", Encap: &Encap{Kind: EncapILA, Locator: 0x0001_0002_0003_00ff}}}},
		{"10.0.0.0/8 encap ip dst 10.0.0.9 src 10.0.0.8 tos EF ttl 9 flags 1 id 0 dev eth0",
			Route{Destination: pfx("10.0.0.0/8"), Hop: NextHop{Dev: "eth0", Encap: &Encap{Kind: EncapIP, ID: ptr(uint64(0)),
				Source: ip("10.0.0.8"), Destination: ip("10.0.0.9"), TOS: ptr(uint8(0xb8)), TTL: ptr(uint8(9)), Flags: ptr(uint16(1))}}}},
		{"fd00::/64 dev eth0 pref low expires 9 ttl-propagate enabled congctl bbr",
			Route{Family: config.IPv6, Destination: pfx("fd00::/64"), Hop: NextHop{Dev: "eth0"}, Preference: ptr(uint8(3)),
				Expires: ptr(uint32(9)), TTLPropagate: ptr(true), CongestionControl: "bbr"}},
		{"10.0.0.0/8 nexthop via 10.0.0.1 weight 256 nexthop dev eth1 onlink",
			Route{Destination: pfx("10.0.0.0/8"), NextHops: []NextHop{{Via: ip("10.0.0.1"), Weight: 256}, {Dev: "eth1", OnLink: true, Weight: 1}}}},
	} {
		if c.line == "unreachable to 10.0.0.0/8" {
			// The type stands directly in front of the destination.
			if _, err := ParseRoute(strings.Fields(c.line), fixedNames{}); err == nil {
				t.Errorf("%s: accepted", c.line)
			}
			continue
		}
		if c.want.Family == config.FamilyNone {
			c.want.Family = config.IPv4
		}
		if c.want.Type == 0 {
			c.want.Type = TypeUnicast
		}
		if c.want.Protocol == 0 {
			c.want.Protocol = ProtocolKeepalived
		}
		got, err := ParseRoute(strings.Fields(c.line), fixedNames{})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", c.line, got, err, c.want)
		}
	}
}

func TestParseRouteRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"":                                            "without a destination",
		"dev eth0":                                    "without a destination",
		"nonsense":                                    `"nonsense" is not an address`,
		"10.0.0.0/33":                                 "0 to 32",
		"10.0.0.0/8 via":                              "via: value missing",
		"10.0.0.0/8 via fd00::1":                      "IPv6 in an IPv4 line",
		"10.0.0.0/8 via inet6 10.0.0.1":               "is not IPv6",
		"10.0.0.0/8 from 10.0.0.0/8":                  "only IPv6",
		"10.0.0.0/8 expires 5":                        "IPv6 in an IPv4 line",
		"fd00::/64 realms 3":                          "IPv4 in an IPv6 line",
		"10.0.0.0/8 table nosuch":                     `"nosuch" is neither`,
		"10.0.0.0/8 tos 256":                          `"256" is neither`,
		"10.0.0.0/8 mtu x":                            "mtu",
		"10.0.0.0/8 hoplimit 256":                     "hoplimit",
		"10.0.0.0/8 rtt 121s":                         "between",
		"10.0.0.0/8 rtt 1e1s":                         "not a time",
		"10.0.0.0/8 rtt 5mm":                          "unit",
		"10.0.0.0/8 nexthop weight 0":                 "1 to 256",
		"10.0.0.0/8 nexthop via 10.0.0.1 mtu":         `unknown option "mtu"`,
		"10.0.0.0/8 or 10.0.0.1 nexthop via 10.0.0.1": "together",
		"10.0.0.0/8 encap gre":                        "unknown type",
		"10.0.0.0/8 encap ip ttl 5":                   "neither id nor dst",
		"10.0.0.0/8 encap ip dst fd00::1":             "is not IPv4",
		"10.0.0.0/8 encap mpls 1048576":               "0 to 1048575",
		"10.0.0.0/8 encap ila 1:2:3":                  "four groups",
		"10.0.0.0/8 encap ila 1:2:3:10000":            "16 bit",
	} {
		if _, err := ParseRoute(strings.Fields(line), fixedNames{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", line, err, want)
		}
	}
}

func TestParseRule(t *testing.T) {
	got, err := ParseRule(strings.Fields("not from 10.1.0.0/24 to any fwmark 0x5/0xff iif eth0 oif eth1 tos EF ipproto vrrp "+
		"sport 1-2 dport 3-4 uidrange 5-6 tunnel-id 7 suppress_ifgroup uplinks sup_pl 8 realms home lookup wan order 0x10 protocol 99"), fixedNames{})
	want := Rule{
		Family: config.IPv4, From: pfx("10.1.0.0/24"), Not: true, TOS: 0xb8, Mark: ptr(uint32(5)), MarkMask: ptr(uint32(0xff)),
		Input: "eth0", Output: "eth1", TunnelID: ptr(uint64(7)), UIDs: &Range32{5, 6}, IPProtocol: 112,
		SourcePort: &Range16{1, 2}, DestinationPort: &Range16{3, 4}, Action: RuleTable, Table: 1000, Realms: 7,
		SuppressPrefixLength: ptr(uint32(8)), SuppressGroup: ptr(uint32(12)), Priority: ptr(uint32(16)), Protocol: 99,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v, %v\nwant %+v", got, err, want)
	}
	for line, want := range map[string]string{
		"from 10.0.0.0/8":                           "without an action",
		"table 0":                                   "table 0",
		"table 5 blackhole":                         "second action",
		"goto 5":                                    "needs a preference",
		"goto 5 preference 5":                       "not above",
		"from 10.0.0.0/8 to fd00::/8 table 5":       "IPv6 in an IPv4 line",
		"inet6 realms 3 table 5":                    "IPv4 in an IPv6 line",
		"blackhole suppress_prefixlength 3":         "need a table",
		"sport 80 table 5":                          "FIRST-LAST",
		"sport 90-80 table 5":                       "FIRST-LAST",
		"fwmark 1/x table 5":                        "fwmark",
		"ipproto nosuch table 5":                    "ipproto",
		"type unicast":                              `unknown option "unicast"`,
		"ip_proto tcp table 5":                      `unknown option "ip_proto"`,
		"from 10.0.0.0/8 table":                     "value missing",
		"suppress_prefixlength 2147483648 table 70": "0 to 2147483647",
	} {
		if _, err := ParseRule(strings.Fields(line), fixedNames{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", line, err, want)
		}
	}
}

// Whatever the words, the reader neither panics nor returns a route that
// cannot be encoded.
func FuzzParse(f *testing.F) {
	f.Add("10.0.0.0/8 via 10.0.0.1 dev eth0 encap ip id 5")
	f.Add("fd00::/64 nexthop via fd00::1 weight 3 nexthop dev eth0")
	f.Add("not from 10.1.0.0/24 fwmark 1/2 table 5 preference 3")
	f.Fuzz(func(t *testing.T, line string) {
		if r, err := ParseRoute(strings.Fields(line), fixedNames{}); err == nil {
			if !r.Destination.IsValid() || config.FamilyOf(r.Destination.Addr()) != r.Family {
				t.Errorf("%q: destination %v of %v", line, r.Destination, r.Family)
			}
			for _, m := range r.Metrics {
				if m.Number >= 32 {
					t.Errorf("%q: metric %d", line, m.Number)
				}
			}
		}
		if r, err := ParseRule(strings.Fields(line), fixedNames{}); err == nil && r.Action == 0 {
			t.Errorf("%q: no action", line)
		}
	})
}
