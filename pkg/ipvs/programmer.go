package ipvs

import (
	"errors"
	"slices"
	"syscall"
)

// Programmer keeps a kernel at the table that is wanted. It remembers what was
// asked for and what the kernel took, sends only the difference, and learns
// from the kernel's answers: an entry that exists already is brought to the
// wanted settings, one that somebody took away is put back. Like its Kernel it
// belongs to one goroutine.
type Programmer struct {
	kernel  Kernel
	wanted  Mirror
	present Mirror // as far as we know; only our entries
	ops     []Op   // room for Resync
}

// NewProgrammer returns a Programmer that believes that nothing in the table
// is its own.
func NewProgrammer(k Kernel) *Programmer { return &Programmer{kernel: k} }

// Result is what became of a change.
type Result struct {
	// Refused are the kernel's errors in order, all *Error, for the log.
	// Many are mended at once and harmless. A SetDest that finds nothing is
	// not among them: a NewDest follows it.
	Refused []error
	// Missing are the operations that could not be done: empty when the
	// kernel now has what was asked for.
	Missing []Op
}

func (r *Result) join(other Result) {
	r.Refused = append(r.Refused, other.Refused...)
	r.Missing = append(r.Missing, other.Missing...)
}

// rounds bounds how often a change is tried again after the kernel taught us
// something. Two are needed when a service vanished: one finds out, the next
// puts it back. More only help against somebody who works against us.
const rounds = 4

// Apply makes the changes as far as the kernel lets it. What it does not is
// tried again with the next change of the same entry and by Resync.
func (p *Programmer) Apply(changes []Change) Result {
	for _, c := range changes {
		p.wanted.change(c)
	}
	return p.carryOut(changes, false)
}

// Try makes all changes or none: what comes in comes first, and if the kernel
// refuses that, what was done is taken back and forgotten, and nothing goes.
// Result.Missing then tells what failed.
func (p *Programmer) Try(changes []Change) Result {
	back := make([]Change, len(changes))
	for i, c := range changes {
		back[len(changes)-1-i] = p.wanted.reverse(c)
		p.wanted.change(c)
	}
	r := p.carryOut(changes, true)
	r.Missing = slices.DeleteFunc(r.Missing, func(op Op) bool { return p.outAnyway(op.Key, changes) })
	if len(r.Missing) == 0 {
		return r
	}
	undone := p.Apply(back)
	r.Refused = append(r.Refused, undone.Refused...)
	return r
}

// TryEach is Try for several groups of changes, of which no two name the same
// service. As long as the kernel takes them they are one transaction. If it does
// not, that is taken back, and each group is tried alone.
func (p *Programmer) TryEach(groups [][]Change) []Result {
	results := make([]Result, len(groups))
	all := p.Try(slices.Concat(groups...))
	if len(all.Missing) > 0 {
		for i, g := range groups {
			results[i] = p.Try(g)
		}
		return results
	}
	// What was mended is said with the group that it concerns.
	for _, err := range all.Refused {
		var e *Error
		i := 0
		if errors.As(err, &e) && e.Op != nil {
			i = max(0, slices.IndexFunc(groups, func(g []Change) bool {
				return slices.ContainsFunc(g, func(c Change) bool { return c.Key == e.Op.Key })
			}))
		}
		results[i].Refused = append(results[i].Refused, err)
	}
	return results
}

// outAnyway reports whether the changes let nothing into a service that the
// kernel does not have and will not make: what was to leave has left.
func (p *Programmer) outAnyway(key ServiceKey, changes []Change) bool {
	if p.present.services[key] != nil {
		return false
	}
	for i := range changes {
		if changes[i].Key == key && slices.ContainsFunc(changes[i].Put, func(d Destination) bool { return d.Usable() }) {
			return false
		}
	}
	return true
}

// carryOut sends what the changes still need. A service may be named more than
// once; the changes are then made one after the other. With care nothing is
// taken out of the table before all that is to come in has come in.
func (p *Programmer) carryOut(changes []Change, care bool) Result {
	var r Result
	for len(changes) > 0 {
		n := distinct(changes)
		r.join(p.carryOutDistinct(changes[:n], care))
		if care && len(r.Missing) > 0 {
			break
		}
		changes = changes[n:]
	}
	return r
}

// distinct is the length of the beginning of changes that names no service
// twice.
func distinct(changes []Change) int {
	seen := make(map[ServiceKey]bool, len(changes))
	for i := range changes {
		if seen[changes[i].Key] {
			return i
		}
		seen[changes[i].Key] = true
	}
	return len(changes)
}

