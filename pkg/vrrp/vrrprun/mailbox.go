package vrrprun

import (
	"sync"

	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// mailbox is how other goroutines reach the loop. It keeps order and never
// blocks a sender.
type mailbox struct {
	wake func() // called when something arrives in an empty box

	mu     sync.Mutex
	items  []letter
	closed bool
}

// letter is an event for the engine, or a function to call on the loop's
// thread.
type letter struct {
	event vrrp.Event
	call  func()
}

// post adds a letter; false if the loop has ended and will not read it.
func (m *mailbox) post(l letter) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.items = append(m.items, l)
	if len(m.items) == 1 && m.wake != nil {
		m.wake()
	}
	return true
}

// take empties the box into spare, which is the slice of an earlier take.
func (m *mailbox) take(spare []letter) []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items = spare[:0]
	return items
}

// open says how to wake the reader, and wakes it if letters wait.
func (m *mailbox) open(wake func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wake = wake
	if len(m.items) > 0 {
		wake()
	}
}

// close refuses letters from now on and returns those that nobody has read.
func (m *mailbox) close() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.wake = nil
	items := m.items
	m.items = nil
	return items
}
