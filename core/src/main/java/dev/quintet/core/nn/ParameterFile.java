package dev.quintet.core.nn;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.FloatElements;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorSpec;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/// Parameters in a safetensors file, each under its name.
public final class ParameterFile {
  private ParameterFile() {}

  /// Writes parameters, each in its own type; the file appears whole or not at all.
  ///
  /// @throws java.io.UncheckedIOException if it cannot be written
  static void save(Map<String, Parameter> parameters, Path file) {
    AtomicFile.write(file, content(parameters, file));
  }

  /// What a file of parameters holds, each in its own type.
  ///
  /// @param file where it will be, for messages
  public static AtomicFile.Content content(Map<String, Parameter> parameters, Path file) {
    var specs = new LinkedHashMap<String, TensorSpec>();
    parameters.forEach(
        (name, parameter) -> specs.put(name, new TensorSpec(type(parameter), parameter.shape())));
    return SafetensorsWriter.content(
        file,
        specs,
        SafetensorsWriter.PYTORCH,
        (name, out) -> {
          Parameter parameter = Objects.requireNonNull(parameters.get(name));
          write(parameter, type(parameter), out);
        });
  }

  private static SafetensorsType type(Parameter parameter) {
    return parameter.type() == DType.BF16 ? SafetensorsType.BF16 : SafetensorsType.F32;
  }

  /// Sets parameters to what a file holds, which are exactly these.
  ///
  /// @throws IllegalArgumentException if the file has others, lacks some, or has one of another shape; nothing is set then
  static void load(Map<String, Parameter> parameters, Path path) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      var missing = new TreeSet<>(parameters.keySet());
      file.names().forEach(missing::remove);
      List<String> foreign =
          file.names().stream().filter(name -> !parameters.containsKey(name)).toList();
      if (!missing.isEmpty() || !foreign.isEmpty()) {
        throw new IllegalArgumentException(
            path
                + " holds other parameters: "
                + (missing.isEmpty() ? "" : "it lacks " + some(missing.stream().toList()))
                + (missing.isEmpty() || foreign.isEmpty() ? "" : ", and ")
                + (foreign.isEmpty() ? "" : "nothing here is called " + some(foreign)));
      }
      parameters.forEach((name, parameter) -> {
        if (!file.entry(name).shape().equals(parameter.shape())) {
          throw new IllegalArgumentException(
              path
                  + ": "
                  + name
                  + " is "
                  + file.entry(name).shape()
                  + " there, and "
                  + parameter.shape()
                  + " here");
        }
        if (!FloatElements.TYPES.contains(file.entry(name).type())) {
          throw new MalformedFileException(
              path, file.entry(name).offset(), name + " is no tensor of floats");
        }
      });
      parameters.forEach((name, parameter) -> read(file, name, parameter));
    }
  }

  private static String some(List<String> names) {
    String few = String.join(", ", names.stream().limit(4).toList());
    return names.size() > 4 ? few + " and " + (names.size() - 4) + " more" : few;
  }

  /// Sets a parameter to a tensor of a file, which is rounded to float32 where it is wider.
  ///
  /// @param name a tensor of floats, of the parameter's shape
  public static void read(SafetensorsFile file, String name, Parameter parameter) {
    try (var arena = Arena.ofShared()) {
      MemorySegment floats = arena.allocate(DType.F32.bytes(parameter.elements()), 64);
      file.readRoundedFloats(name, floats);
      parameter.set(floats);
    }
  }

  /// Writes a parameter's elements as another type from where they lie; what must be copied or converted is, alone.
  public static void write(Parameter parameter, SafetensorsType type, AtomicFile.Output out)
      throws IOException {
    long count = parameter.elements();
    long bytes = parameter.storage().bytes();
    var memory = parameter.backend().memory();
    // in a scope, so that whoever closes the model meanwhile leaves the memory until this is
    // written
    try (var arena = Arena.ofShared();
        var _ = Scope.openWithoutGradients(parameter.device())) {
      MemorySegment own = memory.host(parameter.address(), bytes).orElse(MemorySegment.NULL);
      if (own.equals(MemorySegment.NULL)) {
        own = arena.allocate(bytes, 64);
        memory.read(parameter.address(), own, bytes);
      }
      if (type == type(parameter) && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
        out.write(own);
        return;
      }
      MemorySegment floats = own;
      if (parameter.type() != DType.F32) {
        floats = arena.allocate(4 * count, 64);
        FloatElements.read(type(parameter), own, floats);
      }
      MemorySegment stored = arena.allocate(type.bytes(count), 64);
      FloatElements.write(type, floats, stored);
      out.write(stored);
    } finally {
      // The address says nothing to the garbage collector.
      Reference.reachabilityFence(parameter);
    }
  }
}
