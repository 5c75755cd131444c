// Package preflighttest has a preflight.Machine made of maps, for tests.
package preflighttest

import (
	"errors"
	"net/netip"
	"path"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/script/scripttest"
)

// Machine is a host with just these interfaces, files and accounts.
type Machine struct {
	*scripttest.Machine
	Links []preflight.Interface
	// LinkError is what listing the interfaces fails with.
	LinkError error
	// Mounts are the file systems that are worth a name, by folder.
	Mounts map[string]string
	// Processors is how many CPUs are online.
	Processors int
	// Hosts are the names that can be looked up.
	Hosts map[string]bool
	// RoutingNames are those of iproute2's tables, whichever.
	RoutingNames map[string]bool
	// ReadOnly are folders mounted read-only.
	ReadOnly map[string]bool
}

// New returns a machine run by root that has lo, and eth0 with 10.1.1.2/24 and
// a link-local IPv6 address.
func New() *Machine {
	return &Machine{
		Machine: scripttest.New(),
		Links: []preflight.Interface{
			{Name: "lo", Loopback: true, Addresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}},
			{Name: "eth0", Multicast: true, Addresses: []netip.Prefix{netip.MustParsePrefix("10.1.1.2/24"), netip.MustParsePrefix("fe80::1/64")}},
		},
		Processors: 2, RoutingNames: map[string]bool{"main": true, "link": true, "static": true},
		Mounts: map[string]string{}, ReadOnly: map[string]bool{},
	}
}

// Interfaces implements preflight.Machine.
func (m *Machine) Interfaces() ([]preflight.Interface, error) { return m.Links, m.LinkError }

// RoutingName implements preflight.Machine.
func (m *Machine) RoutingName(_ *config.VRRPGlobal, _ iproute.Table, name string) bool {
	return m.RoutingNames[name]
}

// CPUs implements preflight.Machine.
func (m *Machine) CPUs() int { return m.Processors }

// LookupHost implements preflight.Machine.
func (m *Machine) LookupHost(name string) error {
	if m.Hosts[name] {
		return nil
	}
	return errors.New("no such host")
}

// FileSystem implements preflight.Machine.
func (m *Machine) FileSystem(name string) (string, bool, error) {
	if _, found := m.Files[name]; !found {
		return "", false, syscall.ENOENT
	}
	for dir := name; ; dir = path.Dir(dir) {
		if fs, found := m.Mounts[dir]; found {
			return fs, m.ReadOnly[dir], nil
		}
		if dir == "/" || dir == "." {
			return "", m.ReadOnly[dir], nil
		}
	}
}
