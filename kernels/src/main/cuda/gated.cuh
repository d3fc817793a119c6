// The activations that a gate may have.
#pragma once
#include "functions.cuh"

// body(the number of the activation).
template <class Body> DEVICE void chooseGate(i32 activation, const Body& body) {
  switch (activation) {
    case RELU: body(Number<RELU>()); break;
    case SILU: body(Number<SILU>()); break;
    case GELU_TANH: body(Number<GELU_TANH>()); break;
    default: body(Number<GELU_ERF>()); break;
  }
}
