package dev.quintet.core.cpu.work;

import java.lang.System.Logger.Level;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// Which kernels run on this processor, decided once per JVM by its features and never by a timing.
///
/// The environment's `QUINTET_CPU`, or the property `quintet.cpu`, which wins, chooses: `scalar`, `256`
/// or `512`. Without it the widest vectors of the processor are taken.
///
/// @param bits the width of vectors, or 0 for the scalar fallback
/// @param reason why, as one phrase
public record CpuChoice(int bits, String reason) {
  // Not in a static initializer: an exception there would be an error, and another one at the next
  // call.
  private static @Nullable CpuChoice chosen;

  /// The choice of this JVM.
  ///
  /// @throws IllegalArgumentException if what was asked for is no choice, or cannot be had here
  public static synchronized CpuChoice chosen() {
    CpuChoice choice = chosen;
    if (choice == null) {
      choice = choose();
      chosen = choice;
    }
    return choice;
  }

  /// Whether the scalar fallback was chosen.
  public boolean scalar() {
    return bits == 0;
  }

  /// The name of the arithmetic: `cpu-scalar`, `cpu-256` or `cpu-512`.
  public String arithmetic() {
    return "cpu-" + (scalar() ? "scalar" : bits);
  }

  private static CpuChoice choose() {
    String requested = requested();
    CpuChoice choice = decide(requested, supportedBits());
    // Nobody needs to hear of what is as it should be.
    boolean slow = choice.scalar() && requested.isEmpty();
    System.getLogger("dev.quintet.core.cpu")
        .log(
            slow ? Level.WARNING : Level.DEBUG,
            "CPU kernels: " + choice.arithmetic() + " (" + choice.reason() + ")");
    return choice;
  }

  /// Decides from a request, empty for none, and the width that is supported, 0 without the vector module.
  static CpuChoice decide(String requested, int supported) {
    switch (requested) {
      case "":
        break;
      case "scalar":
        return new CpuChoice(0, "QUINTET_CPU=scalar");
      case "256", "512":
        int bits = Integer.parseInt(requested);
        if (supported == 0) {
          throw new IllegalArgumentException(
              "QUINTET_CPU="
                  + bits
                  + " needs the module jdk.incubator.vector: start Java with"
                  + " --add-modules jdk.incubator.vector, or set QUINTET_CPU=scalar");
        }
        if (supported < bits) {
          throw new IllegalArgumentException(
              "QUINTET_CPU="
                  + bits
                  + ", but this processor's vectors have "
                  + supported
                  + " bits: leave it unset, or set "
                  + (supported >= 256 ? "256" : "scalar"));
        }
        return new CpuChoice(bits, "QUINTET_CPU=" + bits);
      default:
        throw new IllegalArgumentException(
            "QUINTET_CPU is scalar, 256 or 512, not \"" + requested + "\"");
    }
    if (supported == 0) {
      return new CpuChoice(
          0,
          "the module jdk.incubator.vector is absent; --add-modules jdk.incubator.vector adds it");
    }
    if (supported < 256) {
      return new CpuChoice(0, "this processor's vectors have only " + supported + " bits");
    }
    int bits = supported >= 512 ? 512 : 256;
    return new CpuChoice(bits, "this processor's vectors have " + supported + " bits");
  }

  private static String requested() {
    String property = System.getProperty("quintet.cpu", "").trim();
    String environment = System.getenv().getOrDefault("QUINTET_CPU", "").trim();
    return (property.isEmpty() ? environment : property).toLowerCase(Locale.ROOT);
  }

  private static int supportedBits() {
    boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return present ? Probe.bits() : 0;
  }

  /// Apart, so that nothing of the vector module is linked where it is absent.
  private static final class Probe {
    static int bits() {
      return FloatVector.SPECIES_PREFERRED.vectorBitSize();
    }
  }
}
