package health

import (
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// Action is one thing to be done, in the order in which Step returns them.
type Action interface{ isAction() }

// StartProbe asks for one check now. Its Result must carry ID and Run.
type StartProbe struct {
	ID      CheckerID
	Run     uint64
	Checker *config.Checker
	// URL is the index of the url block to ask for.
	URL int
}

// CancelProbe says that the result of a running check is not wanted any more.
type CancelProbe struct {
	ID  CheckerID
	Run uint64
}

// CancelAll drops all running checks and everything that is kept for them:
// the configuration is about to change, and numbers with it.
type CancelAll struct{}

// Program asks for changes of the kernel's table. If MustSucceed is set they
// are to be made all or none: if the kernel takes them, Then is carried out; if
// not, ProgramFailed is given to Step instead.
type Program struct {
	Changes []ipvs.Change
	Then    []Action
	// MustSucceed is false where a failure is only logged: at start, reload
	// and stop. Then as much as possible is made, and Then is carried out in
	// any case.
	MustSucceed bool

	// undo leads back to the state before, nil when there is no way back.
	undo *undo
}

// Flush empties the kernel's whole table, foreign services too.
type Flush struct{}

// Level is how a line is logged.
type Level uint8

// Levels.
const (
	Info   Level = iota // always
	Detail              // with -D only
)

// Log writes one line, complete and in keepalived's words.
type Log struct {
	Level Level
	Text  string
}

// Emit tells the outside.
type Emit struct{ Event event.Event }

// Finished is the last action of all.
type Finished struct{}

func (StartProbe) isAction()  {}
func (CancelProbe) isAction() {}
func (CancelAll) isAction()   {}
func (*Program) isAction()    {}
func (Flush) isAction()       {}
func (Log) isAction()         {}
func (Emit) isAction()        {}
func (Finished) isAction()    {}
