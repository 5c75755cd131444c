package e2e

import (
	"fmt"
	"regexp"
	"strings"
)

// difference is something that we do not do as keepalived 2.2.7 does.
type difference struct {
	// section is the start of the section's name, line a pattern for the
	// whole line, only who has it: "keepalived", "ours".
	section, only, line string
	// why it may be so; what starts with byChance need not occur.
	why string
}

const byChance = "by chance: "

var watchedDifferences = []difference{
	{"script ", "keepalived", `env (IFS|LD_LIBRARY_PATH)=.*|env IFS=|env`, "2.4.3 keeps these from scripts"},
	{"script ", "keepalived", `Groups \d+`, "2.2.7 repeats the primary group among the supplementary ones"},
	{"script ", "ours", `Groups`, "the same"},
	{"script ", "keepalived", `fd \d+ -> .*`, "2.2.7 leaks its descriptors into scripts, and what it inherited; 2.4.3 and we do not"},
	{"order of scripts", "keepalived", `argv /usr/bin/sh\|.*`, "2.2.7 changes argv[0] where a folder is a link; 2.4.3 and we keep what is written"},
	{"order of scripts", "ours", `argv /bin/sh\|/etc/keepalived/rec\|VI_1\|backup\|`, "the same"},
	{"order of scripts", "keepalived", `argv /bin/sh\|/etc/keepalived/link\|VI_1\|fault\|`, "2.4.3 and we execute what a link leads to unless use_symlink_paths is set"},
	{"order of scripts", "ours", `argv /bin/sh\|/etc/keepalived/rec\|VI_1\|fault\|`, "the same"},

	{"lines of the script's FIFO", "ours", `(INSTANCE|GROUP) ".*" STOP \d+`, "keepalived ends the script before the last lines are written"},
	{"mails", "ours", `.*Subject: \[RTR1\] VRRP (Instance|Group) \w+ - Stopping\\r.*`, "keepalived's mails about the stop never leave"},

	{"keepalived.stats", "ours", `  Authentication Extension Errors:|    (Missing|Malformed|Unknown Key|Invalid HMAC|Stale|Replay): 0`, "2.4.3 has them"},
	{"keepalived.json", "ours", `\[\d\]\.stats\.auth_ext_\w+ number 0`, "2.4.3 has them"},
	{"keepalived.json", "ours", `\.track_process\[0\]\..*`, "2.4.3 has them in version 2"},
	{"keepalived.json", "keepalived", `\[2\]\.data\.auth_data string secret`, "2.4.3 and we mask passwords"},
	{"keepalived.json", "ours", `\[2\]\.data\.auth_data string \*{8}`, "the same"},
	{"keepalived.json", "keepalived", `\[\d\]\.data\.(script_backup|track_script\[0\]) string '/usr/bin/.*`, "argv[0], as above"},
	{"keepalived.json", "ours", `\[\d\]\.data\.(script_backup|track_script\[0\]) string '/bin/.*`, "the same"},
	{"keepalived.json, second", "keepalived", `\[0\]\.data\.vroutes\[0\] .* \[dev vrrp.54\]`, "2.2.7 names an interface that is gone"},
	{"keepalived.json, second", "ours", `\[0\]\.data\.vroutes\[0\] .*`, "the same"},
	{"keepalived.json, second", "keepalived", `\[[01]\]\.stats\.pri_zero_sent number [02]`, "2.4.3 sends priority 0 twice on the way from MASTER to FAULT, and from each member of a group"},
	{"keepalived.json, second", "ours", `\[[01]\]\.stats\.pri_zero_sent number [24]`, "the same"},

	{"keepalived.data", "keepalived", `   Password = secret`, "2.4.3 and we mask passwords"},
	{"keepalived.data", "ours", `   Password = \*{8}`, "the same"},
	{"keepalived.data", "keepalived", `   Backup state transition script = '/usr/bin/sh' .*`, "argv[0], as above"},
	{"keepalived.data", "ours", `   Backup state transition script = '/bin/sh' .*`, "the same"},
	{"keepalived.data VRRP Scripts", "keepalived", `   Command = '/usr/bin/(test|sleep)' .*`, "the same"},
	{"keepalived.data VRRP Scripts", "ours", `   Command = '/bin/(test|sleep)' .*`, "the same"},
	{"keepalived.data Interfaces", "keepalived", `.*`, "keepalived lists all interfaces, with what it remembers of them"},
	{"keepalived.data Interfaces", "ours", `.*`, "we list those that concern us, with all their addresses"},
	{"keepalived.data VRRP Topology", "ours", `   Last transitions :|     \d{4}-.*`, "why an instance is where it is"},
	{"keepalived.data VRRP Topology", "keepalived", `   Number of config faults = 0`, "what would be one keeps an instance from being made"},
	{"keepalived.data VRRP Topology", "keepalived", `   fd_in N, fd_out N`, "numbers of descriptors help nobody"},
	{"keepalived.data VRRP Topology, second", "keepalived", `   Master down timer = 0 usecs`, "2.2.7 forgets it at a reload"},
	{"keepalived.data VRRP Topology, second", "ours", `   Master down timer = \d+ usecs`, "the same"},
	{"keepalived.data VRRP Topology, second", "keepalived", `     prepend 10.1.0.0/24 .* \[dev vrrp.54\]`, "2.2.7 names an interface that is gone"},
	{"keepalived.data VRRP Topology, second", "ours", `     prepend 10.1.0.0/24 .*`, "the same"},
	{"keepalived.data VRRP Scripts, second", "ours", ` VRRP Script = light|   (Interval|Weight|Rise|Fall|Result|Status|Script uid:gid) = .*`, "what is not used is shown too"},
	{"keepalived.data VRRP Track files, second", "ours", `.*`, "the same"},
	{"keepalived.data VRRP Sockpool", "keepalived", ` fd_in N fd_out = N`, "the same"},
	{"keepalived.data VRRP Sockpool", "ours", ` fd_in N`, "the same"},
	{"keepalived.data VRRP Sockpool", "keepalived", `   Rx buf size = 0`, "the kernel's own is used"},
	{"keepalived.data VRRP Sync groups", "keepalived", `   Num member fault 0, num member init 0`, "stands with each member"},
	{"keepalived.data VRRP Scripts", "keepalived", `   Insecure = no|   Init state = unknown|   VRRP instances :|   State = (idle|running)`, "internals of keepalived"},
	{"keepalived.data VRRP Scripts", "ours", `   Last (run|status) = .*`, "more than keepalived tells"},
	{"keepalived.data VRRP Scripts", "keepalived", `   Timeout = 0 sec`, "0 stands for the interval"},
	{"keepalived.data VRRP Scripts", "ours", `   Timeout = 3 sec`, "the same"},

	{"keepalived.data Global definitions", "ours", ` (Startup|Shutdown) script = .*`, "every process of ours knows them"},
	{"keepalived.data Global definitions", "keepalived", ` nftables (table name|base chain priority|don't force|without counters).*`, "2.2.7 shows the table that VMACs need as if it were configured"},
	{"keepalived_parent.data Global definitions", "keepalived", ` nftables without counters`, "the same"},
	{"keepalived", "keepalived", ` libnftnl version .*`, "we use no such library"},
	{"keepalived", "keepalived", ` DBus service name = `, "we show the default"},
	{"keepalived", "ours", ` DBus service name = org.keepalived.Vrrp1`, "the same"},
	{"keepalived", "keepalived", ` lvs_netlink_(cmd|monitor)_rcv_bufs(_force)? = 0`, "our checker process has no such sockets"},
	{"keepalived_parent.data", "keepalived", ` Gratuitous ARP lower priority (delay|repeat) = 4294967295`, "2.2.7 shows what stands for unset"},
	{"keepalived_parent.data", "ours", ` Gratuitous ARP lower priority (delay|repeat) = 5`, "the same"},
	{"keepalived_parent.data", "ours", ` Default interface = eth0`, "2.2.7's parent does not know it"},
	{"keepalived_parent.data", "keepalived", ` Shutdown script = .*:0 timeout 10`, "2.2.7 forgets a comma"},
	{"keepalived_parent.data", "ours", ` Shutdown script = .*:0, timeout 10`, "the same"},
	{"keepalived_parent.data", "keepalived", ` VRRP notify fifo script = '/etc/keepalived/fifo' 'a b', .*`, "2.2.7's parent shows it without the last argument"},
	{"keepalived_parent.data", "ours", ` VRRP notify fifo script = '/etc/keepalived/fifo' 'a b' '/run/w/vrrp.fifo', .*`, "the same"},
}

