// Linked into a program that the thread sanitizer watches, this target tells it when a Mutex was taken and given back.
// It has nothing to call.
