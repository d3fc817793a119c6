package dev.quintet.models.adapt;

import dev.quintet.core.nn.Init;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.method.AdapterTensors;

/// The numbers of a new adapter, each parameter's a function of the seed and its name in files alone.
///
/// @param seed the run's
/// @param device where the parameters lie
record NewTensors(long seed, Device device) implements AdapterTensors {
  @Override
  public Parameter make(String name, Shape shape, Init init) {
    Parameter parameter = Parameter.empty(shape, device);
    init.fill(parameter, seed ^ Site.of(name));
    return parameter;
  }

  @Override
  public boolean fresh() {
    return true;
  }
}