// serversDifferences are those of the checker process.
var serversDifferences = []difference{
	{"script ", "keepalived", `env (IFS|LD_LIBRARY_PATH)=.*|env IFS=|env`, "2.4.3 keeps these from scripts"},
	{"script ", "keepalived", `Groups \d+`, "2.2.7 repeats the primary group among the supplementary ones"},
	{"script ", "ours", `Groups`, "the same"},
	{"lines of the script's FIFO", "ours", `(VS|RS) .* DOWN`, byChance + "keepalived ends the script before all lines are written"},
	{"order of scripts", "keepalived", `argv /bin/sh\|/etc/keepalived/rec\|VS\|down\|`, "2.2.7 judges a server that a reload removes by the old quorum, and does not take it back"},
	{"mails", "ours", `.*=> Shutting down <=.*`, "keepalived's mails about the stop never leave"},
	{"mails", "keepalived", `.* - DOWN.*=> MISC CHECK failed on service <=.*`, "with alpha, 2.2.7 mails the first failure of a MISC_CHECK, but of no other"},
	{"lines", "keepalived", `VS \[10.9.0.100\]:tcp:80 DOWN`, "the same"},
	{"mails", "keepalived", `.* - DOWN.*=> Lost quorum 3\+0=3 <= 1 <=.*`, "the same"},

	{"keepalived_check.data LVS Topology", "keepalived", ` System is compiled with LVS .*`, "we ask the kernel"},
	{"keepalived_check.data LVS Topology", "keepalived", `(     Alive:|     reloaded =|   reloaded =|   previous effective_weight =).*`, "internals of keepalived"},
	{"keepalived_check.data LVS Topology", "ours", ` IPVS timeouts = .*|   (weight of live servers|transitions|last transition) = .*|   connections .*`, "more than keepalived tells"},
	{"keepalived_check.data Health checkers", "keepalived", `   (Default delay before retry = .*|Last ran = .*)`, "internals of keepalived"},
	{"keepalived_check.data Health checkers", "ours", `   (Runs|Last run|Next run) = .*`, "more than keepalived tells"},
	{"keepalived_check.data Health checkers", "keepalived", `   script = '/usr/bin/test' .*`, "argv[0] as written"},
	{"keepalived_check.data Health checkers", "ours", `   script = '/bin/test' .*`, "the same"},

	{"keepalived_check.data Global definitions", "keepalived", ` nftables without counters`, "2.2.7 shows a table that is not configured"},
	{"keepalived_check.data Global definitions", "keepalived", ` libnftnl version .*`, "we use no such library"},
	{"keepalived_check.data Global definitions", "keepalived", ` DBus service name = `, "we show the default"},
	{"keepalived_check.data Global definitions", "ours", ` DBus service name = org.keepalived.Vrrp1`, "the same"},
	{"keepalived_check.data Global definitions", "keepalived", ` lvs_netlink_(cmd|monitor)_rcv_bufs(_force)? = 0`, "our checker process has no such sockets"},
	{"keepalived_check.data Global definitions", "keepalived", ` Gratuitous ARP lower priority (delay|repeat) = 4294967295`, "2.2.7 shows what stands for unset"},
	{"keepalived_check.data Global definitions", "ours", ` Gratuitous ARP lower priority (delay|repeat) = 5`, "the same"},
	{"keepalived_check.data Global definitions", "ours", ` Default interface = eth0`, "2.2.7's checker process does not know it"},
}

