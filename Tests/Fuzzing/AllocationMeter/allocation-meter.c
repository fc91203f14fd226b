#include "AllocationMeter.h"

#include <stdbool.h>
#include <stddef.h>

extern int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, size_t), void (*free_hook)(const volatile void *));

static _Thread_local bool running;
static _Thread_local unsigned long requested;

static void allocated(const volatile void *memory, size_t size) {
  if (running) requested += size;
}

static void freed(const volatile void *memory) {}

__attribute__((constructor)) static void install(void) { __sanitizer_install_malloc_and_free_hooks(allocated, freed); }

void allocation_meter_start(void) {
  requested = 0;
  running = true;
}

unsigned long allocation_meter_stop(void) {
  running = false;
  return requested;
}
