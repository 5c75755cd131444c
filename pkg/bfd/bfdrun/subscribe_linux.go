package bfdrun

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
	"golang.org/x/sys/unix"
)

// Subscription is the consumer's end of a feed.
type Subscription struct {
	file   *os.File
	fd     int
	poller *eventloop.Poller
	closed chan struct{}
	done   chan struct{}
}

// Subscribe passes states on to received, from one goroutine, in order. What
// was meant for somebody before us is thrown away, and every state asked for
// anew; so the same may come twice. news is false for what received knows
// already.
func Subscribe(receiver *os.File, log *slog.Logger, received func(s State, news bool)) (*Subscription, error) {
	poller, err := eventloop.Open()
	if err != nil {
		return nil, err
	}
	s := &Subscription{file: receiver, fd: int(receiver.Fd()), poller: poller, closed: make(chan struct{}), done: make(chan struct{})}
	if err := poller.Add(s.fd, 0); err != nil {
		poller.Close()
		return nil, err
	}
	var buf [maxMessage]byte
	for {
		if _, err := receive(s.fd, buf[:]); err != nil {
			break
		}
	}
	s.Refresh()
	go s.run(log, received)
	return s, nil
}

// Refresh asks for every state again: the consumer may know sessions now that
// it did not know before.
func (s *Subscription) Refresh() {
	// If it does not get through, the other end is not there, and will
	// announce everything when it starts; or its box is full of requests.
	_ = transmit(s.fd, []byte{kindRepeat})
}

// Close ends the subscription. The feed lives on in the parent.
func (s *Subscription) Close() {
	close(s.closed)
	s.poller.Wake()
	<-s.done
	s.poller.Close()
	_ = s.file.Close()
}

func (s *Subscription) run(log *slog.Logger, received func(s State, news bool)) {
	defer close(s.done)
	told := map[string]bool{} // whether a session was last said to be Up
	var buf [maxMessage]byte
	for {
		ready, err := s.poller.Wait(-1)
		if err != nil {
			log.Error(fmt.Sprintf(textFeedBroken, err))
			return
		}
		select {
		case <-s.closed:
			return
		default:
		}
		if len(ready) == 0 {
			continue
		}
		n, err := receive(s.fd, buf[:])
		switch {
		case err == unix.EAGAIN:
			continue
		case err != nil || n == 0:
			return // the parent is gone, which others notice, too
		}
		state, err := decodeState(buf[:n])
		if err != nil {
			log.Error(fmt.Sprintf(textOddEvent, err))
			continue
		}
		up, known := told[state.Session]
		told[state.Session] = state.Up
		received(state, !known || up != state.Up)
	}
}

// receive reads a message without waiting. The file's own mode is shared with
// other processes and may be either.
func receive(fd int, b []byte) (int, error) {
	for {
		n, _, err := unix.Recvfrom(fd, b, unix.MSG_DONTWAIT)
		if err == unix.EINTR {
			continue
		}
		if err == nil && n == 0 {
			return 0, unix.ECONNRESET
		}
		return n, err
	}
}

// transmit writes a message without waiting.
func transmit(fd int, b []byte) error {
	for {
		err := unix.Send(fd, b, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		if err != unix.EINTR {
			return err
		}
	}
}
