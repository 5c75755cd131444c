// Package smtp mails alerts: it is the event.Sink behind smtp_alert.
//
// Each alert is one mail over one connection, with the plain dialogue that
// keepalived has (HELO, no TLS, no authentication: meant for a relay on the
// same host or site). Unlike keepalived's, a mail is tried again when the
// server cannot take it now, one refused recipient does not cost the others
// theirs, and alerts of the shutdown leave within the time that Close is
// given. The queue is bounded; nothing here ever delays the engine.
package smtp