func (p *Programmer) carryOutDistinct(changes []Change, care bool) Result {
	var r Result
	changes = p.restore(changes)
	r.Missing = make([]Op, 0, atMost(changes))
	for try := 0; ; {
		r.Missing = r.Missing[:0]
		for _, c := range changes {
			r.Missing = appendChange(r.Missing, &p.present, c)
		}
		if len(r.Missing) == 0 || try == rounds {
			return r
		}
		ops := r.Missing
		if care {
			ops = incoming(ops)
		}
		errs := p.kernel.Do(ops)
		wrong := p.learn(ops, errs)
		if errs == nil {
			continue
		}
		for i, err := range errs {
			if err != nil && !(ops[i].Kind == SetDest && Harmless(err)) {
				r.Refused = append(r.Refused, err)
			}
		}
		changes = p.restore(changes)
		if try++; len(wrong) == 0 {
			try = rounds
		}
	}
}

// atMost is the number of operations that changes can take.
func atMost(changes []Change) int {
	n := 0
	for i := range changes {
		n += 1 + len(changes[i].Put) + len(changes[i].Drop)
	}
	return n
}

// incoming returns those of ops that take nothing out; if there are none, all.
func incoming(ops []Op) []Op {
	var in []Op
	for _, op := range ops {
		switch op.Kind {
		case NewService, SetService, NewDest:
			in = append(in, op)
		case SetDest:
			if op.Dest.Usable() {
				in = append(in, op)
			}
		case DelService, DelDest, Flush:
		}
	}
	if len(in) == 0 {
		return ops
	}
	return in
}

// learn brings present up to date with the kernel's answers. It returns the
// services about which we were wrong.
func (p *Programmer) learn(ops []Op, errs []error) (wrong map[ServiceKey]bool) {
	mistaken := func(key ServiceKey) {
		if wrong == nil {
			wrong = map[ServiceKey]bool{}
		}
		wrong[key] = true
	}
	for i, op := range ops {
		var errno syscall.Errno
		if errs != nil && errs[i] != nil && !errors.As(errs[i], &errno) {
			errno = syscall.EIO
		}
		switch {
		case errno == 0:
			p.present.Apply(op)
		case errno == syscall.EEXIST && op.Kind == NewService:
			// With settings that equal none: they are set next.
			op.Settings = ServiceSettings{}
			p.present.Apply(op)
			mistaken(op.Key)
		case errno == syscall.EEXIST && op.Kind == NewDest:
			op.Dest.Weight = -1 // as above
			p.present.Apply(op)
			mistaken(op.Key)
		case errno == syscall.ENOENT && (op.Kind == SetDest || op.Kind == DelDest):
			op.Kind = DelDest
			p.present.Apply(op)
			mistaken(op.Key)
		case errno == syscall.ESRCH && p.present.services[op.Key] != nil:
			p.present.Apply(Op{Kind: DelService, Key: op.Key})
			mistaken(op.Key)
		}
	}
	return wrong
}

// restore replaces the changes of services that are not there, because they
// turned out to be gone or could not be made before, by all that is wanted of
// them.
func (p *Programmer) restore(changes []Change) []Change {
	out := make([]Change, 0, len(changes))
	for _, c := range changes {
		if p.present.services[c.Key] == nil {
			if s := p.wanted.Service(c.Key); s != nil {
				c.Put = s.Destinations
			}
		}
		out = append(out, c)
	}
	return out
}

// Flush empties the whole table, foreign services too. Nothing is wanted
// afterwards.
func (p *Programmer) Flush() Result {
	p.wanted, p.present = Mirror{}, Mirror{}
	var r Result
	for _, err := range p.kernel.Do([]Op{{Kind: Flush}}) {
		if err != nil {
			r.Refused = append(r.Refused, err)
		}
	}
	return r
}

// Resync reads the kernel's table and mends what differs from what is wanted.
// Entries that were never asked for are left alone. What does not differ, nearly
// always all of it, costs no memory beyond the table that was read.
func (p *Programmer) Resync() (Result, error) {
	table, err := p.kernel.Table()
	if err != nil {
		return Result{}, err
	}
	p.present.take(ours(table, &p.present, &p.wanted))
	var changes, gone []Change
	for _, key := range p.wanted.order {
		c := p.mend(key)
		if p.ops = appendChange(p.ops[:0], &p.present, c); len(p.ops) > 0 {
			changes = append(changes, c)
		}
	}
	for key := range p.present.services {
		if p.wanted.services[key] == nil {
			gone = append(gone, Change{Key: key, Gone: true})
		}
	}
	r := p.carryOut(changes, false)
	r.join(p.carryOut(gone, false))
	return r, nil
}

// mend is the change that makes a service what is wanted, whatever is present.
func (p *Programmer) mend(key ServiceKey) Change {
	wanted := p.wanted.services[key]
	c := Change{Key: key, Settings: wanted.settings, Put: wanted.dests}
	if present := p.present.services[key]; present != nil {
		for _, d := range present.dests {
			if !wanted.has(d.Key()) {
				c.Drop = append(c.Drop, d.Key())
			}
		}
	}
	return c
}

// Wanted is what was asked for, a copy.
func (p *Programmer) Wanted() Table { return p.wanted.Table() }
