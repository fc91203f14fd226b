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

#if TARGET_CPU_LANES == 16
#include <immintrin.h>
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

// Transposes a square of as many rows as a vector has lanes; the strides are between rows, in elements. It stands here for
// its shuffles, which Swift has for vectors of a fixed width only.
//
// Two rounds transpose each 4 x 4 block within the quarters of four rows; the quarters are then put where they belong.
static inline void target_cpu_transpose(const float *from, long from_stride, float *to, long to_stride) {
  typedef float vector __attribute__((ext_vector_type(TARGET_CPU_LANES), aligned(4)));
  enum { blocks = TARGET_CPU_LANES / 4 };
#if TARGET_CPU_LANES == 16
#define EACH_QUARTER(a, b, c, d) a, b, c, d, a + 4, b + 4, c + 4, d + 4, a + 8, b + 8, c + 8, d + 8, a + 12, b + 12, c + 12, d + 12
#elif TARGET_CPU_LANES == 8
#define EACH_QUARTER(a, b, c, d) a, b, c, d, a + 4, b + 4, c + 4, d + 4
#else
#define EACH_QUARTER(a, b, c, d) a, b, c, d
#endif
  enum { second = TARGET_CPU_LANES };
  vector quarters[4][blocks];
#pragma clang loop unroll(full)
  for (int block = 0; block < blocks; block++) {
    vector rows[4];
#pragma clang loop unroll(full)
    for (int row = 0; row < 4; row++) rows[row] = *(const vector *)(from + (4 * block + row) * from_stride);
    vector low01 = __builtin_shufflevector(rows[0], rows[1], EACH_QUARTER(0, second, 1, second + 1));
    vector high01 = __builtin_shufflevector(rows[0], rows[1], EACH_QUARTER(2, second + 2, 3, second + 3));
    vector low23 = __builtin_shufflevector(rows[2], rows[3], EACH_QUARTER(0, second, 1, second + 1));
    vector high23 = __builtin_shufflevector(rows[2], rows[3], EACH_QUARTER(2, second + 2, 3, second + 3));
    quarters[0][block] = __builtin_shufflevector(low01, low23, EACH_QUARTER(0, 1, second, second + 1));
    quarters[1][block] = __builtin_shufflevector(low01, low23, EACH_QUARTER(2, 3, second + 2, second + 3));
    quarters[2][block] = __builtin_shufflevector(high01, high23, EACH_QUARTER(0, 1, second, second + 1));
    quarters[3][block] = __builtin_shufflevector(high01, high23, EACH_QUARTER(2, 3, second + 2, second + 3));
  }
#undef EACH_QUARTER
#pragma clang loop unroll(full)
  for (int column = 0; column < 4; column++) {
    vector *q = quarters[column];
#if TARGET_CPU_LANES == 16
    vector first01 = __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    vector last01 = __builtin_shufflevector(q[0], q[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    vector first23 = __builtin_shufflevector(q[2], q[3], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    vector last23 = __builtin_shufflevector(q[2], q[3], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    *(vector *)(to + column * to_stride) =
        __builtin_shufflevector(first01, first23, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    *(vector *)(to + (4 + column) * to_stride) =
        __builtin_shufflevector(first01, first23, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    *(vector *)(to + (8 + column) * to_stride) =
        __builtin_shufflevector(last01, last23, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    *(vector *)(to + (12 + column) * to_stride) =
        __builtin_shufflevector(last01, last23, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
#elif TARGET_CPU_LANES == 8
    *(vector *)(to + column * to_stride) = __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 8, 9, 10, 11);
    *(vector *)(to + (4 + column) * to_stride) = __builtin_shufflevector(q[0], q[1], 4, 5, 6, 7, 12, 13, 14, 15);
#else
    *(vector *)(to + column * to_stride) = q[0];
#endif
  }
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

// Writes first + lane for each lane of x that is not zero, in order, and returns how many there are. Whole vectors are
// written: what follows the last index has no meaning.
static inline int target_cpu_nonzero_lanes(target_cpu_lanes x, int first, int *to) {
#if TARGET_CPU_LANES == 16
  // Compressing in registers, not into memory, which some CPUs do in hundreds of cycles.
  __mmask16 nonzero = _mm512_cmp_ps_mask((__m512)x, _mm512_setzero_ps(), _CMP_NEQ_UQ);
  __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __m512i numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32(first));
  _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(nonzero, numbers));
  return __builtin_popcount(nonzero);
#else
  int count = 0;
  for (int lane = 0; lane < TARGET_CPU_LANES; lane++) {
    to[count] = first + lane;
    count += x[lane] != 0;
  }
  return count;
#endif
}

// Begins to bring the cache line of an address into the first-level cache.
static inline void target_cpu_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

// The name of the first instruction set that this build uses and the running CPU lacks; NULL if it has all of them.
const char *target_cpu_missing_feature(void);

// The core on which the calling thread runs; negative if unknown.
int target_cpu_core(void);

#endif
