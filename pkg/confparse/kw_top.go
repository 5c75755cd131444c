package confparse

import (
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// drafts are the blocks of a file while it is read, with what resolve needs
// besides the settings themselves.
type drafts struct {
	cfg    *config.Config
	global globalDraft

	instances []*instanceDraft
	groups    []*groupDraft
	scripts   []*scriptDraft
	processes []*config.TrackProcess
	files     []*config.TrackFile
	bfd       []*bfdDraft

	servers      []*serverDraft
	serverGroups []*config.VirtualServerGroup

	// supplementaryGroups is set_supplementary_groups so far.
	supplementaryGroups bool
}

// root is a keyword of the top level with the passes that act on it.
func root(passes Process, k Keyword[drafts]) Keyword[drafts] {
	return &rootKeyword{Keyword: k, passes: passes, block: strings.HasSuffix(k.Spec().Args, "{block}")}
}

type rootKeyword struct {
	Keyword[drafts]
	passes Process
	block  bool
}

// decode skips blocks that belong to another process, and ignores its other
// keywords.
func (k *rootKeyword) decode(d *decoder, t *drafts, s *Line) bool {
	if d.pass != k.passes {
		d.skip, d.headless = true, k.block
		return false
	}
	return k.Keyword.decode(d, t, s)
}

var topLevel = newTable([]Keyword[drafts]{
	root(ProcGlobal, Flag("linkbeat_use_polling", func(r *drafts) *bool { return &r.cfg.Global.LinkbeatPolling }, true, Meta{
		Process: ProcVRRP,
		Doc:     "Poll the link state (MII, ethtool, ioctl) of all interfaces that VRRP uses, instead of listening to netlink.",
	})),
	root(ProcGlobal, FirstText("net_namespace", "<NAME>", func(r *drafts) *string { return &r.cfg.Global.NetNamespace },
		"Duplicate net_namespace definition %v - ignoring", Meta{
			Process: ProcGlobal, Reload: ReloadRestart, Default: "current namespace",
			Missing: "net_namespace name missing - ignoring",
			Doc:     "Run all processes in this network namespace; implies use_pid_dir.",
		})),
	root(ProcGlobal, Custom("net_namespace_ipvs", "[<NAME>]", Meta{
		Process: ProcChecker, Repeat: RepeatFirst, Reload: ReloadRestart,
		Default: "same as net_namespace", Bare: "default namespace",
		Doc: "Put the IPVS configuration in another namespace than the rest.",
	}, readIPVSNamespace)),
	root(ProcGlobal, Flag[drafts]("namespace_with_ipsets", nil, true, Meta{
		Process: ProcVRRP, Status: StatusNoEffect,
		Doc: "Allow ipsets in a namespace on kernels before 3.13.",
	})),
	root(ProcGlobal, Flag("use_pid_dir", func(r *drafts) *bool { return &r.cfg.Global.UsePIDDir }, true, Meta{
		Process: ProcGlobal, Reload: ReloadStart,
		Doc: "Put pid files in the keepalived run directory.",
	})),
	root(ProcGlobal, FirstText("instance", "<NAME>", func(r *drafts) *string { return &r.cfg.Global.InstanceName },
		"Duplicate instance definition %v - ignoring", Meta{
			Process: ProcGlobal, Reload: ReloadRestart, Default: "none",
			Missing: "instance name missing - ignoring",
			Doc:     "Name of this daemon among several, used in pid file names and the log; implies use_pid_dir.",
		})),
	root(ProcGlobal, Span("child_wait_time", func(r *drafts) *time.Duration { return &r.cfg.Global.ChildWaitTime }, within(0, 1<<32-1), time.Second, Meta{
		Process: ProcGlobal, Default: "5", Bad: "Invalid child_wait_time %v",
		Doc: "How long the parent waits for its children at shutdown.",
	})),

	root(ProcGlobal, Block("global_defs", "", globalDefs, Meta{
		Process: ProcGlobal, Repeat: RepeatMerge,
		Doc: "Settings of the whole daemon, and defaults of the other blocks.",
	}, func(g *globalDraft) *config.Block { return &g.Block }, openGlobal, nil)),

	root(ProcVRRP, Block("track_group", "<NAME>", trackGroup, Meta{
		Process: ProcVRRP, Repeat: RepeatList, Range: "exactly one name", OnBad: "the block is dropped",
		Doc: "A set of instances that watch static addresses, routes or rules.",
	}, func(g *config.TrackGroup) *config.Block { return &g.Block }, openTrackGroup, closeTrackGroup)),
	root(ProcVRRP, staticAddresses), root(ProcVRRP, staticRoutes), root(ProcVRRP, staticRules),
	root(ProcVRRP, Block("vrrp_sync_group", "<NAME>", syncGroup, Meta{
		Process: ProcVRRP, Repeat: RepeatList, Range: "exactly one name", OnBad: "the block is dropped",
		Doc: "Instances that change state together.",
	}, func(g *groupDraft) *config.Block { return &g.Block }, openSyncGroup, closeSyncGroup)),
	root(ProcVRRP, Block("garp_group", "", garpGroup, Meta{
		Process: ProcVRRP, Repeat: RepeatList, Range: "no name", OnBad: "the block is dropped",
		Doc: "Pacing of gratuitous ARP and neighbour advertisements on a set of interfaces.",
	}, func(g *config.GARPGroup) *config.Block { return &g.Block }, openGARPGroup, closeGARPGroup)),
	root(ProcVRRP, linkbeatInterfaces),
	root(ProcVRRP, Block("vrrp_instance", "<NAME>", vrrpInstance, Meta{
		Process: ProcVRRP, Repeat: RepeatList, Range: "exactly one name", OnBad: "the block is dropped",
		Doc: "One virtual router.", Ref: "RFC 5798",
	}, func(v *instanceDraft) *config.Block { return &v.Block }, openInstance, closeInstance)),
	root(ProcVRRP, Block("vrrp_script", "<NAME>", vrrpScript, Meta{
		Process: ProcVRRP, Repeat: RepeatList, OnBad: "the block is dropped",
		Doc: "A command that is run periodically and whose exit status counts.",
	}, func(s *scriptDraft) *config.Block { return &s.Block }, openScript, closeScript)),
	root(ProcVRRP, Block("vrrp_track_process", "<NAME>", trackProcess, Meta{
		Process: ProcVRRP, Repeat: RepeatList, OnBad: "the block is dropped",
		Doc: "Watches running processes through the kernel's process connector.",
	}, func(p *config.TrackProcess) *config.Block { return &p.Block }, openProcess, closeProcess)),
	root(ProcVRRP, linkDelays),
	root(ProcChecker, trackFileBlock("track_file", Meta{})),
	root(ProcChecker, trackFileBlock("vrrp_track_file", Meta{
		Alias: "track_file", Deprecated: "vrrp_track_file is deprecated. Use track_file instead", LogOnly: true,
	})),
	root(ProcChecker, Block("bfd_instance", "<NAME>", bfdInstance, Meta{
		Process: ProcBFD | ProcVRRP | ProcChecker, Repeat: RepeatList, Range: "name 1-31 characters", OnBad: "the block is dropped",
		Doc: "One BFD session.", Ref: "RFC 5880",
	}, func(b *bfdDraft) *config.Block { return &b.Block }, openBFD, closeBFD)),
	root(ProcChecker, Block("SSL", "", sslBlock, Meta{
		Process: ProcChecker, Default: "automatic context",
		Doc: "Client certificate and authorities for SSL_GET.",
	}, func(s *config.SSL) *config.Block { return &s.Block }, openSSL, nil)),
	root(ProcChecker, serverGroupBlock),
	root(ProcChecker, Block("virtual_server", "<IP> [<PORT>]", virtualServer, Meta{
		Process: ProcChecker, Repeat: RepeatList, OnBad: "the block is dropped",
		Args:  "<IP> [<PORT>] {block} or fwmark <N> {block} or group <NAME> {block}",
		Range: "port 1-65535 (0 = none); fwmark 0-4294967295",
		Doc:   "One IPVS service.",
	}, func(v *serverDraft) *config.Block { return &v.Block }, openServer, closeServer)),
})

func readIPVSNamespace(d *decoder, r *drafts, s *Line) bool {
	name := ""
	if len(s.Words) > 1 {
		name = s.Words[1].Text
	}
	if r.cfg.Global.NetNamespaceIPVS != nil {
		if name == "" {
			// The message would name the second word.
			d.missingAt(s, 2, "")
			return false
		}
		return d.duplicate(s.Words[1], "Duplicate net_namespace_ipvs definition %v - ignoring")
	}
	r.cfg.Global.NetNamespaceIPVS = &name
	return true
}

// oneName is the name of a block that must have exactly one.
func (d *decoder) oneName(s *Line, none, more string) (string, bool) {
	switch {
	case len(s.Words) < 2:
		d.complain(s, codeMissing, none, "the block is skipped", "write: "+s.Keyword()+" <NAME> { ... }")
		d.follows(openQuoteOf(s))
	case len(s.Words) > 2:
		d.complain(s.Words[2], codeExtraParameters, expand(more, "", s.Keyword(), s.Words[2].Text), "the block is skipped", "put a name with blanks in double quotes")
	default:
		return s.Words[1].Text, true
	}
	return "", false
}
