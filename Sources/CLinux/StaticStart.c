#define _GNU_SOURCE
#include <stdlib.h>

// A statically linked Swift program looks up its own path in /proc/self when it starts, for backtraces and to find its
// arguments, and aborts where there is no /proc. It need not: the path of the runtime can be given, and the arguments.
extern void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count) __attribute__((weak));

// Before the constructors of the runtime.
__attribute__((constructor(101))) static void start_without_proc(int count, char **arguments) {
  setenv("SWIFT_ROOT", "/", 0);
  if (_swift_stdlib_overrideUnsafeArgvArgc) _swift_stdlib_overrideUnsafeArgvArgc(arguments, count);
}
