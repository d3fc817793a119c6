// Division of places among axes.
#pragma once
#include "quintet.cuh"

// a / b, for a below 2^52 and not below 0: the compiler's own division of 64 bits is a call, around which it spills.
//
// perB: 1 / b
DEVICE i64 quotient(i64 a, i64 b, double perB) {
  i64 q = (i64)((double)a * perB);
  i64 rest = a - q * b;
  return rest < 0 ? q - 1 : rest >= b ? q + 1 : q;
}
