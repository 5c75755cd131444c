package confparse

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

var lvsTimeoutRows = specRows{
	{Keyword: "tcp", Meta: Meta{Args: "<SECS>", Range: "0-2678400 s", Default: "unchanged", Process: ProcChecker, Doc: "Timeout of established TCP connections."}},
	{Keyword: "tcpfin", Meta: Meta{Args: "<SECS>", Range: "0-2678400 s", Default: "unchanged", Process: ProcChecker, Doc: "Timeout of TCP connections after FIN."}},
	{Keyword: "udp", Meta: Meta{Args: "<SECS>", Range: "0-2678400 s", Default: "unchanged", Process: ProcChecker, Doc: "Timeout of UDP."}},
}

func readLVSTimeouts(d *decoder, g *globalDraft, s *Line) bool {
	if len(s.Words) < 3 {
		d.missingAt(s, 2, "lvs_timeouts requires at least one option")
		return false
	}
	took := false
	for i := 1; i < len(s.Words); i++ {
		w := s.Words[i]
		var field **time.Duration
		switch w.Text {
		case "tcp":
			field = &g.LVS.TCPTimeout
		case "tcpfin":
			field = &g.LVS.TCPFinTimeout
		case "udp":
			field = &g.LVS.UDPTimeout
		default:
			d.refuse(w, "Unknown option "+w.Text+" specified for lvs_timeouts", "")
			continue
		}
		i++
		if i == len(s.Words) {
			d.missingAt(s, i+1, "No "+w.Text+" timeout specified for lvs_timeouts - ignoring")
			break
		}
		n, problem := d.readInteger(s.Words[i], within(0, maxLVSTimer))
		if problem != "" {
			d.refuse(s.Words[i], "Invalid lvs_timeout "+w.Text+" ("+s.Words[i].Text+") - ignoring", problem)
			continue
		}
		v := time.Duration(n) * time.Second
		*field, took = &v, true
	}
	return took
}

var syncDaemonRows = specRows{
	{Keyword: "<INTERFACE>", Meta: Meta{Range: "1-15 characters", Repeat: RepeatOnce, Process: ProcChecker, Doc: "Interface of the synchronisation traffic."}},
	{Keyword: "inst", Meta: Meta{Args: "<INSTANCE>", Default: "master and backup daemons always run", Repeat: RepeatFirst, Process: ProcChecker, Doc: "Instance whose state selects the master or the backup daemon."}},
	{Keyword: "id", Meta: Meta{Args: "<ID>", Range: "0-255", Default: "VRID of the instance, else 0", Process: ProcChecker, Doc: "Id of the synchronisation group."}},
	{Keyword: "maxlen", Meta: Meta{Args: "<N>", Range: "1-65507", Default: "kernel default", Process: ProcChecker, Doc: "Longest message."}},
	{Keyword: "port", Meta: Meta{Args: "<N>", Range: "1-65535", Default: "8848 (kernel)", Process: ProcChecker, Doc: "UDP port."}},
	{Keyword: "ttl", Meta: Meta{Args: "<N>", Range: "1-255", Default: "kernel default", Process: ProcChecker, Doc: "TTL of the multicasts."}},
	{Keyword: "group", Meta: Meta{Args: "<IP>", Range: "multicast address", Default: "224.0.0.81 (kernel)", Process: ProcChecker, Doc: "Multicast group."}},
	{Keyword: "<VRRP_INSTANCE>", Meta: Meta{Range: "second word only", Repeat: RepeatOnce, Process: ProcChecker, Doc: "Same as inst, without the word."}},
	{Keyword: "<SYNC_ID>", Meta: Meta{Range: "0-255; third word only", Repeat: RepeatOnce, Process: ProcChecker, Deprecated: "write id <ID>", Doc: "Same as id, without the word."}},
}

// readSyncDaemon reads lvs_sync_daemon. The second word may be the instance
// and the third the id, as old files have it.
func readSyncDaemon(d *decoder, g *globalDraft, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	if g.LVS.SyncDaemon != nil {
		return d.duplicate(w, "lvs_sync_daemon has already been specified as "+g.LVS.SyncDaemon.Interface+" - ignoring")
	}
	if len(w.Text) > maxInterfaceName {
		return d.refuse(w, "lvs_sync_daemon interface name '"+w.Text+"' too long - ignoring", "an interface name has at most 15 bytes")
	}
	sync := &config.SyncDaemon{Interface: w.Text}
	i := 2
	if i < len(s.Words) && !isSyncOption(s.Words[i].Text) {
		sync.Instance = s.Words[i].Text
		i++
		if i < len(s.Words) && !isSyncOption(s.Words[i].Text) {
			if n, ok := d.syncNumber(s.Words[i], 0, 255, "Invalid syncid (%v) - defaulting to vrid"); ok {
				sync.ID, sync.IDSet = uint8(n), true
				d.deprecated(s, "Please use keyword \"id\" before lvs_sync_daemon SYNCID", false)
			}
			i++
		}
	}
	for ; i < len(s.Words); i++ {
		option := s.Words[i]
		if !isSyncOption(option.Text) {
			d.refuse(option, "Unknown option "+option.Text+" specified for lvs_sync_daemon", "")
			continue
		}
		i++
		if i == len(s.Words) {
			summary := "No value specified for lvs_sync_daemon option " + option.Text
			if option.Text == "inst" {
				summary = ""
			}
			d.missingAt(s, i+1, summary)
			break
		}
		d.syncOption(sync, option.Text, s.Words[i])
	}
	g.LVS.SyncDaemon = sync
	return true
}

func isSyncOption(word string) bool {
	switch word {
	case "inst", "id", "maxlen", "port", "ttl", "group":
		return true
	}
	return false
}

func (d *decoder) syncOption(sync *config.SyncDaemon, option string, w Word) {
	switch option {
	case "inst":
		if sync.Instance != "" {
			d.duplicate(w, "lvs_sync_daemon instance has already been specified as "+sync.Instance+" - ignoring")
			return
		}
		sync.Instance = w.Text
	case "id":
		if n, ok := d.syncNumber(w, 0, 255, "Invalid syncid (%v) - defaulting to vrid"); ok {
			sync.ID, sync.IDSet = uint8(n), true
		}
	case "maxlen":
		if n, ok := d.syncNumber(w, 1, 65507, "Invalid lvs_sync_daemon maxlen (%v) - ignoring"); ok {
			sync.MaxLen = uint16(n)
		}
	case "port":
		if n, ok := d.syncNumber(w, 1, 65535, "Invalid lvs_sync_daemon port (%v) - ignoring"); ok {
			sync.Port = uint16(n)
		}
	case "ttl":
		if n, ok := d.syncNumber(w, 1, 255, "Invalid lvs_sync_daemon ttl (%v) - ignoring"); ok {
			sync.TTL = uint8(n)
		}
	case "group":
		a, ok := parseIP(w.Text)
		if !ok || !a.IsMulticast() {
			d.refuse(w, "Invalid lvs_sync_daemon group ("+w.Text+") - ignoring", "not a multicast address")
			return
		}
		sync.Group = a
	}
}

func (d *decoder) syncNumber(w Word, lo, hi int64, bad string) (int64, bool) {
	n, problem := d.readInteger(w, within(lo, hi))
	if problem != "" {
		d.refuse(w, expand(bad, "", "", w.Text), problem)
		return 0, false
	}
	return n, true
}
