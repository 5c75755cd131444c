package snmp

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/mib"
)

// maxBindings bounds the answer to one GetBulk; the manager asks again.
const maxBindings = 512

// responder answers the requests of a master. It belongs to the reader of one
// session.
type responder struct {
	tree *mib.Tree
	use  func(func(*mib.View))
	// apply carries out a change; log gets why that failed.
	apply func(mib.Change) error
	log   func(format string, args ...any)

	// The Set under way: its transaction and what it asks for.
	transaction uint32
	changes     []mib.Change
	done        int // how many of them were carried out
}

func (r *responder) serve(p *agentx.PDU) (*agentx.PDU, bool) {
	if len(p.Context) > 0 {
		return &agentx.PDU{Error: agentx.UnsupportedContext}, p.Type != agentx.TypeCleanupSet
	}
	switch p.Type {
	case agentx.TypeGet:
		return r.each(p.Ranges, func(v *mib.View, g agentx.Range) agentx.VarBind {
			return agentx.VarBind{Name: g.Start, Value: r.tree.Get(v, g.Start)}
		}), true
	case agentx.TypeGetNext:
		return r.each(p.Ranges, r.tree.Next), true
	case agentx.TypeGetBulk:
		var list []agentx.VarBind
		r.use(func(v *mib.View) { list = r.bulk(v, p) })
		return &agentx.PDU{VarBinds: list}, true
	case agentx.TypeTestSet:
		return r.test(p), true
	case agentx.TypeCommitSet:
		return r.commit(p), true
	case agentx.TypeUndoSet:
		return r.undo(p), true
	case agentx.TypeCleanupSet:
		r.changes, r.done = nil, 0
		return nil, false
	case agentx.TypeOpen, agentx.TypeClose, agentx.TypeRegister, agentx.TypeUnregister, agentx.TypeNotify, agentx.TypePing, agentx.TypeResponse:
	}
	return &agentx.PDU{Error: agentx.ProcessingError}, true
}

func (r *responder) each(ranges []agentx.Range, find func(*mib.View, agentx.Range) agentx.VarBind) *agentx.PDU {
	list := make([]agentx.VarBind, len(ranges))
	r.use(func(v *mib.View) {
		for i, g := range ranges {
			list[i] = find(v, g)
		}
	})
	return &agentx.PDU{VarBinds: list}
}

// bulk is RFC 2741 7.2.3.3: one successor of each of the first ranges, then
// rounds of one successor of each of the others.
func (r *responder) bulk(v *mib.View, p *agentx.PDU) []agentx.VarBind {
	once := min(int(p.NonRepeaters), len(p.Ranges))
	list := make([]agentx.VarBind, 0, len(p.Ranges))
	for _, g := range p.Ranges[:once] {
		list = append(list, r.tree.Next(v, g))
	}
	rest := append([]agentx.Range{}, p.Ranges[once:]...)
	for range p.MaxRepetitions {
		ended := true
		if len(rest) == 0 || len(list)+len(rest) > maxBindings {
			break
		}
		for i := range rest {
			b := r.tree.Next(v, rest[i])
			list = append(list, b)
			ended = ended && b.Value.Kind == agentx.EndOfMIBView
			rest[i].Start, rest[i].Include = b.Name, false
		}
		if ended {
			break
		}
	}
	return list
}

func (r *responder) test(p *agentx.PDU) *agentx.PDU {
	answer := &agentx.PDU{}
	r.transaction, r.changes, r.done = p.TransactionID, nil, 0
	r.use(func(v *mib.View) {
		for i, b := range p.VarBinds {
			c, err := r.tree.Test(v, b)
			if err != agentx.NoError {
				r.changes = nil
				answer.Error, answer.Index = err, uint16(i+1)
				return
			}
			r.changes = append(r.changes, c)
		}
	})
	return answer
}

func (r *responder) commit(p *agentx.PDU) *agentx.PDU {
	if p.TransactionID != r.transaction {
		return &agentx.PDU{Error: agentx.CommitFailed}
	}
	for i, c := range r.changes[r.done:] {
		if err := r.apply(c); err != nil {
			r.log(textFailed, err)
			return &agentx.PDU{Error: agentx.CommitFailed, Index: uint16(i + 1)}
		}
		r.done++
	}
	return &agentx.PDU{}
}

func (r *responder) undo(p *agentx.PDU) *agentx.PDU {
	if p.TransactionID != r.transaction {
		return &agentx.PDU{Error: agentx.UndoFailed}
	}
	var failed error
	for r.done > 0 {
		r.done--
		if err := r.apply(r.changes[r.done].Undo()); err != nil {
			failed = fmt.Errorf("undo: %w", err)
		}
	}
	if failed != nil {
		r.log(textFailed, failed)
		return &agentx.PDU{Error: agentx.UndoFailed}
	}
	return &agentx.PDU{}
}
