package vrrprun

// Ping returns when the loop has taken a turn, or has ended. A loop that hangs
// never lets it return.
func (e *Engine) Ping() { e.call(func() {}) }
