package mib

import "github.com/gokeepalived/gokeepalived/pkg/config"

// Change is what a Set asks for, with what takes it back. All changes are lost
// at the next reload.
type Change interface {
	// Undo is the change that restores what was before.
	Undo() Change
}

// SetPriority changes the base priority of an instance, 1..254.
type SetPriority struct {
	Instance string
	Old, New uint8
}

// SetPreempt changes whether an instance preempts.
type SetPreempt struct {
	Instance string
	Old, New bool
}

// SetAccept changes whether a version 3 instance counts as accepting packets
// for its addresses.
type SetAccept struct {
	Instance string
	Old, New bool
}

// SetWeight changes the weight of a real server, 0..2147483647.
type SetWeight struct {
	Server   *config.RealServer
	Old, New int
}

// Undo is the change back.
func (c SetPriority) Undo() Change { return SetPriority{c.Instance, c.New, c.Old} }

// Undo is the change back.
func (c SetPreempt) Undo() Change { return SetPreempt{c.Instance, c.New, c.Old} }

// Undo is the change back.
func (c SetAccept) Undo() Change { return SetAccept{c.Instance, c.New, c.Old} }

// Undo is the change back.
func (c SetWeight) Undo() Change { return SetWeight{c.Server, c.New, c.Old} }
