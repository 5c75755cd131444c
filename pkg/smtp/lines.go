package smtp

// Lines of our own; a server is [ADDRESS]:PORT.
const (
	lineConnectFailed = "Error opening connection to remote SMTP server %s: %v"
	lineBroken        = "Error talking to remote SMTP server %s: %v"
	lineGivenUp       = "SMTP alert '%s' was not delivered (%d attempts) - the reason is in the lines above; see smtp_server and smtp_connect_timeout"
	lineQueueFull     = "SMTP alert '%s' dropped: %d alerts wait already - does the smtp_server take mail?"
)