// unexpected compares two lists of lines with sections and returns the
// differences that are not known, and the known ones that do not occur.
func unexpected(want, got []string, known []difference) (report []string) {
	used := make([]bool, len(known))
	patterns := make([]*regexp.Regexp, len(known))
	for i, d := range known {
		patterns[i] = regexp.MustCompile("^(?:" + d.line + ")$")
	}
	tell := func(section, only, line string) {
		for i, d := range known {
			if d.only == only && strings.HasPrefix(section, d.section) && patterns[i].MatchString(line) {
				used[i] = true
				return
			}
		}
		report = append(report, fmt.Sprintf("%s: only %s: %s", section, only, line))
	}
	theirs, ours := sections(want), sections(got)
	for _, name := range theirs.names {
		a, b := theirs.lines[name], ours.lines[name]
		delete(ours.lines, name)
		editScript(a, b, func(only, line string) { tell(name, only, line) })
	}
	for name := range ours.lines {
		tell(name, "ours", "(the whole section)")
	}
	for i, d := range known {
		if !used[i] && !strings.HasPrefix(d.why, byChance) {
			report = append(report, fmt.Sprintf("does not occur any more: %s: only %s: %s (%s)", d.section, d.only, d.line, d.why))
		}
	}
	return report
}

type sectioned struct {
	names []string
	lines map[string][]string
}

func sections(all []string) sectioned {
	s := sectioned{lines: map[string][]string{}}
	name := ""
	for _, l := range all {
		if head, found := strings.CutPrefix(l, "== "); found {
			name = head
			s.names = append(s.names, name)
			s.lines[name] = []string{}
			continue
		}
		s.lines[name] = append(s.lines[name], l)
	}
	return s
}

// editScript tells the lines that one of two lists has beyond the longest
// common subsequence.
func editScript(a, b []string, tell func(only, line string)) {
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			tell("keepalived", a[i])
			i++
		default:
			tell("ours", b[j])
			j++
		}
	}
}
