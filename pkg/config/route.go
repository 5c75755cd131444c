package config

// Route is one line of virtual_routes or static_routes.
//
// Words holds the options as ip-route(8) spells them; they are checked when
// the file is read and turned into a netlink message by netif.
type Route struct {
	Block
	Words      []string
	NoTrack    bool
	TrackGroup string
}

// Rule is one line of virtual_rules or static_rules, see Route.
type Rule struct {
	Block
	Words      []string
	NoTrack    bool
	TrackGroup string
}
