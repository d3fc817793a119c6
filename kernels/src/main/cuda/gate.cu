// The gate of a gated feed-forward layer with the dropout behind it, in one pass each way.
//
// 1. Plain: eight elements a thread, one by one; any width, any address.
// 2. Where eight elements lie at a multiple of 16 bytes, they go in one access (bfloat16) or two (float32). Forwards that is
//    three operands where activation, product and dropout apart would move seven; backwards five instead of thirteen.
// 3. Where its factors are products by Hopper's instructions, the forward is done where their sums are: matmul_hopper_gated.
//
// The backward computes the activation again from the gate: it is cheaper than the memory to keep it.
#include "gated.cuh"
#include "masked.cuh"

template <class T>
DEVICE void gated(const DropoutMask& mask, Global<const T> gate, Global<const T> up, Global<T> y, i32 rows, i64 width,
                  i32 activation) {
  masked(mask, rows, width, [=](const Eight& e, float scale) {
    float g[8], u[8];
    takeEight(gate, e.first, e.begin, e.end, g);
    takeEight(up, e.first, e.begin, e.end, u);
    chooseGate(activation, [&](auto f) {
#pragma unroll
      for (int k = 0; k < 8; k++) g[k] = value<decltype(f)::N>(g[k], 0.f);
    });
#pragma unroll
    for (int k = 0; k < 8; k++) g[k] = e.keeps(k) ? g[k] * u[k] * scale : 0.f;
    putEight(y, e.first, e.begin, e.end, g);
  });
}

// Puts a gradient, or adds it; the sum is read after what was put before, where two gradients are one operand.
template <class T> DEVICE void putGradient(Global<T> dx, i32 add, const Eight& e, float (&d)[8]) {
  if (add) {
    float before[8];
    takeEight(dx.template as<const T>(), e.first, e.begin, e.end, before);
#pragma unroll
    for (int k = 0; k < 8; k++) d[k] += before[k];
  }
  putEight(dx, e.first, e.begin, e.end, d);
}

template <class T>
DEVICE void gatedBackward(const DropoutMask& mask, Global<const T> gate, Global<const T> up, Global<const T> dy,
                          Global<T> dGate, Global<T> dUp, i32 rows, i64 width, i32 activation, i32 addGate, i32 addUp) {
  masked(mask, rows, width, [=](const Eight& e, float scale) {
    float g[8], d[8];
    takeEight(gate, e.first, e.begin, e.end, g);
    takeEight(dy, e.first, e.begin, e.end, d);
#pragma unroll
    for (int k = 0; k < 8; k++) d[k] = e.keeps(k) ? d[k] * scale : 0.f;
    if (dGate) {
      float u[8];
      takeEight(up, e.first, e.begin, e.end, u);
      chooseGate(activation, [&](auto f) {
#pragma unroll
        for (int k = 0; k < 8; k++) u[k] = d[k] * u[k] * slope<decltype(f)::N>(g[k], 0.f);
      });
      putGradient(dGate, addGate, e, u);
    }
    if (dUp) {
      chooseGate(activation, [&](auto f) {
#pragma unroll
        for (int k = 0; k < 8; k++) d[k] *= value<decltype(f)::N>(g[k], 0.f);
      });
      putGradient(dUp, addUp, e, d);
    }
  });
}

KERNEL(256, gate_forward_f32)
(DropoutMask mask, Global<const float> gate, Global<const float> up, Global<float> y, i32 rows, i64 width, i32 activation) {
  gated(mask, gate, up, y, rows, width, activation);
}
REGISTER(gate_forward_f32);

KERNEL(256, gate_forward_bf16)
(DropoutMask mask, Global<const bf16> gate, Global<const bf16> up, Global<bf16> y, i32 rows, i64 width, i32 activation) {
  gated(mask, gate, up, y, rows, width, activation);
}
REGISTER(gate_forward_bf16);

KERNEL(256, gate_backward_f32)
(DropoutMask mask, Global<const float> gate, Global<const float> up, Global<const float> dy, Global<float> dGate,
 Global<float> dUp, i32 rows, i64 width, i32 activation, i32 addGate, i32 addUp) {
  gatedBackward(mask, gate, up, dy, dGate, dUp, rows, width, activation, addGate, addUp);
}
REGISTER(gate_backward_f32);

KERNEL(256, gate_backward_bf16)
(DropoutMask mask, Global<const bf16> gate, Global<const bf16> up, Global<const bf16> dy, Global<bf16> dGate,
 Global<bf16> dUp, i32 rows, i64 width, i32 activation, i32 addGate, i32 addUp) {
  gatedBackward(mask, gate, up, dy, dGate, dUp, rows, width, activation, addGate, addUp);
}
REGISTER(gate_backward_bf16);
