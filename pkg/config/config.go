package config

import "github.com/gokeepalived/gokeepalived/pkg/diag"

// Config is one whole configuration.
type Config struct {
	Global Global

	// Instances and the other lists are in file order; duplicates and
	// rejected blocks are not in them.
	Instances  []*VRRPInstance
	SyncGroups []*SyncGroup

	Scripts   []*TrackScript
	Files     []*TrackFile
	Processes []*TrackProcess
	BFD       []*BFDInstance

	StaticAddresses []*Address
	StaticRoutes    []*Route
	StaticRules     []*Rule
	TrackGroups     []*TrackGroup
	GARPGroups      []*GARPGroup
	LinkDelays      []*LinkDelay
	// LinkbeatInterfaces are polled instead of watched by netlink.
	LinkbeatInterfaces []*LinkbeatInterface

	VirtualServers      []*VirtualServer
	VirtualServerGroups []*VirtualServerGroup
	SSL                 *SSL

	// Rejected says that keepalived's VRRP process refuses the configuration
	// and the daemon ends with status 2: an instance without
	// virtual_router_id or interface, two with the same on one link, and the
	// like. What is left in Instances could be run all the same.
	Rejected bool
	// Unusable are the instances that are not in Instances because they lack
	// something: whoever mends them wants to know what else is wrong.
	Unusable []*VRRPInstance
}

// Block is what every block of the file remembers about itself.
type Block struct {
	// Range is the block's head line up to its closing brace.
	Range diag.Range
	// Head is the keyword and name alone.
	Head diag.Range
	// Set has the keywords that took effect in the block, in file order,
	// under their main name: an alias is not in it, nor is a line that was
	// refused.
	Set []Setting
}

// Setting is one line of a block that took effect.
type Setting struct {
	Keyword string
	Range   diag.Range
}

// Has reports whether keyword was written in the block and took effect.
func (b *Block) Has(keyword string) bool {
	for i := range b.Set {
		if b.Set[i].Keyword == keyword {
			return true
		}
	}
	return false
}

// At is the place of the last line of keyword in the block, or the block's
// head.
func (b *Block) At(keyword string) diag.Range {
	for i := len(b.Set) - 1; i >= 0; i-- {
		if b.Set[i].Keyword == keyword {
			return b.Set[i].Range
		}
	}
	return b.Head
}

// WantsVRRP reports whether the configuration gives the vrrp process
// something to do.
func (c *Config) WantsVRRP() bool {
	return len(c.Instances)+len(c.StaticAddresses)+len(c.StaticRoutes)+len(c.StaticRules) > 0
}

// WantsCheckers reports whether the checker process has something to do.
func (c *Config) WantsCheckers() bool {
	return len(c.VirtualServers)+len(c.VirtualServerGroups) > 0
}

// WantsBFD reports whether the bfd process has something to do.
func (c *Config) WantsBFD() bool { return len(c.BFD) > 0 }

// Instance finds a vrrp_instance by name, nil if there is none.
func (c *Config) Instance(name string) *VRRPInstance {
	for _, v := range c.Instances {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Group finds a virtual_server_group by name, nil if there is none.
func (c *Config) Group(name string) *VirtualServerGroup {
	for _, g := range c.VirtualServerGroups {
		if g.Name == name {
			return g
		}
	}
	return nil
}
