package smtp

// Log lines in keepalived's words; a server is [ADDRESS]:PORT. The last four
// are ours.
const (
	lineConnected      = "Remote SMTP server %s connected."
	lineSent           = "SMTP alert successfully sent."
	lineBadReply       = "Error processing %s cmd on SMTP server %s. SMTP status code = %d"
	lineReadTimeout    = "Timeout reading data to remote SMTP server %s."
	lineConnectTimeout = "Timeout opening connection to remote SMTP server %s."
	lineClosed         = "Remote SMTP server %s has closed the connection."
	lineInvalidServer  = "Invalid smtp server %s %d"

	lineConnectFailed = "Error opening connection to remote SMTP server %s: %v"
	lineBroken        = "Error talking to remote SMTP server %s: %v"
	lineGivenUp       = "SMTP alert '%s' was not delivered (%d attempts)"
	lineQueueFull     = "SMTP alert '%s' dropped: %d alerts wait already"
)
