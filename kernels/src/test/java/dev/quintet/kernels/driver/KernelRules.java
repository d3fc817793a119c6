package dev.quintet.kernels.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What every kernel's machine code has to keep to: what a rule's breach costs shows on a GPU alone, the breach itself in
/// the code.
final class KernelRules {
  /// The optimizer's kernels that walk over elements; its others take a few numbers of each parameter.
  private static final Set<String> UPDATES =
      Set.of("optimizer_adamw", "optimizer_measure", "optimizer_update", "optimizer_update_lines");

  /// Those that only read them.
  private static final Set<String> SUMS =
      Set.of(
          "optimizer_squares",
          "optimizer_means",
          "optimizer_line_steps",
          "norm_columns",
          "loss_rows_f32",
          "loss_rows_bf16");

  /// Those that take a number for each row, or one.
  private static final Set<String> FEW = Set.of("loss_total", "loss_scaled");

  /// The kernels of a decoder's step that take some numbers, or elements of a few rows.
  private static final Set<String> BETWEEN =
      Set.of("decode_begin_f32", "decode_begin_bf16", "decode_finish", "decode_shown");

  /// Those whose blocks take tickets, wait for each other, or do what is left as the last: they count, and add up nothing.
  private static final Set<String> COUNTING =
      Set.of("decode_attend_tensor", "decode_cross_tensor", "select_beams", "calibrate_counters");

  /// That a block of 9.0 may have.
  private static final int MOST_SHARED = 227 << 10;

  /// Fences of a product by Hopper's instructions: one for its barriers, two for each of the cluster's two.
  private static final int MOST_FENCES = 5;

  private KernelRules() {}

  /// What a kernel falls short of, a line for each.
  static List<String> faults(CompiledKernel kernel) {
    var faults = new ArrayList<String>();
    MachineIndex.Kernel said = kernel.said();
    Cubin.Kernel found = kernel.found();
    if (said.registers() != found.registers()
        || said.stack() != found.stack()
        || said.shared() != found.shared()
        || said.threads() != found.threads()) {
      faults.add("the index says " + said + ", the cubin " + found + "; run kernels/compile");
    }
    if (said.threads() == 0) {
      faults.add("no launch bounds: write KERNEL(threads, name)");
    }
    none(faults, said.spilled(), "bytes spilled");
    none(faults, said.stack(), "bytes of stack");
    int most = registers(said);
    if (said.registers() > most) {
      faults.add(said.registers() + " registers, at most " + most + " are allowed");
    }
    for (var own : List.of(Opcode.LDL, Opcode.STL)) {
      none(faults, found.count(own), own + " (an array indexed at run time, or spills)");
    }
    for (var generic : List.of(Opcode.LD, Opcode.ST)) {
      none(faults, found.count(generic), generic + " (memory of unknown kind)");
    }
    for (var atomic : List.of(Opcode.RED, Opcode.REDG, Opcode.ATOMG, Opcode.ATOMS, Opcode.ATOM)) {
      if (!COUNTING.contains(said.name())) {
        none(
            faults,
            found.count(atomic),
            atomic + " (an order of sums that differs from run to run)");
      }
    }
    if (onTensorCores(said) && !hopper(said)) {
      some(faults, found.count(Opcode.HMMA), "HMMA");
    }
    if (said.family().startsWith("matmul") && onTensorCores(said)) {
      some(faults, found.count(Opcode.LDGSTS), "LDGSTS");
    }
    if (hopper(said) && !said.architecture().equals("sm_80")) {
      some(faults, found.count(Opcode.HGMMA), "HGMMA");
      some(faults, found.count(Opcode.UTMALDG), "UTMALDG");
      some(faults, found.count(Opcode.STG, 128), "STG.128");
      if (found.count(Opcode.MEMBAR) > MOST_FENCES) {
        faults.add(
            "%d MEMBAR, at most %d are allowed (a fence in a step waits for the stores before it)"
                .formatted(found.count(Opcode.MEMBAR), MOST_FENCES));
      }
      if (kernel.shared() > MOST_SHARED) {
        faults.add(kernel.shared() + " bytes of shared memory, at most " + MOST_SHARED);
      }
    }
    boolean decoding = said.family().equals("decode") && !BETWEEN.contains(said.name());
    if (wide(said) || decoding || SUMS.contains(said.name())) {
      some(faults, found.count(Opcode.LDG, 128), "LDG.128");
    }
    if (wide(said)) {
      some(faults, found.count(Opcode.STG, 128), "STG.128");
    }
    if (kernel.usesShared() && said.shared() == 0 && kernel.dynamic().isEmpty()) {
      faults.add(
          "its dynamic shared memory is not said: write '// Shared memory of %s: N bytes' in %s.cu"
              .formatted(said.name(), said.family()));
    }
    for (var chip : kernel.chips()) {
      int warps = kernel.warps(chip);
      if (warps < warps(said)) {
        faults.add(warps + " warps on a multiprocessor of " + chip + ", not " + warps(said));
      }
    }
    return faults;
  }

  private static int registers(MachineIndex.Kernel kernel) {
    if (kernel.family().startsWith("attention")) {
      return kernel.name().contains("backward") ? 255 : 168;
    }
    if (kernel.family().equals("decode")) {
      return 128; // sums of four rows of a matrix with each of 16 rows
    }
    if (kernel.name().startsWith("calibrate_products")) {
      return 232; // whose sums they try to hold
    }
    if (hopper(kernel)) {
      return 168; // of 384 threads, which then share them out anew
    }
    return kernel.family().startsWith("matmul") ? 255 : 64;
  }

  /// Products and attention by Hopper's own instructions, of which other chips' images have the names alone.
  private static boolean hopper(MachineIndex.Kernel kernel) {
    return kernel.family().endsWith("_hopper");
  }

  /// Attention's tiles live in registers: it is given what it needs.
  private static int warps(MachineIndex.Kernel kernel) {
    if (hopper(kernel) && kernel.architecture().equals("sm_80")) {
      return 0;
    }
    if (kernel.family().startsWith("attention")) {
      return 1;
    }
    if (kernel.name().startsWith("calibrate_products")) {
      return 1;
    }
    return kernel.family().startsWith("matmul") || kernel.family().equals("decode") ? 8 : 32;
  }

  private static boolean onTensorCores(MachineIndex.Kernel kernel) {
    return kernel.name().endsWith("_tensor")
        || (kernel.family().startsWith("matmul") || kernel.family().startsWith("attention"))
            && kernel.name().contains("bf16")
            && !kernel.name().contains("plain")
            && !kernel.name().contains("delta"); // sums of products of the same elements
  }

  private static boolean wide(MachineIndex.Kernel kernel) {
    return UPDATES.contains(kernel.name())
        || List.of("norm", "loss").contains(kernel.family())
            && !kernel.name().contains("plain")
            && !SUMS.contains(kernel.name())
            && !FEW.contains(kernel.name());
  }

  private static void none(List<String> faults, int count, String what) {
    if (count > 0) {
      faults.add(count + " " + what);
    }
  }

  private static void some(List<String> faults, int count, String what) {
    if (count == 0) {
      faults.add("no " + what);
    }
  }
}
