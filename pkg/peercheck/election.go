package peercheck

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// election compares what decides who is MASTER.
func (c *checker) election(r *router) {
	c.owners(r)
	c.equalPriorities(r)
	c.states(r)
	c.preemption(r)
}

func (c *checker) owners(r *router) {
	var first *member
	for _, m := range r.members {
		switch {
		case !m.Owner():
		case first == nil:
			first = m
		default:
			f := finding{CodeOwners, diag.Error,
				fmt.Sprintf("%s: priority is 255 (address owner) here and in %s", m.what(), first.node.Name),
				"both hold the addresses from the start and log CONFIGURATION ERROR; later the one with the lower address yields",
				"give priority 255 to no more than one node"}
			if !m.Has("priority") {
				f.hint = "set a priority: state MASTER without one means 255"
			}
			c.report(f, m.electedBy(), place{first.node, first.electedBy(), "priority 255"})
		}
	}
}

// electedBy is the line that sets the priority.
func (m *member) electedBy() diag.Range {
	if !m.Has("priority") && m.Owner() {
		return m.At("state")
	}
	return m.At("priority")
}

// equalPriorities are legal: who was there first stays MASTER. That is what
// nopreempt on all of them asks for.
func (c *checker) equalPriorities(r *router) {
	first := map[uint8]*member{}
	for _, m := range r.members {
		other := first[m.Priority]
		if other == nil {
			first[m.Priority] = m
			continue
		}
		if m.Owner() || m.NoPreempt && other.NoPreempt {
			continue
		}
		c.report(finding{CodeEqualPriority, diag.Note,
			fmt.Sprintf("%s: priority is %d here and in %s", m.what(), m.Priority, other.node.Name),
			"no node is preferred: who is MASTER stays it, and if both claim it the one with the higher address wins",
			"set different priorities if one node ought to be preferred"},
			m.At("priority"), other.place("priority", fmt.Sprintf("priority %d", other.Priority)))
	}
}

// states compares the state lines with the priorities, which alone decide.
func (c *checker) states(r *router) {
	var first *member
	for _, m := range r.members {
		if !m.StateMaster || !m.Has("state") {
			continue
		}
		if first != nil && !(m.Owner() && first.Owner()) {
			c.report(finding{CodeTwoMasters, diag.Warning,
				fmt.Sprintf("%s: state is MASTER here and in %s", m.what(), first.node.Name),
				"the line makes nobody MASTER, the priorities decide; it only switches nopreempt and preempt_delay off", "write state BACKUP on all nodes but the preferred one"},
				m.At("state"), first.place("state", "state MASTER"))
		}
		if first == nil {
			first = m
		}
	}
	if first == nil {
		return
	}
	for _, m := range r.members {
		if m.Priority > first.Priority && !m.StateMaster {
			c.report(finding{CodeMasterLower, diag.Warning,
				fmt.Sprintf("%s: state is MASTER, but its priority %d is below the %d of %s", first.what(), first.Priority, m.Priority, m.node.Name),
				m.node.Name + " becomes MASTER whenever it runs", "give the node that ought to be MASTER the highest priority"},
				first.electedBy(), m.place("priority", fmt.Sprintf("priority %d", m.Priority)))
			return
		}
	}
}

// preemption reports nodes that preempt although others were told not to. On
// the node with the lowest priority the line has no effect.
func (c *checker) preemption(r *router) {
	var quiet *member
	lowest := r.members[0].Priority
	for _, m := range r.members {
		lowest = min(lowest, m.Priority)
		if m.NoPreempt && quiet == nil {
			quiet = m
		}
	}
	if quiet == nil {
		return
	}
	for _, m := range r.members {
		if m.NoPreempt || m.Priority == lowest {
			continue
		}
		c.report(finding{CodePreempt, diag.Warning,
			fmt.Sprintf("%s: nopreempt is not set, in %s it is", m.what(), quiet.node.Name),
			"this node takes over from nodes with a lower priority as soon as it is back", "set nopreempt, and state BACKUP, on all nodes"},
			m.electedBy(), quiet.place("nopreempt", "nopreempt"))
	}
}
