/* A library that has a say when its process forks, as some allocators and agents do. FORK_HANDLER says what it does in the child. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void in_child(void) {
  const char *what = getenv("FORK_HANDLER");
  if (what != NULL && strcmp(what, "hangs") == 0)
    for (;;) pause();
}

__attribute__((constructor)) static void register_handlers(void) { pthread_atfork(NULL, NULL, in_child); }
