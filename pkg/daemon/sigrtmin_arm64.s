#include "textflag.h"

// doNothing is a signal handler. It runs on the signal stack of the thread
// and returns through the kernel's own trampoline.
TEXT ·doNothing(SB), NOSPLIT|NOFRAME, $0
	RET

DATA ·doNothingAddr(SB)/8, $·doNothing(SB)
GLOBL ·doNothingAddr(SB), RODATA, $8
DATA ·sigreturnAddr(SB)/8, $0
GLOBL ·sigreturnAddr(SB), RODATA, $8
