package dev.quintet.kernels.driver;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Writes KERNELS.md: what the compiler made of every kernel, and which of them break a rule.
final class KernelTable {
  private KernelTable() {}

  /// Prints the page.
  ///
  /// @param arguments the folder `kernels`
  public static void main(String[] arguments) {
    new PrintStream(System.out, true, StandardCharsets.UTF_8).print(page(Path.of(arguments[0])));
  }

  static String page(Path module) {
    Path images = CompiledKernel.images(module);
    MachineIndex index = MachineIndex.read(CompiledKernel.bytes(images.resolve(MachineIndex.NAME)));
    List<CompiledKernel> all = CompiledKernel.all(module);
    var page = new StringBuilder();
    String compilers =
        index.images().stream()
            .map(MachineIndex.Image::compiler)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    page.append(
        """
        # What the compiler made of the kernels

        Written by `kernels/compile` (nvcc %s, `%s`) from the machine code itself; nothing here was measured on a GPU.

        A row is a kernel for one architecture: threads of a block at most, registers of a thread, bytes spilled and of
        stack, bytes of shared memory of a block, then, computed from these, the warps that a multiprocessor holds at once
        of 64 and the blocks that a chip holds: on an A100 (108 multiprocessors) for sm_80, on an H200 (132) and a B200
        (148) for sm_90a. A B200 compiles the PTX for itself, so its column holds only as far as it needs as many registers.
        Then all instructions, and those that tell how it goes about its work: HMMA multiplies tiles, LDGSTS copies to
        shared memory behind the back of the arithmetic, LDG.128 and STG.128 move 16 bytes at once.

        """
            .formatted(compilers, index.options()));
    sizes(page, module, index);
    faults(page, all);
    var families = new TreeMap<String, List<CompiledKernel>>();
    families.putAll(all.stream().collect(Collectors.groupingBy(k -> k.said().family())));
    families.forEach((family, kernels) -> family(page, family, kernels));
    return page.toString();
  }

  private static void sizes(StringBuilder page, Path module, MachineIndex index) {
    var bytes = new TreeMap<String, Long>();
    long packed = 0;
    for (var image : index.images()) {
      bytes.merge(
          image.architecture(), (long) CompiledKernel.image(module, image).length, Long::sum);
      Path file = CompiledKernel.images(module).resolve(image.file() + MachineIndex.COMPRESSED);
      packed += CompiledKernel.bytes(file).length;
    }
    page.append("The images take ")
        .append(
            bytes.entrySet().stream()
                .map(e -> e.getValue() / 1024 + " KB for " + e.getKey())
                .collect(Collectors.joining(", ")))
        .append("; compressed, as they lie here, %d KB together.\n\n".formatted(packed / 1024));
  }

  private static void faults(StringBuilder page, List<CompiledKernel> all) {
    var lines = new StringBuilder();
    for (CompiledKernel kernel : all) {
      for (String fault : KernelRules.faults(kernel)) {
        lines.append(
            "- `%s` for %s: %s\n"
                .formatted(kernel.said().name(), kernel.said().architecture(), fault));
      }
    }
    page.append("## What falls short\n\n")
        .append(lines.isEmpty() ? "Nothing: every kernel keeps every rule.\n" : lines)
        .append("\n");
  }

  private static void family(StringBuilder page, String family, List<CompiledKernel> kernels) {
    page.append(
        """
        ## %s

        | kernel | for | threads | registers | spilled | stack | shared | 108 | 132 | 148 | instructions | of them |
        |---|---|---|---|---|---|---|---|---|---|---|---|
        """
            .formatted(family));
    for (CompiledKernel kernel : kernels) {
      var said = kernel.said();
      page.append(
          "| %s | %s | %d | %d | %d | %d | %s | %s | %s | %s | %d | %s |\n"
              .formatted(
                  said.name(),
                  said.architecture(),
                  said.threads(),
                  said.registers(),
                  said.spilled(),
                  said.stack(),
                  kernel.usesShared() && kernel.shared() == 0 ? "?" : kernel.shared(),
                  held(kernel, Occupancy.Chip.A100),
                  held(kernel, Occupancy.Chip.H200),
                  held(kernel, Occupancy.Chip.B200),
                  kernel.found().instructions(),
                  new TreeMap<>(kernel.found().opcodes())
                      .entrySet().stream()
                          .map(e -> e.getKey() + " " + e.getValue())
                          .collect(Collectors.joining(", "))));
    }
    page.append("\n");
  }

  private static String held(CompiledKernel kernel, Occupancy.Chip chip) {
    return kernel.chips().contains(chip)
        ? kernel.warps(chip) + " (" + kernel.blocks(chip) * chip.processors + ")"
        : "";
  }
}
