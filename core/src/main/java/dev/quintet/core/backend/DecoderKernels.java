package dev.quintet.core.backend;

import java.util.Optional;

/// Steps of a decoder that are planned once for their shapes and then repeated, beside the general way by single
/// operations: a decoder may change between both at any token. On the processor they have its bits, elsewhere its results to
/// rounding.
///
/// By default nothing is planned, and a decoder goes the general way.
public interface DecoderKernels {
  /// Nothing is planned.
  DecoderKernels NONE = new DecoderKernels() {};

  /// Elements of float32 that a plan works in; 0 where this call is never planned.
  default long room(DecoderCall call) {
    return 0;
  }

  /// Plans a step, if it is time: while kernels begin in other forms, the general way is the quicker one.
  ///
  /// @param call for which there is a [#room]
  /// @param length tokens that are in the caches already
  /// @param room address of the elements to work in, which stay the plan's
  default Optional<DecoderStep> plan(DecoderCall call, int length, long room) {
    return Optional.empty();
  }
}
