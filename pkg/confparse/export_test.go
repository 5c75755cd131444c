package confparse

// SharedDir is for tests in confparse_test.
var SharedDir = sharedDir
