// Times whole processes: from before the fork to the end of the output and of the process, with no shell in between.
// Cases are interleaved (A B C, then B C A, …), so that a disturbance of the machine meets all of them.
//
//   timer [--runs N] [--parallel K] [--first N] [--pause MICROSECONDS] [--window N] [--slots N] PLAN
//
// PLAN is a file (- is the standard input), one directive a line:
//   node NETNS      enter this network namespace before the program starts (for the steps that follow)
//   case NAME       a case; each run of it runs its steps in order
//   env KEY=VALUE   for all steps of the case, or after `step` for this one; nothing else is in the environment
//   step NAME
//   stdin FILE      what the program reads
//   output FILE     where its standard output is kept
//   run PROGRAM [ARGUMENT …]
//   then            another process of the step before: it starts when that one has ended, and its time is added
// In env, stdin, output and run, {i} is the number of the run, {k} that of the process within a parallel batch,
// {n} = i × parallel + k, {slot} = n modulo --slots.
//
// Prints one line per case and step, separated by tabs: case, step, count, min, median, p90 (µs), peak memory (kB);
// with --window, first the same for the first and the last N runs, as "step first" and "step last".
// A parallel batch counts as one run: from the first start to the last end.
// Ends at the first program that fails, with its output.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { max_cases = 12, max_steps = 4, max_items = 24, max_parallel = 256, max_text = 600 };

struct list {
  int count;
  char *items[max_items];
};

// A process, or several one after the other.
struct step {
  char *name, *input, *output;
  struct list environment, program;
  int node;
  float *samples;
  long peak;
  struct step *then;
};

struct plan_case {
  char *name;
  struct list environment;
  int steps;
  struct step step[max_steps];
};

static struct plan_case cases[max_cases];
static int case_count, runs = 200, parallel = 1, first, pause_time, window, slots = 1;

static _Noreturn void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fflush(stdout);
  dprintf(2, "timer: ");
  vdprintf(2, format, arguments);
  dprintf(2, "\n");
  exit(1);
}

static void *checked(void *pointer) {
  if (!pointer) fail("out of memory");
  return pointer;
}

static void add_item(struct list *list, char *item) {
  if (list->count == max_items - 1) fail("too many items: %s", item);
  list->items[list->count++] = item;
}

// The plan

static void read_directive(char *line, int *node) {
  char *rest = line + strcspn(line, " ");
  if (*rest) *rest++ = 0;
  struct plan_case *c = case_count ? &cases[case_count - 1] : NULL;
  struct step *s = c && c->steps ? &c->step[c->steps - 1] : NULL;
  while (s && s->then) s = s->then;
  if (strcmp(line, "node") == 0) {
    *node = open(rest, O_RDONLY | O_CLOEXEC);
    if (*node < 0) fail("%s: %s", rest, strerror(errno));
  } else if (strcmp(line, "case") == 0) {
    if (case_count == max_cases) fail("too many cases");
    cases[case_count++].name = checked(strdup(rest));
  } else if (!c) {
    fail("'%s' before any case", line);
  } else if (strcmp(line, "step") == 0) {
    if (c->steps == max_steps) fail("too many steps");
    s = &c->step[c->steps++];
    s->name = checked(strdup(rest));
    s->node = *node;
    s->samples = checked(calloc(runs, sizeof *s->samples));
  } else if (strcmp(line, "env") == 0) {
    add_item(s ? &s->environment : &c->environment, checked(strdup(rest)));
  } else if (!s) {
    fail("'%s' before any step", line);
  } else if (strcmp(line, "then") == 0) {
    s->then = checked(calloc(1, sizeof *s));
    s->then->name = s->name;
    s->then->node = *node;
  } else if (strcmp(line, "stdin") == 0) {
    s->input = checked(strdup(rest));
  } else if (strcmp(line, "output") == 0) {
    s->output = checked(strdup(rest));
  } else if (strcmp(line, "run") == 0) {
    for (char *word = strtok(rest, " "); word; word = strtok(NULL, " ")) add_item(&s->program, checked(strdup(word)));
  } else {
    fail("unknown directive '%s'", line);
  }
}

static void read_plan(const char *path) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
  if (!file) fail("%s: %s", path, strerror(errno));
  char line[max_text];
  int node = -1;
  while (fgets(line, sizeof line, file)) {
    char *start = line + strspn(line, " ");
    start[strcspn(start, "\n")] = 0;
    if (*start && *start != '#') read_directive(start, &node);
  }
  if (file != stdin) fclose(file);
}

// One process

struct filled {
  char *items[2 * max_items];
  char text[4096];
  size_t used;
};

// Puts the numbers of this run into a template.
static char *fill(struct filled *into, const char *template, int i, int k) {
  char *start = into->text + into->used;
  for (const char *p = template; *p;) {
    int number = -1, skip = 0;
    if (strncmp(p, "{i}", 3) == 0) number = i, skip = 3;
    else if (strncmp(p, "{k}", 3) == 0) number = k, skip = 3;
    else if (strncmp(p, "{n}", 3) == 0) number = i * parallel + k, skip = 3;
    else if (strncmp(p, "{slot}", 6) == 0) number = (i * parallel + k) % slots, skip = 6;
    size_t room = sizeof into->text - into->used;
    if (room < 16) fail("too long: %s", template);
    if (skip) {
      into->used += snprintf(into->text + into->used, room, "%d", number);
      p += skip;
    } else {
      into->text[into->used++] = *p++;
    }
  }
  into->text[into->used++] = 0;
  return start;
}

