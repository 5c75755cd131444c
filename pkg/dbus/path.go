package dbus

import (
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// rootPath is where all objects are, whatever the service is called.
const rootPath = "/org/keepalived/Vrrp1"

// base is the path of a daemon: the root, its network namespace, its instance
// name.
func base(g *config.Global) string {
	path := rootPath
	for _, part := range []string{g.NetNamespace, g.InstanceName} {
		if part != "" {
			path += "/" + element(part)
		}
	}
	return path
}

// processPath is the object of the process.
func processPath(g *config.Global) dbus.ObjectPath { return dbus.ObjectPath(base(g) + "/Vrrp") }

// instancePath is the object of an instance: configured interface, virtual
// router id and family.
func instancePath(g *config.Global, v *config.VRRPInstance) dbus.ObjectPath {
	name := v.Interface
	if name == "" {
		name = g.DBus.NoInterfaceName
	}
	return dbus.ObjectPath(strings.Join([]string{
		base(g), "Instance", element(name), strconv.Itoa(int(v.VirtualRouterID)), v.Family.String(),
	}, "/"))
}

// element is name with every byte that cannot be in a path as "_".
func element(name string) string {
	b := []byte(name)
	for i, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			b[i] = '_'
		}
	}
	return string(b)
}
