// Package genhash is keepalived's genhash: it prints the MD5 digest of a page,
// as the digest of an HTTP_GET or SSL_GET url wants it.
//
// Failures to get the page are printed on standard output with exit status 0,
// as scripts that call genhash have come to expect; only wrong usage is 1.
package genhash
