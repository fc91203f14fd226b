// Adds up what a thread asks of the heap. Needs a sanitizer's runtime, which reports every allocation.
#ifndef FINGERSPELL_ALLOCATION_METER_H
#define FINGERSPELL_ALLOCATION_METER_H

// Starts to add up this thread's requests (malloc, calloc, realloc, aligned ones).
void allocation_meter_start(void);

// Ends it. Returns the sum of all requests in bytes, whatever was freed in between.
unsigned long allocation_meter_stop(void);

#endif
