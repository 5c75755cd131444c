package daemon

import (
	"io"
	"os"
	"syscall"
	"time"
)

// process is a running child.
type process struct {
	number  int
	control *control
	// words gets what the runtime wrote about a panic, once, at the end.
	words chan string
}

// maxLastWords bounds what of a panic goes to the log: the reason and the
// frames where it happened come first.
const maxLastWords = 4096

// startWorker starts a child and reads its messages until it ends.
func startWorker(h *handoff, argv []string, bundle *os.File, pids *pidFile, received func(pid int, m message)) (*process, error) {
	ours, theirs, err := controlPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	crash, crashW, err := os.Pipe()
	if err != nil {
		ours.close()
		return nil, err
	}
	defer crashW.Close()
	h.Bundle, h.Control, h.Crash = h.give(bundle), h.give(theirs), h.give(crashW)
	h.PIDFiles = map[role]int{h.Role: h.give(pids.f)}
	pid, err := h.spawn(argv, nil, "", nil)
	if err != nil {
		ours.close()
		_ = crash.Close()
		return nil, err
	}
	w := &process{number: pid, control: ours, words: make(chan string, 1)}
	go w.readMessages(received)
	go w.readCrash(crash)
	return w, nil
}

func (w *process) readMessages(received func(int, message)) {
	defer w.control.close()
	for {
		m, attached, err := w.control.receive()
		if attached != nil {
			_ = attached.Close()
		}
		if err != nil {
			return
		}
		received(w.number, m)
	}
}

func (w *process) readCrash(r *os.File) {
	defer r.Close()
	text, _ := io.ReadAll(io.LimitReader(r, maxLastWords))
	_, _ = io.Copy(io.Discard, r)
	w.words <- string(text)
}

func (w *process) pid() int { return w.number }

func (w *process) send(m message, attached *os.File) error { return w.control.send(m, attached) }

func (w *process) signal(s syscall.Signal) error { return syscall.Kill(w.number, s) }

// lastWordsWait is how long the pipe of a dead process may take to end.
const lastWordsWait = 200 * time.Millisecond

func (w *process) lastWords() string {
	select {
	case text := <-w.words:
		return text
	case <-time.After(lastWordsWait):
		return ""
	}
}
