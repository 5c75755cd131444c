package confparse

// SharedDir is for tests in confparse_test.
var SharedDir = sharedDir

// CaseEnv is for tests in confparse_test.
var CaseEnv = caseEnv
