package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.trainer.loop.MemoryPlan;
import dev.quintet.trainer.loop.TrainingListener;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Says before a training how much memory its steps will take.
final class MemoryLine implements TrainingListener {
  private static final Path STATUS = Path.of("/proc/self/status");

  /// What a JVM that has begun takes more until its hot methods are compiled: code, the compilers, packed operands of products.
  private static final long WARM = 80_000_000;

  private final Device device;
  private final Consumer<String> say;

  /// @param device where the steps are computed
  /// @param say told of one line
  MemoryLine(Device device, Consumer<String> say) {
    this.device = device;
    this.say = say;
  }

  @Override
  public void planned(Supplier<MemoryPlan> plan) {
    try {
      say.accept(text(plan.get()));
    } catch (RuntimeException e) {
      say.accept(
          "memory: the step could not be walked beforehand, so there is no plan (" + e + ")");
    }
  }

  private String text(MemoryPlan plan) {
    OptionalLong rest = device.equals(Device.cpu()) ? rest(plan.weights()) : OptionalLong.empty();
    String later =
        plan.allGradients() > plan.gradients()
            ? " of %s, where activations lay before".formatted(megabytes(plan.allGradients()))
            : "";
    return "memory at the peak of a forward and backward of %,d x %,d/%,d: weights %s, gradients %s%s, moments %s, activations %s%s: %s in all%s"
        .formatted(
            plan.rows(),
            plan.source(),
            plan.target(),
            megabytes(plan.weights()),
            megabytes(plan.gradients()),
            later,
            megabytes(plan.moments()),
            megabytes(plan.activations()),
            rest.isPresent() ? ", Java and the program " + megabytes(rest.getAsLong()) : "",
            megabytes(plan.total() + rest.orElse(0)),
            rest.isPresent() ? "" : " on " + device);
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,.0f MB", bytes / 1e6);
  }

  /// What the process has now beside the weights, and will have until steps are warm; empty where the system does not say.
  private static OptionalLong rest(long weights) {
    OptionalLong resident = resident();
    return resident.isEmpty()
        ? resident
        : OptionalLong.of(Math.max(0, resident.getAsLong() - weights) + youngToCome() + WARM);
  }

  private static OptionalLong resident() {
    try {
      if (!Files.isReadable(STATUS)) {
        return OptionalLong.empty();
      }
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /// Room for new objects that has not been touched yet. It will be, for vectors are objects until they are compiled.
  private static long youngToCome() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().contains("Eden"))
        .mapToLong(MemoryLine::toCome)
        .sum();
  }

  private static long toCome(MemoryPoolMXBean pool) {
    return Math.max(0, pool.getUsage().getMax() - pool.getPeakUsage().getUsed());
  }
}
