/*
 * Preloaded into user-mode Linux by uml-exec. Linux 6.1 as a program keeps the
 * vector registers of its processes in a buffer of fixed size. On processors
 * whose state is larger (AMX) the kernel below it refuses to take such a
 * partial state back. Here the rest is filled in with what is there already.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

long ptrace(enum __ptrace_request request, ...)
{
	static long (*next)(enum __ptrace_request, ...);
	static char whole[65536];
	va_list list;
	pid_t pid;
	void *addr;
	struct iovec *part, all = {whole, sizeof whole};
	size_t size;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "ptrace");
	va_start(list, request);
	pid = va_arg(list, pid_t);
	addr = va_arg(list, void *);
	part = va_arg(list, struct iovec *);
	va_end(list);
	if ((request != PTRACE_GETREGSET && request != PTRACE_SETREGSET) || addr != (void *)NT_X86_XSTATE)
		return next(request, pid, addr, part);

	if (next(PTRACE_GETREGSET, pid, addr, &all) < 0)
		return -1;
	size = part->iov_len < all.iov_len ? part->iov_len : all.iov_len;
	if (request == PTRACE_GETREGSET) {
		memcpy(part->iov_base, whole, size);
		part->iov_len = size;
		return 0;
	}
	memcpy(whole, part->iov_base, size);
	return next(PTRACE_SETREGSET, pid, addr, &all);
}
