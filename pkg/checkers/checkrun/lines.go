package checkrun

// Lines of our own.
const (
	lineAwait = " - the virtual servers wait for it, everything else runs"
	lineMarks = "%v - firewall marks of nftables_ipvs do not lead to their virtual servers; the kernel needs nf_tables, we the capability NET_ADMIN"
	lineCame  = "IPVS is there now: starting the virtual servers"
)
