package netif

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// VMACSettings are the sysctls of a VMAC itself. It must answer ARP for its
// own addresses only, accept packets from the base interface's addresses, and
// keep its addresses when the first one goes.
func VMACSettings(ipv4 bool) []Setting {
	settings := []Setting{{"ipv4/conf/%s/arp_ignore", "1"}}
	if ipv4 {
		settings = append(settings,
			Setting{"ipv4/conf/%s/accept_local", "1"},
			Setting{"ipv4/conf/%s/rp_filter", "0"},
			Setting{"ipv4/conf/%s/promote_secondaries", "1"})
	}
	return settings
}

// baseSettings keep the base interface from answering ARP for the addresses
// on its VMACs.
var baseSettings = []Setting{
	{"ipv4/conf/%s/arp_ignore", "1"},
	{"ipv4/conf/%s/arp_filter", "1"},
}

// HoldBase sets what the base interface of an IPv4 VMAC needs, once more.
func (s *Sysctls) HoldBase(base string) error {
	var all error
	for _, b := range baseSettings {
		_, _, err := s.Hold(fmt.Sprintf(b.Path, base), b.Value)
		all = errors.Join(all, err)
	}
	return all
}

// ReleaseBase takes one HoldBase back.
func (s *Sysctls) ReleaseBase(base string) error {
	var all error
	for _, b := range baseSettings {
		_, _, err := s.Release(fmt.Sprintf(b.Path, base))
		all = errors.Join(all, err)
	}
	return all
}

// The kernel takes the larger of an interface's rp_filter and that of "all",
// so a VMAC's 0 counts only when "all" is 0 too.
const (
	rpFilterAll     = "ipv4/conf/all/rp_filter"
	rpFilterDefault = "ipv4/conf/default/rp_filter"
)

// LowerRPFilter sets rp_filter of "all" to 0 if it is not, and before that
// raises the default and every interface to what it was, so that nothing else
// changes. It returns lines for the log. A second call does nothing.
func (s *Sysctls) LowerRPFilter(interfaces []string) (notices []string, err error) {
	if s.rpFilter != nil {
		return nil, nil
	}
	s.rpFilter = []string{}
	all, err := s.original(rpFilterAll)
	if err != nil {
		return nil, err
	}
	level, err := strconv.Atoi(all)
	if err != nil || level == 0 {
		return nil, nil
	}
	raise := func(path string) (before string, raised bool) {
		before, readErr := s.original(path)
		n, numberErr := strconv.Atoi(before)
		if readErr != nil || numberErr != nil || n >= level {
			return before, false
		}
		_, changed, holdErr := s.Hold(path, all)
		if holdErr != nil {
			err = errors.Join(err, holdErr)
			return before, false
		}
		s.rpFilter = append(s.rpFilter, path)
		return before, changed
	}
	if before, raised := raise(rpFilterDefault); raised {
		notices = append(notices, fmt.Sprintf(logtext.SettingRPFilter, "default", before, all))
	}
	for _, name := range interfaces {
		raise("ipv4/conf/" + name + "/rp_filter")
	}
	if _, _, holdErr := s.Hold(rpFilterAll, "0"); holdErr != nil {
		return notices, errors.Join(err, holdErr)
	}
	s.rpFilter = append(s.rpFilter, rpFilterAll)
	return append(notices, fmt.Sprintf(logtext.SettingRPFilter, "all", all, "0")), err
}

// RestoreRPFilter takes LowerRPFilter back.
func (s *Sysctls) RestoreRPFilter() (notices []string, err error) {
	paths := s.rpFilter
	s.rpFilter = nil
	// "all" first: at no time is an interface filtered less than before.
	slices.Reverse(paths)
	for _, path := range paths {
		before, restored, releaseErr := s.Release(path)
		err = errors.Join(err, releaseErr)
		if !restored {
			continue
		}
		switch path {
		case rpFilterAll:
			notices = append(notices, fmt.Sprintf(logtext.ResettingRPFilter, "all", before))
		case rpFilterDefault:
			notices = append(notices, fmt.Sprintf(logtext.ResettingRPFilter, "default", before))
		}
	}
	return notices, err
}
