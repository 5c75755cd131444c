package smtp

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// postOffice delivers by a script of outcomes, and keeps a record.
type postOffice struct {
	mu      sync.Mutex
	begun   time.Time
	log     bytes.Buffer
	record  []string
	takes   time.Duration
	outcome func(attempt int) (outcome, []string)
	most    int
	now     int
}

func (p *postOffice) deliver(ctx context.Context, m *mail) (outcome, []string) {
	p.mu.Lock()
	p.record = append(p.record, fmt.Sprintf("%v %s to %s", time.Since(p.begun), m.message.subject, strings.Join(m.left, " ")))
	p.now++
	p.most = max(p.most, p.now)
	p.mu.Unlock()
	select {
	case <-time.After(p.takes):
	case <-ctx.Done():
	}
	p.mu.Lock()
	p.now--
	p.mu.Unlock()
	if ctx.Err() != nil {
		return deferred, m.left
	}
	return p.outcome(m.attempts)
}

func (p *postOffice) queue() *queue {
	p.begun = time.Now()
	if p.outcome == nil {
		p.outcome = func(int) (outcome, []string) { return delivered, nil }
	}
	return newQueue(slog.New(slog.NewTextHandler(&p.log, nil)), p.deliver)
}

func letter(subject string) message {
	return message{date: time.Now(), to: []string{"a", "b"}, subject: subject}
}

func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &postOffice{outcome: func(attempt int) (outcome, []string) {
			switch attempt {
			case 0:
				return deferred, []string{"a", "b"}
			case 1:
				return deferred, []string{"b"}
			}
			return delivered, nil
		}}
		q := p.queue()
		q.add(letter("x"))
		time.Sleep(time.Hour)
		synctest.Wait()
		want := []string{"0s x to a b", "5s x to a b", "35s x to b"}
		if !slices.Equal(p.record, want) || p.log.Len() > 0 {
			t.Errorf("got %q, log %q; want %q", p.record, p.log.String(), want)
		}
		q.close(t.Context())
	})
}

func TestGivenUp(t *testing.T) {
	tests := map[string]struct {
		outcome  outcome
		attempts int
	}{"deferred": {deferred, 5}, "refused": {refused, 1}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &postOffice{outcome: func(int) (outcome, []string) { return test.outcome, []string{"a"} }}
				q := p.queue()
				q.add(letter("x"))
				time.Sleep(time.Hour)
				synctest.Wait()
				if len(p.record) != test.attempts || !strings.Contains(p.log.String(), fmt.Sprintf("SMTP alert 'x' was not delivered (%d attempts)", test.attempts)) {
					t.Errorf("attempts %q, log %q", p.record, p.log.String())
				}
				q.close(t.Context())
			})
		})
	}
}

func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &postOffice{takes: time.Second}
		q := p.queue()
		for n := range capacity + parallel + 3 {
			q.add(letter(fmt.Sprint("m", n)))
		}
		if got := strings.Count(p.log.String(), "dropped"); got != 3 || !strings.Contains(p.log.String(), fmt.Sprintf("'m%d' dropped: 500 alerts wait already", parallel)) {
			t.Errorf("%d dropped: %s", got, p.log.String())
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(p.record) != capacity+parallel || p.most != parallel {
			t.Errorf("%d delivered, %d at once", len(p.record), p.most)
		}
		last := strings.Join(p.record[len(p.record)-parallel:], "\n")
		if !strings.Contains(last, fmt.Sprintf(" m%d ", capacity+parallel+2)) {
			t.Errorf("the last ones were\n%s", last)
		}
		q.close(t.Context())
	})
}

// Close tries what waits at once, and once.
func TestCloseDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &postOffice{takes: 10 * time.Millisecond, outcome: func(attempt int) (outcome, []string) {
			return deferred, []string{"a"}
		}}
		q := p.queue()
		q.add(letter("waits"))
		time.Sleep(time.Second)
		for n := range 30 {
			q.add(letter(fmt.Sprint("m", n)))
		}
		begun := time.Now()
		q.close(t.Context())
		q.add(letter("too late"))
		if took := time.Since(begun); took > 50*time.Millisecond {
			t.Errorf("closed after %v", took)
		}
		if len(p.record) != 32 || p.most != closingParallel || strings.Count(p.log.String(), "was not delivered") != 31 {
			t.Errorf("%d attempts, %d at once, log %s", len(p.record), p.most, p.log.String())
		}
	})
}

func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &postOffice{takes: time.Hour}
		q := p.queue()
		for n := range 40 {
			q.add(letter(fmt.Sprint("m", n)))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		q.close(ctx)
		if took := time.Since(begun); took != time.Second {
			t.Errorf("closed after %v", took)
		}
		if got := strings.Count(p.log.String(), "was not delivered"); got != 40 {
			t.Errorf("%d of 40 alerts are reported lost", got)
		}
	})
}
