// What the thread sanitizer must be told about Swift's Mutex.
//
// Where nobody else wants the lock, taking and giving it back are atomic instructions inside the program, and the sanitizer
// sees them. Where threads contend, Mutex calls into libswiftSynchronization, which is not instrumented: that one thread gave
// the lock back before the other got it stays hidden, and all that the lock guards looks like a race.
//
// So the three functions of the slow path are defined here under the library's names, which the program's own calls then
// reach first. Each does what the library's does, and says what it means. Nothing is suppressed, and programs that are built
// without the sanitizer are left alone. Should another toolchain name these functions otherwise, the control `mutex` of
// race-controls fails.
#include "MutexAnnotations.h"

#if defined(__has_feature) && __has_feature(thread_sanitizer)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// A method of Swift takes `self` in a register of its own.
#define METHOD __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);

METHOD void annotated_lock(uint32_t thread, SELF mutex) __asm__(LOCK);
METHOD bool annotated_try_lock(SELF mutex) __asm__(TRY_LOCK);
METHOD void annotated_unlock(SELF mutex) __asm__(UNLOCK);

static METHOD void (*lock)(uint32_t thread, SELF mutex);
static METHOD bool (*try_lock)(SELF mutex);
static METHOD void (*unlock)(SELF mutex);

static void *library_function(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) abort();
  return function;
}

// Before there is a second thread.
__attribute__((constructor)) static void find_library_functions(void) {
  lock = library_function(LOCK);
  try_lock = library_function(TRY_LOCK);
  unlock = library_function(UNLOCK);
}

METHOD void annotated_lock(uint32_t thread, SELF mutex) {
  lock(thread, mutex);
  __tsan_acquire(mutex);
}

METHOD bool annotated_try_lock(SELF mutex) {
  bool is_taken = try_lock(mutex);
  if (is_taken) __tsan_acquire(mutex);
  return is_taken;
}

METHOD void annotated_unlock(SELF mutex) {
  __tsan_release(mutex);
  unlock(mutex);
}
#endif
