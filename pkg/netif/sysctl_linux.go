package netif

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Sysctls reads and writes values below /proc/sys/net of the calling thread's
// namespace and remembers what they were, so that they can be put back. A
// value that several owners want is put back when the last one lets go.
type Sysctls struct {
	root  string
	saved map[string]*savedSysctl
	// rpFilter are the paths that LowerRPFilter holds, in its order; nil
	// before it was called.
	rpFilter []string
	record   *sysctlRecord // nil for none
}

type savedSysctl struct {
	before, value string
	owners        int // 0: of a killed process
	changed       bool
}

// NewSysctls returns an empty record of changes.
func NewSysctls() *Sysctls {
	return &Sysctls{root: "/proc/sys/net/", saved: map[string]*savedSysctl{}}
}

// Read returns a value; path is below /proc/sys/net, as in
// "ipv4/conf/eth0/arp_ignore".
func (s *Sysctls) Read(path string) (string, error) {
	b, err := os.ReadFile(s.root + path)
	if err != nil {
		return "", fmt.Errorf("read sysctl: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// Set writes a value without remembering what was there: for interfaces that
// we made ourselves.
func (s *Sysctls) Set(path, value string) error {
	f, err := os.OpenFile(s.root+path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write sysctl: %w", err)
	}
	_, err = f.WriteString(value)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write sysctl: %w", err)
	}
	return nil
}

// Hold sets a value for one more owner and remembers the one it had before
// the first. before is the value found, changed whether it was another one.
func (s *Sysctls) Hold(path, value string) (before string, changed bool, err error) {
	if kept := s.saved[path]; kept != nil {
		kept.owners++
		return kept.before, false, nil
	}
	before, err = s.Read(path)
	if err != nil {
		return "", false, err
	}
	changed = before != value
	s.saved[path] = &savedSysctl{before: before, value: value, owners: 1, changed: changed}
	if !changed {
		return before, false, nil
	}
	s.save() // before the change: we may be killed between the two
	if err := s.Set(path, value); err != nil {
		delete(s.saved, path)
		s.save()
		return before, false, err
	}
	return before, true, nil
}

// original is what a sysctl was before we, or a killed process before us,
// changed it.
func (s *Sysctls) original(path string) (string, error) {
	if kept := s.saved[path]; kept != nil {
		return kept.before, nil
	}
	return s.Read(path)
}

// Release lets go of a value that was held. The last owner puts the old value
// back; restored is true if that wrote something. A vanished interface is no
// error.
func (s *Sysctls) Release(path string) (before string, restored bool, err error) {
	kept := s.saved[path]
	if kept == nil {
		return "", false, nil
	}
	if kept.owners--; kept.owners > 0 {
		return kept.before, false, nil
	}
	delete(s.saved, path)
	if !kept.changed {
		return kept.before, false, nil
	}
	err = s.Set(path, kept.before)
	s.save()
	if isMissing(err) {
		return kept.before, false, nil
	}
	return kept.before, err == nil, err
}

// isMissing reports whether a sysctl does not exist: its interface is gone or
// the kernel lacks it.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// ForgetInterface drops the records of an interface that is gone: another one
// of its name starts with the kernel's defaults.
func (s *Sysctls) ForgetInterface(name string) {
	for path := range s.saved {
		if strings.HasPrefix(path, "ipv4/conf/"+name+"/") || strings.HasPrefix(path, "ipv6/conf/"+name+"/") {
			delete(s.saved, path)
		}
	}
	s.save()
}
