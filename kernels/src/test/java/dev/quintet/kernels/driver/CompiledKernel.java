package dev.quintet.kernels.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// All that is known of one kernel for one architecture: what the assembler said, what stands in the cubin, and what its
/// source says of its dynamic shared memory.
///
/// @param dynamic bytes of dynamic shared memory a block, at most; empty if the source does not say
record CompiledKernel(MachineIndex.Kernel said, Cubin.Kernel found, OptionalInt dynamic) {

  /// How a source says it, for a kernel or, with stars, for several.
  private static final Pattern SHARED =
      Pattern.compile("// Shared memory of ([a-z0-9_*]+): (?:at most )?([0-9]+) bytes");

  /// All kernels of the images of a module, in the index's order.
  ///
  /// @param module the folder `kernels`
  static List<CompiledKernel> all(Path module) {
    var all = new ArrayList<CompiledKernel>();
    Path images = images(module);
    MachineIndex index = MachineIndex.read(bytes(images.resolve(MachineIndex.NAME)));
    for (MachineIndex.Image image : index.images()) {
      if (!image.file().endsWith(".cubin")) {
        continue;
      }
      Cubin cubin = Cubin.read(Path.of(image.file()), image(module, image));
      String source = new String(bytes(source(module, image.family())));
      for (MachineIndex.Kernel kernel : index.kernels()) {
        if (kernel.family().equals(image.family())
            && kernel.architecture().equals(image.architecture())) {
          Cubin.Kernel found = cubin.kernels().get(kernel.name());
          if (found == null) {
            throw new IllegalStateException(
                image.file() + " has no kernel " + kernel.name() + "; run kernels/compile");
          }
          all.add(new CompiledKernel(kernel, found, dynamic(source, kernel.name())));
        }
      }
    }
    return all;
  }

  static Path images(Path module) {
    return module.resolve("src/main/resources" + MachineIndex.FOLDER);
  }

  static Path source(Path module, String family) {
    return module.resolve("src/main/cuda/" + family + ".cu");
  }

  static byte[] image(Path module, MachineIndex.Image image) {
    return MachineIndex.unpacked(
        bytes(images(module).resolve(image.file() + MachineIndex.COMPRESSED)));
  }

  static byte[] bytes(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }

  /// Shared memory of a block, static and dynamic.
  int shared() {
    return said.shared() + dynamic.orElse(0);
  }

  boolean usesShared() {
    return found.count(Opcode.LDS)
            + found.count(Opcode.STS)
            + found.count(Opcode.LDSM)
            + found.count(Opcode.LDGSTS)
        > 0;
  }

  int blocks(Occupancy.Chip chip) {
    return Occupancy.blocks(chip, said.threads(), said.registers(), shared());
  }

  int warps(Occupancy.Chip chip) {
    return Occupancy.warps(chip, said.threads(), said.registers(), shared());
  }

  /// The chips that this machine code is judged for. 10.0 runs what the driver makes of PTX: its registers are those
  /// of 9.0 until it has been asked.
  List<Occupancy.Chip> chips() {
    return said.architecture().equals("sm_80")
        ? List.of(Occupancy.Chip.A100)
        : List.of(Occupancy.Chip.H200, Occupancy.Chip.B200);
  }

  private static OptionalInt dynamic(String source, String name) {
    return SHARED
        .matcher(source)
        .results()
        .filter(line -> name.matches(line.group(1).replace("*", "[a-z0-9_]*")))
        .mapToInt(line -> Integer.parseInt(line.group(2)))
        .max();
  }
}
