package dev.quintet.core.nn;

import dev.quintet.core.op.Factories;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;

/// How a new parameter is filled: `Init.xavierUniform().make(Shape.of(out, in), seed)`.
///
/// A weight `[N, K]` has K inputs and N outputs; of more axes the first counts the outputs, all others together the
/// inputs. The same seed gives the same values, so each parameter wants a seed of its own.
@FunctionalInterface
public interface Init {

  /// Fills a parameter.
  void fill(Parameter parameter, long seed);

  /// A new parameter on the device of the innermost open scope, or on the processor where none is open.
  default Parameter make(Shape shape, long seed) {
    Parameter parameter = Parameter.empty(shape, Scope.deviceOr(Device.cpu()));
    fill(parameter, seed);
    return parameter;
  }

  /// Zeros.
  static Init zeros() {
    return full(0);
  }

  /// Ones.
  static Init ones() {
    return full(1);
  }

  /// One value everywhere.
  static Init full(float value) {
    return (parameter, _) -> Factories.fill(parameter, value);
  }

  /// Normal values about 0.
  ///
  /// @param deviation the standard deviation
  static Init normal(double deviation) {
    return (parameter, seed) -> Factories.fillNormal(parameter, deviation, seed);
  }

  /// Values spread evenly over [-bound, bound).
  static Init uniform(double bound) {
    return (parameter, seed) -> Factories.fillUniform(parameter, bound, seed);
  }

  /// Normal values of deviation sqrt(2 / inputs), which keep their size through ReLU (He et al., arXiv 1502.01852).
  static Init kaimingNormal() {
    return (parameter, seed) -> normal(Math.sqrt(2.0 / inputs(parameter))).fill(parameter, seed);
  }

  /// [#kaimingNormal] with evenly spread values: bound sqrt(6 / inputs).
  static Init kaimingUniform() {
    return (parameter, seed) -> uniform(Math.sqrt(6.0 / inputs(parameter))).fill(parameter, seed);
  }

  /// Normal values of deviation sqrt(2 / (inputs + outputs)) (Glorot and Bengio, AISTATS 2010).
  static Init xavierNormal() {
    return (parameter, seed) -> normal(Math.sqrt(2.0 / both(parameter))).fill(parameter, seed);
  }

  /// [#xavierNormal] with evenly spread values: bound sqrt(6 / (inputs + outputs)).
  static Init xavierUniform() {
    return (parameter, seed) -> uniform(Math.sqrt(6.0 / both(parameter))).fill(parameter, seed);
  }

  private static long inputs(Parameter parameter) {
    Shape shape = parameter.shape();
    if (shape.rank() < 2) {
      throw new IllegalArgumentException(
          "Kaiming's and Xavier's values go by the inputs of a weight of two axes or more, which shape "
              + shape
              + " has not: use normal, uniform or zeros");
    }
    return Math.max(1, shape.elements(1, shape.rank()));
  }

  private static long both(Parameter parameter) {
    return inputs(parameter) + parameter.shape().dim(0);
  }
}
