#include "CStartUp.h"

#include <malloc.h>
#include <stdlib.h>

static int argument_count;
static char **arguments;

// Before main, and before the Swift runtime's own initialisers, which have no priority. Without SWIFT_ROOT a static
// program looks for itself in /proc, and aborts where that is not mounted; without the path of the program that prints
// backtraces the runtime searches for one at every start.
__attribute__((constructor(101))) static void prepare_swift_runtime(int argc, char **argv) {
  setenv("SWIFT_ROOT", "/", 0);
  setenv("SWIFT_BACKTRACE", "enable=no,swift-backtrace=/", 0);
  argument_count = argc;
  arguments = argv;
  // The heap grows in one step, and is not given back piece by piece by a process that is about to end.
  mallopt(M_TOP_PAD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

// These two take the place of the Swift runtime's own, which read /proc/self/maps at every start to find the arguments
// (25 µs), and have none where there is no /proc.

char **_swift_stdlib_getUnsafeArgvArgc(int *count) {
  *count = argument_count;
  return arguments;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **argv, int argc) {
  argument_count = argc;
  arguments = argv;
}
