#include "textflag.h"

// doNothing is a signal handler. It runs on the signal stack of the thread.
TEXT ·doNothing(SB), NOSPLIT|NOFRAME, $0
	RET

// sigreturn is where a handler returns to.
TEXT ·sigreturn(SB), NOSPLIT|NOFRAME, $0
	MOVQ $15, AX // rt_sigreturn
	SYSCALL
	INT $3

DATA ·doNothingAddr(SB)/8, $·doNothing(SB)
GLOBL ·doNothingAddr(SB), RODATA, $8
DATA ·sigreturnAddr(SB)/8, $·sigreturn(SB)
GLOBL ·sigreturnAddr(SB), RODATA, $8
