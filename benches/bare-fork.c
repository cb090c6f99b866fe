/*
 * bareFork(): the time of one bare fork() of this process in milliseconds, with V8's pages in the child as a heap snapshot needs them, and nothing else done.
 * The bench's yardstick for the stop of a capture. Node-API is declared by hand, so that no header is needed.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_create_double(napi_env, double, napi_value *);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);

enum { MOST = 65536 };
static struct { void *start; size_t length; } hidden[MOST];

static int has(const char *flags, const char *flag) { return strstr(flags, flag) != NULL; }

/* The mappings that V8 has marked MADV_DONTFORK, as /proc/self/smaps lists them. */
static int find_hidden(void) {
  FILE *smaps = fopen("/proc/self/smaps", "re");
  char line[1024];
  unsigned long start = 0, end = 0;
  int count = 0;
  while (smaps != NULL && fgets(line, sizeof line, smaps) != NULL) {
    unsigned long a, b;
    if (sscanf(line, "%lx-%lx ", &a, &b) == 2) start = a, end = b;
    else if (strncmp(line, "VmFlags:", 8) == 0 && has(line, " dc") && !has(line, " io") && !has(line, " pf") && !has(line, " sh") && count < MOST) {
      hidden[count].start = (void *)start;
      hidden[count++].length = end - start;
    }
  }
  if (smaps != NULL) fclose(smaps);
  return count;
}

static void advise(int count, int advice) {
  for (int i = 0; i < count; i++) madvise(hidden[i].start, hidden[i].length, advice);
}

static napi_value bare_fork(napi_env env, napi_callback_info info) {
  (void)info;
  int count = find_hidden();
  struct timespec before, after;
  napi_value answer = NULL;
  advise(count, MADV_DOFORK);
  clock_gettime(CLOCK_MONOTONIC, &before);
  pid_t child = fork();
  if (child == 0) _exit(0);
  clock_gettime(CLOCK_MONOTONIC, &after);
  advise(count, MADV_DONTFORK);
  if (child > 0) waitpid(child, NULL, 0);
  napi_create_double(env, (after.tv_sec - before.tv_sec) * 1e3 + (after.tv_nsec - before.tv_nsec) / 1e6, &answer);
  return answer;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function = NULL;
  (void)exports;
  napi_create_function(env, "bareFork", (size_t)-1, bare_fork, NULL, &function);
  return function;
}
