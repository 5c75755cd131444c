package confparse

// Keepalived227 is for tests in confparse_test.
var Keepalived227 = keepalived227
