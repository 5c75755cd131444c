package vrrprun

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// complaint is the line for an action that failed: the reason, for netlink in
// keepalived's words, then what was to be done for whom, what the kernel
// says about it, and what helps.
func complaint(action vrrp.Action, err error) string {
	text := err.Error()
	if what := purpose(action); what != "" {
		text += " - " + what
	}
	var refused *netif.Error
	if errors.As(err, &refused) && refused.Detail != "" {
		text += ": " + strings.TrimSuffix(refused.Detail, ".")
	}
	return withRemedy(text, err)
}

// purpose is what an action is about, for log lines.
func purpose(action vrrp.Action) string {
	switch a := action.(type) {
	case vrrp.AddAddress:
		return owner(a.Instance) + "address " + a.Address.Prefix.String() + " not added to " + a.Interface
	case vrrp.RemoveAddress:
		return owner(a.Instance) + "address " + a.Address.Prefix.String() + " not removed from " + a.Interface
	case vrrp.AddRoute:
		return owner(a.Instance) + "route " + strings.Join(a.Route.Words, " ") + " not added"
	case vrrp.RemoveRoute:
		return owner(a.Instance) + "route " + strings.Join(a.Route.Words, " ") + " not removed"
	case vrrp.AddRule:
		return owner(a.Instance) + "rule " + strings.Join(a.Rule.Words, " ") + " not added"
	case vrrp.RemoveRule:
		return owner(a.Instance) + "rule " + strings.Join(a.Rule.Words, " ") + " not removed"
	case vrrp.DropTraffic:
		return owner(a.Instance) + "traffic to addresses that it must not accept is not dropped"
	case vrrp.EnsureVMAC:
		return owner(a.Instance) + "interface " + a.Name + " not made on " + a.Base
	case vrrp.RemoveVMAC:
		return "interface " + a.Name + " not removed"
	case vrrp.PromoteSecondaries:
		return "promote_secondaries of interface " + a.Interface + " not set"
	case vrrp.OpenSocket:
		return "socket for " + a.Spec.Family.String() + " on " + socketPlace(a.Spec)
	}
	return ""
}

// owner names the instance; static addresses, routes and rules have none.
func owner(instance string) string {
	if instance == "" {
		return "static "
	}
	return "(" + instance + ") "
}

func socketPlace(s vrrp.SocketSpec) string {
	switch {
	case s.Interface != "":
		return "interface " + s.Interface
	case s.Local.IsValid():
		return "address " + s.Local.String()
	}
	return "any interface"
}

// remedies are for the errors that an operator can do something about.
var remedies = [...]struct {
	errno unix.Errno
	what  string
}{
	{unix.EPERM, "run as root, or with the capabilities NET_ADMIN and NET_RAW"},
	{unix.EACCES, "run as root, or with the capabilities NET_ADMIN and NET_RAW; net.ipv6.conf.*.disable_ipv6 must be 0 for IPv6 addresses"},
	{unix.EROFS, "/proc/sys must be writable for us, which a container may forbid"},
	{unix.ENETUNREACH, "a gateway must be in a network of this machine"},
	{unix.EHOSTUNREACH, "a gateway must be in a network of this machine"},
	{unix.EOPNOTSUPP, "this kernel was built without that"},
	{unix.ENFILE, "too many open files: raise fs.file-max"},
	{unix.EMFILE, "too many open files: raise LimitNOFILE of the service"},
	{unix.ENOBUFS, "raise net.core.wmem_max, or send less at a time (vrrp_garp_interval)"},
	{unix.ENODEV, "it is tried again when the interface is there"},
	{unix.EEXIST, "somebody else has made one like it"},
}

func withRemedy(text string, err error) string {
	for _, r := range remedies {
		if errors.Is(err, r.errno) {
			return text + " - " + r.what
		}
	}
	return text
}
