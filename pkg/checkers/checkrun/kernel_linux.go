package checkrun

import (
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// defaultNamespace is the network namespace of the machine itself.
const defaultNamespace = "/proc/1/ns/net"

// kernelNamespace is the network namespace whose IPVS is ours: that of
// net_namespace_ipvs, or "" for the one we are in.
func kernelNamespace(g *config.Global) string {
	switch {
	case g.NetNamespaceIPVS == nil:
		return ""
	case *g.NetNamespaceIPVS == "":
		return defaultNamespace
	}
	return *g.NetNamespaceIPVS
}

// openKernel is the OpenKernel of a real machine.
func openKernel(g *config.Global) (ipvs.Kernel, error) { return ipvs.Open(kernelNamespace(g)) }
