package dev.quintet.models.adapt;

import dev.quintet.core.io.FloatElements;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.TensorEntry;
import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.NearNames;
import dev.quintet.core.nn.ParameterFile;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterTensors;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/// The numbers of an adapter out of a file.
final class StoredTensors implements AdapterTensors {
  private final SafetensorsFile file;
  private final Device device;
  private final TreeSet<String> left;

  StoredTensors(SafetensorsFile file, Device device) {
    this.file = file;
    this.device = device;
    this.left = new TreeSet<>(file.names());
  }

  @Override
  public boolean fresh() {
    return false;
  }

  @Override
  public Parameter make(String name, Shape shape, Init init) {
    if (!file.contains(name)) {
      List<String> near = NearNames.of(name, file.names());
      throw new AdapterException(
          file.path()
              + " lacks "
              + name
              + " "
              + shape
              + ", which its adapter_config.json asks for on this base; nearest there: "
              + near.stream().limit(3).toList()
              + ". Is it the adapter of another base?");
    }
    TensorEntry entry = file.entry(name);
    if (!Arrays.equals(entry.dims(), Arrays.stream(shape.dims()).asLongStream().toArray())) {
      throw new AdapterException(
          file.path()
              + ": "
              + name
              + " is "
              + Arrays.toString(entry.dims())
              + ", but on this base and by its adapter_config.json it must be "
              + shape
              + ". Is it the adapter of another base?");
    }
    if (!FloatElements.TYPES.contains(entry.type())) {
      throw new AdapterException(
          file.path() + ": " + name + " is " + entry.type() + ", and an adapter is of floats");
    }
    left.remove(name);
    Parameter parameter = Parameter.empty(shape, device);
    try {
      ParameterFile.read(file, name, parameter);
    } catch (RuntimeException | Error e) {
      parameter.close();
      throw e;
    }
    parameter.train(false);
    return parameter;
  }

  /// Takes note of tensors that nothing wants, and refuses those that should have been wanted.
  ///
  /// @return what was passed over, a sentence each
  List<String> finish() {
    // peft writes the base's own table beside an adapted one; it is the base's here
    List<String> copies = left.stream().filter(name -> name.contains(".base_layer.")).toList();
    List<String> strangers = left.stream().filter(name -> !name.contains(".base_layer.")).toList();
    if (!strangers.isEmpty()) {
      throw new AdapterException(
          file.path()
              + " has "
              + strangers.size()
              + " tensors that nothing on this base wants by its adapter_config.json: "
              + strangers.stream().limit(3).toList()
              + (strangers.size() > 3 ? " and more" : "")
              + ". Is it the adapter of another base?");
    }
    return copies.isEmpty()
        ? List.of()
        : List.of(
            file.path()
                + ": passed over "
                + copies.size()
                + " copies of the base's own: "
                + copies);
  }
}
