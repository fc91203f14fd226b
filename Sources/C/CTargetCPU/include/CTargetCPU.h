// What the code was generated for: the vector width, and the instruction sets that the running CPU must have.
#ifndef FINGERSPELL_TARGET_CPU_H
#define FINGERSPELL_TARGET_CPU_H

// A build can ask for less (-DTARGET_CPU_LANES=4): the thread sanitizer sees no access of more than 16 bytes.
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
// One hardware vector of 64-bit unsigned integers, for full products of words: half as many.
typedef unsigned long target_cpu_wide_words __attribute__((ext_vector_type(TARGET_CPU_LANES / 2)));

// The square root of every lane. Swift's squareRoot() of a vector is one call a lane.
static inline target_cpu_lanes target_cpu_square_roots(target_cpu_lanes x) {
  return __builtin_elementwise_sqrt(x);
}

// The lanes of even and of odd number of the lanes of a and then b. Swift has them for vectors of a named width only.
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

// As many signed integers as there are single-precision lanes, for conversions: unsigned ones are slow before AVX-512.
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

// Each word below 2^31 as a number.
static inline target_cpu_lanes target_cpu_numbers(target_cpu_words x) {
  return __builtin_convertvector((target_cpu_integers)x, target_cpu_lanes);
}

// Consecutive bytes, one a word.
static inline target_cpu_words target_cpu_load_bytes(const unsigned char *from) {
  target_cpu_bytes bytes;
  __builtin_memcpy(&bytes, from, TARGET_CPU_LANES);
  return __builtin_convertvector(bytes, target_cpu_words);
}

// The lowest byte of each integer, to consecutive bytes.
static inline void target_cpu_store_bytes(target_cpu_integers x, unsigned char *to) {
  target_cpu_bytes bytes = __builtin_convertvector(x, target_cpu_bytes);
  __builtin_memcpy(to, &bytes, TARGET_CPU_LANES);
}

// The words of a table at the indices of the lanes.
static inline target_cpu_words target_cpu_gather(const unsigned int *table, target_cpu_integers index) {
  target_cpu_words words;
  for (int lane = 0; lane < TARGET_CPU_LANES; lane++) words[lane] = table[index[lane]];
  return words;
}

// The name of the first instruction set that this build uses and the running CPU lacks; null if it has all of them.
const char *target_cpu_missing_feature(void);

// The number of the core that the calling thread is on; negative if the system does not say.
int target_cpu_core(void);

#endif
