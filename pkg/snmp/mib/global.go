package mib

import (
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

var (
	mailOID  = globalOID.Append(3)
	onOffAll = enum("on(1)", "off(2)", "unset(3)")
)

func global(number uint32, name string, s Syntax, doc string, read func(g *config.Global) Value) *Scalar {
	return &Scalar{Name: name, OID: globalOID.Append(number), Syntax: s, Doc: doc, Read: func(v *View) Value { return read(&v.Config.Global) }}
}

func mail(number uint32, name string, s Syntax, doc string, read func(g *config.Global) Value) *Scalar {
	o := global(number, name, s, doc, read)
	o.OID = mailOID.Append(number)
	return o
}

// alert is one of the three settings of smtp_alert.
func alert(b *bool) Value {
	if b == nil {
		return agentx.Integer(3)
	}
	return yes(*b)
}

var routerID = global(2, "routerId", displayString, "Name of this node: router_id.", func(g *config.Global) Value { return agentx.Text(g.RouterID) })

func globalNodes() []node {
	return []node{
		&Scalar{
			Name: "version", OID: globalOID.Append(1), Syntax: displayString, Doc: "Version of the daemon.",
			Read: func(v *View) Value { return agentx.Text(v.Version) },
		},
		routerID,
		mail(1, "smtpServerAddressType", inetType, "Type of smtpServerAddress.", func(g *config.Global) Value {
			if a, err := netip.ParseAddr(g.SMTP.Server); err == nil {
				return addressType(a)
			}
			if g.SMTP.Server != "" {
				return agentx.Integer(inetDNS)
			}
			return none
		}),
		mail(2, "smtpServerAddress", inetAddress, "Address or name of the mail server.", func(g *config.Global) Value {
			if a, err := netip.ParseAddr(g.SMTP.Server); err == nil {
				return address(a)
			}
			return text(g.SMTP.Server)
		}),
		mail(3, "smtpServerTimeout", unsigned32, "How long the mail server may take to connect and to reply, in seconds; 0 without a mail server.", func(g *config.Global) Value {
			if g.SMTP.Server == "" {
				return gauge(0)
			}
			return seconds(g.SMTP.ConnectTimeout)
		}),
		mail(4, "emailFrom", displayString, "Sender of mails.", func(g *config.Global) Value { return text(g.SMTP.From) }),
		&Table[string]{
			Name: "emailTable", OID: mailOID.Append(5), Doc: "Recipients of mails.", Index: []string{"emailIndex"},
			Rows: func(v *View) []Row[string] { return numbered(nil, v.Config.Global.SMTP.To) },
			Columns: []Column[string]{
				position[string](1, "emailIndex", "Position of the recipient."),
				{Number: 2, Name: "emailAddress", Syntax: displayString, Doc: "Address of the recipient.", Read: func(s *string) Value { return agentx.Text(*s) }},
			},
		},
		mail(6, "smtpServerPort", inetPort, "Port of the mail server; 0 without a mail server.", func(g *config.Global) Value {
			if g.SMTP.Server == "" {
				return gauge(0)
			}
			return gauge(g.SMTP.Port)
		}),
		mail(7, "smtpEmailFaults", onOff, "Whether mails are sent about faults.", func(g *config.Global) Value { return yes(!g.NoEmailFaults) }),
		mail(8, "smtpEmailSmtpAlert", onOffAll, "Default of smtp_alert.", func(g *config.Global) Value { return alert(g.SMTPAlert) }),
		mail(9, "smtpEmailSmtpAlertVrrp", onOffAll, "Default of smtp_alert in instances and sync groups.", func(g *config.Global) Value { return alert(g.SMTPAlertVRRP) }),
		mail(10, "smtpEmailSmtpAlertChecker", onOffAll, "Default of smtp_alert in virtual and real servers.", func(g *config.Global) Value { return alert(g.SMTPAlertChecker) }),
		global(4, "trapEnable", onOff, "Whether notifications are sent.", func(g *config.Global) Value { return yes(g.SNMP.Traps) }),
		global(5, "linkBeat", enum("netlink(1)", "polling(2)"), "How the links of interfaces are watched.", func(g *config.Global) Value { return yes(!g.LinkbeatPolling) }),
		global(6, "lvsFlush", onOff, "Whether the IPVS table is emptied at the start.", func(g *config.Global) Value { return yes(g.LVS.Flush) }),
		global(7, "ipvs64BitStats", truth, "Whether 64-bit counters of IPVS are there.", func(*config.Global) Value { return yes(true) }),
		global(8, "netNamespace", displayString, "Network namespace, empty for that of the system.", func(g *config.Global) Value { return agentx.Text(g.NetNamespace) }),
		global(9, "dbus", truth, "Whether D-Bus is served.", func(g *config.Global) Value { return yes(g.DBus.Enable) }),
		global(10, "dynamicInterfaces", truth, "Whether interfaces may come and go.", func(g *config.Global) Value { return yes(g.VRRP.DynamicInterfaces) }),
		global(11, "lvsFlushOnStop", enum("enabled(1)", "disabled(2)", "flushVS(3)"), "What is removed from the IPVS table at the end as a whole.", func(g *config.Global) Value {
			switch g.LVS.FlushOnStop {
			case config.FlushAll:
				return agentx.Integer(1)
			case config.FlushVS:
				return agentx.Integer(3)
			case config.FlushServers:
			}
			return agentx.Integer(2)
		}),
		global(12, "v3ChecksumAsV2", truth, "Whether VRRP version 3 checksums over IPv4 leave out the pseudo header.", func(g *config.Global) Value { return yes(g.VRRP.V3ChecksumAsV2) }),
	}
}
