package checkrun

import (
	"sync"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
)

// letter is an event for the health core, or a function to call on the loop's
// goroutine.
type letter struct {
	event health.Event
	call  func()
}

// mailbox is how other goroutines reach the loop. It keeps order and never
// blocks a sender.
type mailbox struct {
	wake chan struct{} // holds a token while there is something to take

	mu     sync.Mutex
	items  []letter
	closed bool
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// post adds letters; false if the loop has ended and will not read them.
func (m *mailbox) post(letters ...letter) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.items = append(m.items, letters...)
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return true
}

// take returns what has come and leaves the box empty, using spare as the next
// store.
func (m *mailbox) take(spare []letter) []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items = spare[:0]
	return items
}

// close refuses further letters and returns those that were not read.
func (m *mailbox) close() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	items := m.items
	m.items = nil
	return items
}
