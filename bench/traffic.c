// Round trips and TCP throughput between pairs of network namespaces, interleaved: a slice of each pair in turn, so that
// a disturbance of the machine meets all of them.
//
//   traffic [--slices N] [--round-trips N] [--milliseconds N] [--one-processor] NAME NETNS NETNS ADDRESS …
//
// Each NAME is a pair: a client in the first namespace, a server in the second, where ADDRESS (IPv4 or IPv6) is.
// Client and server run on processors of their own, or on one.
//
// A slice is a number of UDP round trips of 64 octets, of which the mean counts, or that many milliseconds of TCP.
// Prints two lines per pair, separated by tabs: name, "round trip", slices, min, median, p90 (ns), 0; and name,
// "throughput", slices, min, median, p90 (Mbit/s), 0.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { port = 7777, message_size = 64, chunk = 128 * 1024, max_pairs = 8 };

struct pair {
  const char *name;
  int client, server;  // namespaces
  struct sockaddr_storage address;
  socklen_t address_size;
  int udp;
  double *times, *rates;
};

static struct pair pairs[max_pairs];
static int pair_count, slices = 100, round_trips = 500, milliseconds = 50, one_processor;

static _Noreturn void die(const char *what) {
  dprintf(2, "traffic: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void run_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  // On a machine with one processor, or where it is not ours, wherever the kernel likes.
  sched_setaffinity(0, sizeof set, &set);
}

static int socket_in(int namespace, const struct pair *pair, int type) {
  if (setns(namespace, CLONE_NEWNET) < 0) die("enter a namespace");
  int fd = socket(pair->address.ss_family, type | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  // A lost packet is an error, not a wait for ever.
  struct timeval patience = {.tv_sec = 5};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

// The server: answers every datagram, and reads every connection to its end.

static void serve_datagrams(int fd) {
  char message[message_size];
  struct sockaddr_storage from;
  for (;;) {
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(fd, message, sizeof message, 0, (struct sockaddr *)&from, &size);
    if (got > 0) sendto(fd, message, got, 0, (struct sockaddr *)&from, size);
  }
}

static void serve_connections(int fd) {
  static char buffer[chunk];
  for (;;) {
    int connection = accept(fd, NULL, NULL);
    if (connection < 0) continue;
    uint64_t total = 0;
    for (ssize_t got; (got = read(connection, buffer, sizeof buffer)) > 0;) total += got;
    // What arrived is what counts.
    if (write(connection, &total, sizeof total) < 0) die("answer");
    close(connection);
  }
}

static void start_server(const struct pair *pair, int type) {
  int fd = socket_in(pair->server, pair, type), yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (const struct sockaddr *)&pair->address, pair->address_size) < 0) die(pair->name);
  if (type == SOCK_STREAM && listen(fd, 8) < 0) die("listen");
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    run_on(one_processor ? 0 : 1);
    if (type == SOCK_DGRAM) serve_datagrams(fd);
    serve_connections(fd);
  }
  close(fd);
}

// The client

static double time_round_trip(const struct pair *pair) {
  char message[message_size] = {0};
  double start = now();
  for (int i = 0; i < round_trips; i++)
    if (write(pair->udp, message, sizeof message) < 0 || read(pair->udp, message, sizeof message) < 0) die(pair->name);
  return (now() - start) / round_trips;
}

// In Mbit/s, from the first octet to the server's word that it has the last.
static double time_transfer(const struct pair *pair) {
  static char buffer[chunk];
  int fd = socket_in(pair->client, pair, SOCK_STREAM);
  if (connect(fd, (const struct sockaddr *)&pair->address, pair->address_size) < 0) die(pair->name);
  double start = now(), end = start + milliseconds * 1e6;
  while (now() < end)
    if (write(fd, buffer, sizeof buffer) < 0) die(pair->name);
  shutdown(fd, SHUT_WR);
  uint64_t total = 0;
  if (read(fd, &total, sizeof total) != sizeof total) die(pair->name);
  double elapsed = now() - start;
  close(fd);
  return total * 8e3 / elapsed;
}

// Results

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(const char *name, const char *what, double *samples) {
  qsort(samples, slices, sizeof *samples, ascending);
  double median = slices % 2 ? samples[slices / 2] : (samples[slices / 2 - 1] + samples[slices / 2]) / 2;
  printf("%s\t%s\t%d\t%.0f\t%.0f\t%.0f\t0\n", name, what, slices, samples[0], median, samples[(slices - 1) * 9 / 10]);
}

static int open_namespace(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(path);
  return fd;
}

static void read_pair(char **words) {
  if (pair_count == max_pairs) die("too many pairs");
  struct pair *pair = &pairs[pair_count++];
  pair->name = words[0];
  pair->client = open_namespace(words[1]);
  pair->server = open_namespace(words[2]);
  struct sockaddr_in *v4 = (struct sockaddr_in *)&pair->address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&pair->address;
  if (inet_pton(AF_INET, words[3], &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    pair->address_size = sizeof *v4;
  } else if (inet_pton(AF_INET6, words[3], &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    pair->address_size = sizeof *v6;
  } else {
    errno = EINVAL;
    die(words[3]);
  }
}

static void read_arguments(int count, char **words) {
  int at = 1;
  for (; at < count && strncmp(words[at], "--", 2) == 0; at++) {
    if (strcmp(words[at], "--one-processor") == 0) one_processor = 1;
    else if (at + 1 < count && strcmp(words[at], "--slices") == 0) slices = atoi(words[++at]);
    else if (at + 1 < count && strcmp(words[at], "--round-trips") == 0) round_trips = atoi(words[++at]);
    else if (at + 1 < count && strcmp(words[at], "--milliseconds") == 0) milliseconds = atoi(words[++at]);
    else at = count;
  }
  if (at >= count || (count - at) % 4 != 0 || slices < 1 || round_trips < 1) {
    dprintf(2, "usage: traffic [--slices N] [--round-trips N] [--milliseconds N] [--one-processor] "
               "NAME NETNS NETNS ADDRESS …\n");
    exit(2);
  }
  for (; at < count; at += 4) read_pair(words + at);
}

int main(int count, char **words) {
  read_arguments(count, words);
  run_on(0);
  for (int n = 0; n < pair_count; n++) {
    struct pair *pair = &pairs[n];
    start_server(pair, SOCK_DGRAM);
    start_server(pair, SOCK_STREAM);
    pair->udp = socket_in(pair->client, pair, SOCK_DGRAM);
    if (connect(pair->udp, (struct sockaddr *)&pair->address, pair->address_size) < 0) die(pair->name);
    pair->times = calloc(slices, sizeof(double));
    pair->rates = calloc(slices, sizeof(double));
    if (!pair->times || !pair->rates) die("memory");
    // Neighbours are found, caches filled.
    time_round_trip(pair);
    time_transfer(pair);
  }
  for (int slice = 0; slice < slices; slice++)
    for (int n = 0; n < pair_count; n++) {
      struct pair *pair = &pairs[(slice + n) % pair_count];
      pair->times[slice] = time_round_trip(pair);
    }
  for (int slice = 0; slice < slices; slice++)
    for (int n = 0; n < pair_count; n++) {
      struct pair *pair = &pairs[(slice + n) % pair_count];
      pair->rates[slice] = time_transfer(pair);
    }
  for (int n = 0; n < pair_count; n++) {
    report(pairs[n].name, "round trip", pairs[n].times);
    report(pairs[n].name, "throughput", pairs[n].rates);
  }
  return 0;
}
