package dev.quintet.trainer.optim;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.tensor.Parameter;
import java.lang.foreign.MemorySegment;
import java.util.Collection;

/// Clips gradients by their global norm, over the parameters that train (Pascanu et al., arXiv
/// 1211.5063).
public final class GradientClip implements AutoCloseable {
  private static final long BYTES = 64;

  private final Backend backend;
  private final long block; // float64 sum, then float32 norm and scale

  /// A clip with its few bytes of device memory.
  public GradientClip(Backend backend) {
    this.backend = backend;
    this.block = backend.memory().allocate(BYTES);
  }

  /// Measures the norm of all gradients and computes the factor that brings it down to `maximum`.
  ///
  /// @param parameters in a fixed order; those without a gradient are passed over
  /// @param maximum the norm to clip to; infinite leaves gradients as they are
  public void measure(Collection<Parameter> parameters, double maximum) {
    backend.memory().zero(block, BYTES);
    for (Parameter parameter : parameters) {
      if (parameter.hasGradient()) {
        backend
            .optimizer()
            .sumOfSquares(parameter.gradient().address(), parameter.elements(), block, true);
      }
    }
    backend.optimizer().clip((float) maximum, block, block + 8, block + 12);
  }

  /// The address of the factor, for the optimizer.
  public long scale() {
    return block + 12;
  }

  /// The norm before clipping.
  public float norm() {
    float[] norm = new float[1];
    backend.memory().read(block + 8, MemorySegment.ofArray(norm), 4);
    return norm[0];
  }

  @Override
  public void close() {
    backend.memory().release(block, BYTES);
  }
}
