package health

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Event is one input of Engine.Step.
type Event interface{ isHealthEvent() }

// Start is the first event.
type Start struct {
	// Files are the values of the tracked files by the name of their
	// track_file block; one that is absent counts as 0.
	Files map[string]int64
	// Addresses are all addresses of this host, for ha_suspend.
	Addresses []netip.Addr
}

// Timer says that the deadline has passed; it may come late or early.
type Timer struct{}

// CheckerID numbers a checker. Numbers are given anew at every reload.
type CheckerID int

// Result is the end of a probe that StartProbe asked for. One whose Run is
// not the checker's present one is ignored: it was cancelled meanwhile.
type Result struct {
	ID  CheckerID
	Run uint64
	Outcome
}

// Verdict is what a probe found.
type Verdict uint8

// Verdicts.
const (
	// Good is a passed check.
	Good Verdict = iota
	// Bad is a failed one.
	Bad
	// LocalTrouble says nothing about the server: no socket, no source
	// address. The state stays and the check is repeated after delay_loop.
	LocalTrouble
)

// Passed is the last condition that an HTTP answer met.
type Passed uint8

// Conditions of a url block, in the order in which they are looked at.
const (
	PassedStatus Passed = iota
	PassedDigest
	PassedRegex
)

// Outcome is what one probe found.
type Outcome struct {
	Verdict Verdict
	// Text says in the words of the checker's log lines what went wrong:
	// for TCP, UDP and PING "timeout" or "failed"; for HTTP the reason
	// ("Error connecting"); for SMTP and DNS the text after the name of the
	// check; for LocalTrouble the trouble.
	Text string
	// Cause is why there is LocalTrouble, and what helps, "" if that is not
	// known.
	Cause string
	// TimedOut is set when time ran out rather than an answer being wrong.
	TimedOut bool
	// Duration is how long the probe took, 0 if that is not known.
	Duration time.Duration

	// Exit and Signal are how the script of a MISC_CHECK ended.
	Exit, Signal int

	// Passed is the last condition a good HTTP answer met.
	Passed Passed
	// ContentLength and Received differ when the Content-Length of an HTTP
	// answer was wrong; HasLength is set when there was one.
	HasLength               bool
	ContentLength, Received uint64
}

// words is what the probe found.
func (o *Outcome) words() string {
	switch {
	case o.Text != "":
		return o.Text
	case o.Verdict == Good:
		return "passed"
	}
	return miscEnd(o) + miscStatus(o)
}

// AddressAdded and AddressRemoved report changes of this host's addresses.
type (
	AddressAdded   struct{ Address netip.Addr }
	AddressRemoved struct{ Address netip.Addr }
)

// FileValue is the new number in a tracked file.
type FileValue struct {
	File  string
	Value int64
}

// BFDState reports a session of the bfd process.
type BFDState struct {
	Session string
	Up      bool
}

// SetWeight gives a server another configured weight until the next reload, as
// an operator does at run time. What its checkers add comes on top as before,
// so that a misc_dynamic script keeps the last word. A server of another
// configuration than the present one is ignored.
type SetWeight struct {
	// Server is the one of the present configuration, as in a snapshot.
	Server *config.RealServer
	// Weight is 0..2147483647.
	Weight int
}

// ProgramFailed says that the kernel refused a part of p that matters
// ("already exists" and "not there" do not). Then of p was not carried out.
// It must come before any other event about the services that p changes; see
// Together.
type ProgramFailed struct{ Program *Program }

// Reload replaces the configuration. Probes that run are cancelled.
type Reload struct {
	Config *config.Config
	// Files are the values of all tracked files of the new configuration.
	Files map[string]int64
}

// Stop empties the table, says so, and finishes.
type Stop struct {
	// DontRelease is --dont-release-ipvs: the table stays as it is.
	DontRelease bool
}

func (Start) isHealthEvent()          {}
func (Timer) isHealthEvent()          {}
func (Result) isHealthEvent()         {}
func (AddressAdded) isHealthEvent()   {}
func (AddressRemoved) isHealthEvent() {}
func (FileValue) isHealthEvent()      {}
func (BFDState) isHealthEvent()       {}
func (SetWeight) isHealthEvent()      {}
func (ProgramFailed) isHealthEvent()  {}
func (Reload) isHealthEvent()         {}
func (Stop) isHealthEvent()           {}
