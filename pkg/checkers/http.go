package checkers

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Limits of an HTTP check.
const (
	// requestLimit is the longest request; more is cut.
	requestLimit = 2047
	// readSize is how much is read at a time, and what the header must fit
	// into.
	readSize = 4095
	// patience times connect_timeout is the longest a whole answer may take.
	// Each read has a limit of its own, but a server that sends one byte
	// after the other would never end; keepalived waits for ever.
	patience = 100
)

// probeHTTP asks for one url and judges the answer. The connection is read to
// its end: neither Content-Length nor chunked coding ends it.
func probeHTTP(ctx context.Context, t *Target) health.Outcome {
	c := t.Checker
	url := c.HTTP.URLs[t.URL]
	w, o, ok := openWeb(ctx, c, url, t.Certificate)
	if !ok {
		return o
	}
	defer w.close()
	a := newAnswer(url, t.regexOf(t.URL))
	if o, ok := w.read(a.add); !ok {
		return o
	}
	return a.judge()
}

// web is a connection on which a request was sent.
type web struct {
	check *config.Checker
	raw   net.Conn
	conn  net.Conn // raw, or TLS on it
	done  func() bool
	// notify: TLS is ended by the book, with close_notify.
	notify bool
}

// openWeb connects and sends the request; not ok means that o says why not.
func openWeb(ctx context.Context, c *config.Checker, url *config.HTTPURL, cert *tls.Certificate) (w *web, o health.Outcome, ok bool) {
	began := time.Now()
	raw, err := dial(ctx, c, "tcp")
	if err != nil {
		return nil, webConnectOutcome(err), false
	}
	w = &web{check: c, raw: raw, conn: raw, done: closeWith(ctx, raw)}
	if c.Kind == config.CheckSSL {
		// The handshake has what the connection left of its time.
		_ = raw.SetDeadline(began.Add(c.ConnectTimeout))
		secure := tls.Client(raw, tlsConfig(url, cert))
		if err := secure.HandshakeContext(ctx); err != nil {
			w.close()
			if isTimeout(err) {
				return nil, timedOut(logtext.ReasonWebConnectTime), false
			}
			return nil, bad(logtext.ReasonWebHandshake), false
		}
		w.conn = secure
		w.notify = url.TLSCompliant || c.HTTP.TLSCompliant
	}
	within(raw, c.ConnectTimeout)
	if _, err := w.conn.Write(httpRequest(c, url)); err != nil {
		w.close()
		return nil, bad(logtext.ReasonWebSend), false
	}
	return w, o, true
}

func (w *web) close() {
	w.done()
	if secure, ok := w.conn.(*tls.Conn); ok && w.notify {
		within(w.raw, w.check.ConnectTimeout)
		_ = secure.CloseWrite()
	}
	w.raw.Close()
}

// read reads to the end of the connection and hands everything to take, until
// that has had enough; not ok means that the outcome is known already.
func (w *web) read(take func([]byte) bool) (o health.Outcome, ok bool) {
	c, raw, conn := w.check, w.raw, w.conn
	received := false
	timeReason, readReason := logtext.ReasonWebReadTime, logtext.ReasonWebRead
	secure := c.Kind == config.CheckSSL
	if secure {
		timeReason, readReason = logtext.ReasonWebReadTimeSSL, logtext.ReasonWebReadSSL
	}
	end := time.Now().Add(patience * c.ConnectTimeout)
	buf := make([]byte, readSize)
	within(raw, c.ConnectTimeout)
	for reads := 0; ; reads++ {
		// HTTP has the timeout for each read, TLS for the first and for
		// the whole of the rest.
		if reads > 0 && !secure || reads == 1 {
			within(raw, c.ConnectTimeout)
		}
		n, err := conn.Read(buf)
		received = received || n > 0
		if n > 0 && !take(buf[:n]) {
			return bad(logtext.ReasonWebNoData), false
		}
		switch {
		case err == nil && time.Now().After(end):
			return timedOut(timeReason), false
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return o, true
		case isTimeout(err) && !received:
			return timedOut(logtext.ReasonWebFirstByte), false
		case isTimeout(err):
			return timedOut(timeReason), false
		default:
			return bad("%s", readReason), false
		}
	}
}

// httpRequest is the request, byte for byte keepalived's.
func httpRequest(c *config.Checker, url *config.HTTPURL) []byte {
	version, extra := "1.0", ""
	switch c.HTTP.Protocol {
	case config.HTTP10Close:
		extra = "Connection: close\r\n"
	case config.HTTP11:
		version, extra = "1.1", "Connection: close\r\n"
	case config.HTTP10:
	}
	host := url.VirtualHost
	if host == "" {
		host = c.Destination.String()
	}
	request := "GET " + url.Path + " HTTP/" + version + "\r\nUser-Agent: KeepAliveClient\r\n" + extra +
		"Host: " + host + "\r\n\r\n"
	return []byte(request[:min(len(request), requestLimit)])
}

// tlsConfig: the server's certificate is not looked at, a check is not about
// whom we talk to; so any cipher will do as well.
func tlsConfig(url *config.HTTPURL, cert *tls.Certificate) *tls.Config {
	cfg := &tls.Config{
		InsecureSkipVerify: true,
		ServerName:         url.SNIName,
		MinVersion:         tls.VersionTLS10,
		CipherSuites:       allCiphers,
		Renegotiation:      tls.RenegotiateOnceAsClient,
	}
	if cert != nil {
		// Whatever authorities the server says it knows: as OpenSSL.
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	return cfg
}

// allCiphers are those of TLS 1.2 and before. Go's default leaves out what many
// an old server has alone, RSA key exchange above all.
var allCiphers = func() (ids []uint16) {
	for _, c := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		ids = append(ids, c.ID)
	}
	return ids
}()

func webConnectOutcome(err error) health.Outcome {
	switch {
	case isTimeout(err):
		return timedOut(logtext.ReasonWebConnectTime)
	case isUnreachable(err):
		return bad(logtext.ReasonWebUnreachable)
	}
	if o, local := classify(err); local {
		return o
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return bad(logtext.ReasonWebRefused)
	}
	return bad(logtext.ReasonWebConnect)
}

// accepts reports whether code is one of the url's.
func accepts(url *config.HTTPURL, code int) bool {
	if len(url.StatusCodes) == 0 {
		return code >= 200 && code <= 299
	}
	return slices.ContainsFunc(url.StatusCodes, func(r config.StatusRange) bool { return r.First <= code && code <= r.Last })
}
