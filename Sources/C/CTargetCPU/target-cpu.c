#define _GNU_SOURCE
#include <sched.h>

#include "CTargetCPU.h"

int target_cpu_core(void) { return sched_getcpu(); }

const char *target_cpu_missing_feature(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#define REQUIRE(feature) \
  if (!__builtin_cpu_supports(feature)) return feature;
#if defined(__AVX512F__)
  REQUIRE("avx512f")
#endif
#if defined(__AVX512VL__)
  REQUIRE("avx512vl")
#endif
#if defined(__AVX512DQ__)
  REQUIRE("avx512dq")
#endif
#if defined(__AVX512BW__)
  REQUIRE("avx512bw")
#endif
#if defined(__AVX2__)
  REQUIRE("avx2")
#endif
#if defined(__FMA__)
  REQUIRE("fma")
#endif
#if defined(__BMI2__)
  REQUIRE("bmi2")
#endif
#endif
  return 0;
}
