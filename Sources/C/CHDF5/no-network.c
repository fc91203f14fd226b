// Debian builds the HDF5 library with a driver for files in S3 buckets, which calls libcurl. No file here is opened that way. So that
// the library's archive can be linked without libcurl and all that it needs, its calls lead here, and fail. They are visible in this
// program's own objects alone.

#include <stddef.h>

#pragma GCC visibility push(hidden)

int curl_global_init(long flags) { return 2; }  // CURLE_FAILED_INIT
void curl_global_cleanup(void) {}
void *curl_easy_init(void) { return NULL; }
void curl_easy_cleanup(void *handle) {}
int curl_easy_perform(void *handle) { return 2; }
int curl_easy_setopt(void *handle, int option, ...) { return 2; }
void *curl_slist_append(void *list, const char *text) { return NULL; }
void curl_slist_free_all(void *list) {}

#pragma GCC visibility pop
