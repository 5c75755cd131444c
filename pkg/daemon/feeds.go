package daemon

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/bfdrun"
)

// bfdFeeds are the feeds with BFD states by consumer. The parent keeps both
// ends of each, so that they outlive every child.
type bfdFeeds map[role]*bfdrun.Feed

// giveFeeds adds a child's ends of the feeds to what it gets.
func (m *parent) giveFeeds(h *handoff) error {
	if m.feeds == nil {
		m.feeds = bfdFeeds{}
	}
	h.BFDFeeds = map[role]int{}
	for _, consumer := range [...]role{roleVRRP, roleChecker} {
		if h.Role != roleBFD && h.Role != consumer {
			continue
		}
		feed := m.feeds[consumer]
		if feed == nil {
			var err error
			if feed, err = bfdrun.NewFeed(); err != nil {
				return fmt.Errorf("bfd events: %w", err)
			}
			m.feeds[consumer] = feed
		}
		end := feed.Receiver
		if h.Role == roleBFD {
			end = feed.Sender
		}
		h.BFDFeeds[consumer] = h.give(end)
	}
	return nil
}

// takeFeeds opens the ends that giveFeeds gave.
func (h *handoff) takeFeeds() map[role]*os.File {
	feeds := make(map[role]*os.File, len(h.BFDFeeds))
	for r, fd := range h.BFDFeeds {
		feeds[r] = os.NewFile(uintptr(fd), "bfd feed")
	}
	return feeds
}

// bfdStates is what a consumer has of its feed; nil when there is none.
type bfdStates struct{ *bfdrun.Subscription }

// followBFD passes states on to received from now on. A daemon without them
// would hold everything that depends on a session down, so a failure is worth
// an error line, but no reason not to run.
func followBFD(receiver *os.File, log *slog.Logger, received func(s bfdrun.State, news bool)) *bfdStates {
	if receiver == nil {
		return nil
	}
	s, err := bfdrun.Subscribe(receiver, log, received)
	if err != nil {
		log.Error(fmt.Sprintf(textCannot, "receive BFD events", err, "what depends on a BFD session stays down until the daemon is started again"))
		return nil
	}
	return &bfdStates{s}
}

// refresh asks for all states again: after a reload the engine may know
// sessions whose state went by.
func (b *bfdStates) refresh() {
	if b != nil {
		b.Refresh()
	}
}

func (b *bfdStates) close() {
	if b != nil {
		b.Close()
	}
}
