package eventloop

import "sync"

// Mailbox is how other goroutines reach a loop. It keeps order and never
// blocks a sender. The zero value is ready for Post.
type Mailbox[T any] struct {
	mu     sync.Mutex
	wake   func() // called when something arrives in an empty box
	items  []T
	closed bool
}

// Post adds an item; false if the loop has ended and will not read it.
func (m *Mailbox[T]) Post(item T) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.items = append(m.items, item)
	if len(m.items) == 1 && m.wake != nil {
		m.wake()
	}
	return true
}

// Take empties the box into spare, which is the slice of an earlier Take.
func (m *Mailbox[T]) Take(spare []T) []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items = spare[:0]
	return items
}

// Open says how to wake the reader, and wakes it if items wait.
func (m *Mailbox[T]) Open(wake func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wake = wake
	if len(m.items) > 0 {
		wake()
	}
}

// Close refuses items from now on and returns those that nobody has read.
func (m *Mailbox[T]) Close() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.wake = nil
	items := m.items
	m.items = nil
	return items
}
