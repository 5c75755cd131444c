// Package wire is the bytes of VRRP: the IPv4 header, the authentication
// header, the advert of versions 2 and 3 and the auth_hmac trailer, each with
// its check.
//
//	IPv4:  | IP header 20 | [AH 24] | VRRP 8 | addresses | [auth data 8] | [trailer 28] |
//	IPv6:                           | VRRP 8 | addresses |               | [trailer 28] |
//
// Nothing here allocates once its scratch space exists, and nothing keeps the
// bytes it was given. Every reason to refuse a packet is a Drop.
//
// RFC 3768 (version 2), RFC 5798 and RFC 9568 (version 3), RFC 2402 (AH as
// VRRP version 2 used it, RFC 2338 5.3.6.3).
package wire
