// The CPU that this build targets: its vector width, and the instruction sets that the running CPU must have.
#ifndef FINGERSPELL_TARGET_CPU_H
#define FINGERSPELL_TARGET_CPU_H

// A build can set fewer lanes (-DTARGET_CPU_LANES=4): the thread sanitizer does not check accesses of more than 16 bytes.
#if defined(TARGET_CPU_LANES)
#elif defined(__AVX512F__)
#define TARGET_CPU_LANES 16
#elif defined(__AVX__)
#define TARGET_CPU_LANES 8
#else
#define TARGET_CPU_LANES 4
#endif

// One hardware vector of single-precision numbers; Swift sees SIMD16<Float>, SIMD8<Float> or SIMD4<Float>.
typedef float target_cpu_lanes __attribute__((ext_vector_type(TARGET_CPU_LANES)));
// The same number of 32-bit unsigned integers.
typedef unsigned int target_cpu_words __attribute__((ext_vector_type(TARGET_CPU_LANES)));
// One hardware vector of 64-bit unsigned integers, for full products of words: half as many lanes.
typedef unsigned long target_cpu_wide_words __attribute__((ext_vector_type(TARGET_CPU_LANES / 2)));

// The square root of each lane. Swift's squareRoot() of a vector makes one call per lane.
static inline target_cpu_lanes target_cpu_square_roots(target_cpu_lanes x) {
  return __builtin_elementwise_sqrt(x);
}

// a b + c of each lane, rounded once. Swift's addingProduct of vectors is an operation for each lane; the optimizer puts these
// together again, but not always, and then not always well.
static inline target_cpu_lanes target_cpu_multiply_add(target_cpu_lanes a, target_cpu_lanes b, target_cpu_lanes c) {
  return __builtin_elementwise_fma(a, b, c);
}

// Each lane clamped to low ... high; NaN stays NaN.
static inline target_cpu_lanes target_cpu_clamped(target_cpu_lanes x, float low, float high) {
  const target_cpu_lanes lower = low, upper = high;
  const target_cpu_lanes below = x > upper ? upper : x;
  return below < lower ? lower : below;
}

// max(x, 0) of each lane; NaN stays NaN.
static inline target_cpu_lanes target_cpu_rectified(target_cpu_lanes x) {
  const target_cpu_lanes zero = 0;
  return x < zero ? zero : x;
}

// 0, 1, 2 ... in the lanes.
static inline target_cpu_lanes target_cpu_lane_numbers(void) {
#if TARGET_CPU_LANES == 16
  return (target_cpu_lanes){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif TARGET_CPU_LANES == 8
  return (target_cpu_lanes){0, 1, 2, 3, 4, 5, 6, 7};
#else
  return (target_cpu_lanes){0, 1, 2, 3};
#endif
}

// The even and the odd lanes of a followed by b. Swift has these only for vectors of a fixed width.
static inline target_cpu_lanes target_cpu_even_lanes(target_cpu_lanes a, target_cpu_lanes b) {
#if TARGET_CPU_LANES == 16
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
#elif TARGET_CPU_LANES == 8
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
#else
  return __builtin_shufflevector(a, b, 0, 2, 4, 6);
#endif
}

static inline target_cpu_lanes target_cpu_odd_lanes(target_cpu_lanes a, target_cpu_lanes b) {
#if TARGET_CPU_LANES == 16
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif TARGET_CPU_LANES == 8
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#else
  return __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
}

// The same number of 32-bit signed integers, for conversions: converting unsigned ones is slow before AVX-512.
typedef int target_cpu_integers __attribute__((ext_vector_type(TARGET_CPU_LANES)));
typedef unsigned char target_cpu_bytes __attribute__((ext_vector_type(TARGET_CPU_LANES)));

// Each lane rounded down.
static inline target_cpu_lanes target_cpu_floors(target_cpu_lanes x) {
  return __builtin_elementwise_floor(x);
}

// Each lane's integer part, for lanes within 32 bits.
static inline target_cpu_integers target_cpu_truncated(target_cpu_lanes x) {
  return __builtin_convertvector(x, target_cpu_integers);
}

// Each word, which must be below 2^31, as a floating-point number.
static inline target_cpu_lanes target_cpu_numbers(target_cpu_words x) {
  return __builtin_convertvector((target_cpu_integers)x, target_cpu_lanes);
}

// Consecutive bytes, zero-extended to one word each.
static inline target_cpu_words target_cpu_load_bytes(const unsigned char *from) {
  target_cpu_bytes bytes;
  __builtin_memcpy(&bytes, from, TARGET_CPU_LANES);
  return __builtin_convertvector(bytes, target_cpu_words);
}

// Stores the lowest byte of each integer to consecutive bytes.
static inline void target_cpu_store_bytes(target_cpu_integers x, unsigned char *to) {
  target_cpu_bytes bytes = __builtin_convertvector(x, target_cpu_bytes);
  __builtin_memcpy(to, &bytes, TARGET_CPU_LANES);
}

// The lanes of `equal` where a and b are equal, those of `other` elsewhere.
static inline target_cpu_lanes target_cpu_where_equal(
    target_cpu_lanes a, target_cpu_lanes b, target_cpu_lanes equal, target_cpu_lanes other) {
  return a == b ? equal : other;
}

// Replaces each of the places in a table by what is there. The empty instruction keeps the compiler from making vector gathers of
// these loads, which are slower where a gather is microcode: resampling an image takes 0.39 instead of 0.60 us on Zen 5.
static inline void target_cpu_look_up(const unsigned int *table, unsigned int *places, long count) {
#pragma clang loop unroll_count(8)
  for (long i = 0; i < count; i++) {
    unsigned int found = table[places[i]];
    __asm__("" : "+r"(found));
    places[i] = found;
  }
}

// Begins to bring the cache line of an address into the first-level cache.
static inline void target_cpu_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

// The name of the first instruction set that this build uses and the running CPU lacks; NULL if it has all of them.
const char *target_cpu_missing_feature(void);

// The core on which the calling thread runs; negative if unknown.
int target_cpu_core(void);

#endif