struct process {
  pid_t id;
  int output;  // the reading end of its standard output
};

static struct process start(struct step *s, const struct plan_case *c, int i, int k) {
  static struct filled environment, program, files;
  environment.used = program.used = files.used = 0;
  int count = 0;
  for (int n = 0; n < c->environment.count; n++)
    environment.items[count++] = fill(&environment, c->environment.items[n], i, k);
  for (int n = 0; n < s->environment.count; n++)
    environment.items[count++] = fill(&environment, s->environment.items[n], i, k);
  environment.items[count] = NULL;
  for (int n = 0; n < s->program.count; n++) program.items[n] = fill(&program, s->program.items[n], i, k);
  program.items[s->program.count] = NULL;
  int input = open(s->input ? fill(&files, s->input, i, k) : "/dev/null", O_RDONLY | O_CLOEXEC);
  if (input < 0) fail("%s: %s", s->input, strerror(errno));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) fail("pipe: %s", strerror(errno));

  pid_t id = vfork();
  if (id < 0) fail("vfork: %s", strerror(errno));
  if (id == 0) {
    if (s->node >= 0 && setns(s->node, CLONE_NEWNET) < 0) _exit(126);
    if (dup2(input, 0) < 0 || dup2(ends[1], 1) < 0) _exit(126);
    execve(program.items[0], program.items, environment.items);
    _exit(127);
  }
  close(input);
  close(ends[1]);
  return (struct process){id, ends[0]};
}

// Waits for the end of the output, as a runtime does, then for the process.
static void finish(struct step *s, const struct plan_case *c, struct process process, int i, int k) {
  static char output[65536];
  size_t size = 0;
  for (ssize_t got; (got = read(process.output, output + size, sizeof output - size)) > 0;) size += got;
  int status;
  struct rusage usage;
  if (wait4(process.id, &status, 0, &usage) < 0) fail("wait4: %s", strerror(errno));
  close(process.output);
  if (usage.ru_maxrss > s->peak) s->peak = usage.ru_maxrss;
  if (status != 0)
    fail("%s %s, run %d.%d: status %d: %.*s", c->name, s->name, i, k,
         WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), (int)size, output);
  if (s->output) {
    static struct filled path;
    path.used = 0;
    int file = open(fill(&path, s->output, i, k), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0 || write(file, output, size) != (ssize_t)size) fail("%s: %s", s->output, strerror(errno));
    close(file);
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void run_step(struct step *s, const struct plan_case *c, int run) {
  static struct process processes[max_parallel];
  int i = first + run;
  double begin = now();
  for (struct step *one = s; one; one = one->then) {
    for (int k = 0; k < parallel; k++) processes[k] = start(one, c, i, k);
    for (int k = 0; k < parallel; k++) finish(one, c, processes[k], i, k);
  }
  s->samples[run] = now() - begin;
  if (pause_time) usleep(pause_time);
}

// Statistics

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void report(const struct plan_case *c, const struct step *s, const char *which, int from, int count) {
  float *sorted = checked(malloc(count * sizeof *sorted));
  memcpy(sorted, s->samples + from, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, ascending);
  float median = count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
  printf("%s\t%s%s\t%d\t%.0f\t%.0f\t%.0f\t%ld\n", c->name, s->name, which, count, sorted[0], median,
         sorted[(count - 1) * 9 / 10], s->peak);
  free(sorted);
}

static int option_value(char **arguments, int count, int *at) {
  if (*at + 1 >= count) fail("%s wants a number", arguments[*at]);
  return atoi(arguments[++*at]);
}

int main(int count, char **arguments) {
  const char *path = NULL;
  for (int at = 1; at < count; at++) {
    const char *a = arguments[at];
    if (strcmp(a, "--runs") == 0) runs = option_value(arguments, count, &at);
    else if (strcmp(a, "--parallel") == 0) parallel = option_value(arguments, count, &at);
    else if (strcmp(a, "--first") == 0) first = option_value(arguments, count, &at);
    else if (strcmp(a, "--pause") == 0) pause_time = option_value(arguments, count, &at);
    else if (strcmp(a, "--window") == 0) window = option_value(arguments, count, &at);
    else if (strcmp(a, "--slots") == 0) slots = option_value(arguments, count, &at);
    else path = a;
  }
  if (!path || runs < 1 || parallel < 1 || parallel > max_parallel || slots < 1 || window > runs)
    fail("usage: timer [--runs N] [--parallel K] [--first N] [--pause MICROSECONDS] [--window N] [--slots N] PLAN");
  read_plan(path);
  for (int run = 0; run < runs; run++)
    for (int n = 0; n < case_count; n++) {
      struct plan_case *c = &cases[(run + n) % case_count];
      for (int step = 0; step < c->steps; step++) run_step(&c->step[step], c, run);
    }
  for (int n = 0; n < case_count; n++)
    for (int step = 0; step < cases[n].steps; step++) {
      const struct step *s = &cases[n].step[step];
      if (window > 0) {
        report(&cases[n], s, " first", 0, window);
        report(&cases[n], s, " last", runs - window, window);
      }
      report(&cases[n], s, "", 0, runs);
    }
  return 0;
}
