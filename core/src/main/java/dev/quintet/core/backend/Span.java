package dev.quintet.core.backend;

import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.shape.DType;

/// One parameter as an optimizer updates it.
///
/// @param type of the parameter, float32 or bfloat16; all else is float32, but for moments that are rounded
/// @param axes its axes where the second moment is factored; else [Matrices#whole]
/// @param at where everything lies
/// @param decay weight decay
/// @param factor its factor of the learning rate
/// @param offset what is added to the run's updates for its own count: negative where it thawed later
/// @param rounding where AdamW's moments are bfloat16, the key of their stochastic rounding; 0 where they are float32
public record Span(
    DType type, Matrices axes, Places at, double decay, double factor, int offset, long rounding) {
  /// A parameter whose moments are float32.
  public Span(DType type, Matrices axes, Places at, double decay, double factor, int offset) {
    this(type, axes, at, decay, factor, offset, 0);
  }

  /// A row of a table in device memory: 16 numbers of 8 bytes, see [#words].
  static final int WORDS = 16;

  /// The numbers of its row: the six places; matrices, rows and columns; decay and factor as float64; the offset; 1 for a
  /// bfloat16 parameter and 0 for float32; how many elements are before it in the table; the
  /// key of its rounding.
  long[] words(long before) {
    return new long[] {
      at.parameter,
      at.master,
      at.gradient,
      at.first,
      at.second,
      at.column,
      axes.matrices(),
      axes.rows(),
      axes.columns(),
      Double.doubleToRawLongBits(decay),
      Double.doubleToRawLongBits(factor),
      offset,
      type == DType.BF16 ? 1 : 0,
      before,
      rounding,
      0
    };
  }

  /// The addresses of a parameter and of what belongs to it.
  ///
  /// @param parameter the parameter, updated
  /// @param master a bfloat16 parameter in float32: it is updated, and the parameter is rounded from it; else 0
  /// @param gradient its gradient
  /// @param first the first moment, updated; or 0 for none
  /// @param second the second moment, or the means of rows where there are columns, updated
  /// @param column the means of columns, updated; 0 where the second moment is whole
  public record Places(
      long parameter, long master, long gradient, long first, long second, long column) {
    /// The same with the master as the parameter.
    Places ofMaster() {
      return new Places(master, 0, gradient, first, second, column);
    }
  }
}
