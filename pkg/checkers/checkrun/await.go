package checkrun

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// awaitInterval is how often a kernel without IPVS is asked again. Each time
// costs an attempt to load the module.
const awaitInterval = 30 * time.Second

// await waits until a kernel without IPVS has it, or opening it fails in another
// way than err, or ctx ends, when e.kernel is still nil. A reload asks again at
// once.
func (e *Engine) await(ctx context.Context, err error) error {
	e.setWaiting(err.Error())
	e.opt.Ready()
	tick := time.NewTicker(awaitInterval)
	defer tick.Stop()
	for errors.Is(err, ipvs.ErrNoIPVS) {
		cfg := e.cfg
		select {
		case <-ctx.Done():
			return nil
		case <-e.box.wake:
			e.deliver(e.box.take(nil))
			if e.cfg == cfg {
				continue
			}
		case <-tick.C:
		}
		if !e.cfg.WantsCheckers() {
			e.setWaiting("") // nothing is missing
			continue
		}
		if err = e.open(); err != nil {
			e.setWaiting(err.Error())
		}
	}
	if err == nil {
		e.log(slog.LevelInfo, lineCame)
		e.setWaiting("")
	}
	return err
}

// setWaiting says why we wait, when that is new.
func (e *Engine) setWaiting(reason string) {
	if reason == e.waiting {
		return
	}
	e.waiting = reason
	if reason != "" {
		e.log(slog.LevelError, reason+lineAwait)
	}
	e.opt.Waiting(reason)
}
