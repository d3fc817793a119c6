package dev.quintet.app.estimate;

import dev.quintet.app.estimate.Estimate.Limit;
import dev.quintet.app.estimate.Estimate.Line;
import dev.quintet.app.estimate.SpeedTable.Efficiency;
import dev.quintet.core.instrument.Dry;
import dev.quintet.core.instrument.Work;
import java.util.Locale;

/// An estimate as a table for people.
public final class EstimateReport {
  private final SpeedTable table;
  private final StringBuilder out = new StringBuilder();

  private EstimateReport(SpeedTable table) {
    this.table = table;
  }

  /// What is estimated.
  ///
  /// @param model its name
  /// @param rows B
  /// @param source S
  /// @param target T
  /// @param dropout of the training step
  public record Shape(String model, int rows, int source, int target, float dropout) {}

  /// A training step and a decoded token.
  ///
  /// @param head lines to begin with, such as what was measured
  /// @param step a training step
  /// @param decoding greedy decoding
  public static String of(
      Shape shape, SpeedTable table, String head, Dry.Counts step, DecodingWalk decoding) {
    var report = new EstimateReport(table);
    report.head(shape, head);
    report.training(shape, step);
    report.decoding(shape, decoding);
    return report.out.toString();
  }

  private void head(Shape shape, String head) {
    Chip chip = table.chip();
    line("An estimate, not a measurement: no time below was taken on a chip.");
    out.append(head);
    line(
        "T5-%s, bfloat16 weights with float32 masters: batch %,d, %,d source and %,d target tokens",
        shape.model(), shape.rows(), shape.source(), shape.target());
    line(
        "%s: products reach %.0f TFLOP/s (data sheet %.0f), copies %.2f TB/s (%.2f)",
        chip.title(),
        table.peak() / 1e12,
        chip.sheetPeak() / 1e12,
        table.bandwidth() / 1e12,
        chip.sheetBandwidth() / 1e12);
    table.remark().ifPresent(remark -> line("%s", remark));
  }

  private void training(Shape shape, Dry.Counts counts) {
    Estimate step = Estimate.of(counts.costs(), table);
    lines("Training step, AdamW, dropout " + shape.dropout(), step);
    double tokens = (double) shape.rows() * (shape.source() + shape.target());
    line(
        "step    %.2f ms, %,.0f tokens/s of source and target, %,.0f rows/s",
        1e3 * step.seconds(), tokens / step.seconds(), shape.rows() / step.seconds());
    double rate = step.modelFlops() / step.seconds();
    line(
        "share   %.1f %% of the peak (%.1f %% of the data sheet's): the model needs %s TFLOP, the"
            + " backward twice the forward",
        100 * rate / table.peak(),
        100 * rate / table.chip().sheetPeak(),
        number(step.modelFlops() / 1e12));
    floor(step);
    double memory = table.chip().memory();
    line(
        "memory  %.1f GB of %.0f%s",
        counts.peak() / 1e9,
        memory / 1e9,
        counts.peak() > memory ? ": DOES NOT FIT, take fewer rows" : "");
    asked(counts);
  }

  private void decoding(Shape shape, DecodingWalk walk) {
    Estimate encoding = Estimate.of(walk.encoding().costs(), table);
    Estimate token = Estimate.ofToken(walk.token().costs(), table);
    lines(
        text(
            "Decoding, greedy, one token of each row (number %,d of %,d), in a graph",
            (shape.target() - 1) / 2 + 1, shape.target()),
        token);
    line(
        "token   %.1f us, %,.0f tokens/s of all rows; before the first one %.2f ms for the source",
        1e6 * token.seconds(), shape.rows() / token.seconds(), 1e3 * encoding.seconds());
    floor(token);
    if (walk.planned()) {
      line("chosen  by the device, in planned steps; the host waits once in several tokens");
    }
    asked(walk.token());
  }

  private void lines(String title, Estimate estimate) {
    line("");
    line("%s", title);
    line(
        "  %-36s %8s %10s %10s  %-22s %10s  %s",
        "kernels", "launches", "TFLOP", "GB", "reckoned with", "ms", "why");
    for (Line line : estimate.lines()) {
      row(
          words(line.work()),
          line.launches(),
          line.flops() / 1e12,
          line.bytes() / 1e9,
          speed(line),
          line.seconds(),
          why(line));
    }
    row(
        "between them",
        estimate.launches(),
        0,
        0,
        text("%.1f us each", 1e6 * table.gap()),
        estimate.gaps(),
        "judged: a small kernel of a graph takes 2 to 3 us in all");
    double flops = estimate.lines().stream().mapToLong(Line::flops).sum();
    row(
        "all",
        estimate.launches(),
        flops / 1e12,
        estimate.bytes() / 1e9,
        "",
        estimate.seconds(),
        "");
  }

  private void row(
      String what,
      long launches,
      double teraflops,
      double gigabytes,
      String speed,
      double seconds,
      String why) {
    line(
        "  %-36s %,8d %10s %10s  %-22s %10.4f  %s",
        what, launches, number(teraflops), number(gigabytes), speed, 1e3 * seconds, why);
  }

  private void floor(Estimate estimate) {
    double arithmetic = estimate.modelFlops() / table.peak();
    line(
        "floor   %.3f ms: %s",
        1e3 * estimate.floor(),
        estimate.floor() > arithmetic
            ? "all bytes at the speed of copies"
            : "all arithmetic at the peak");
  }

  /// What is not in the time.
  private void asked(Dry.Counts counts) {
    if (counts.waits() > 0) {
      line("waits   %d of the host, not in the time", counts.waits());
    }
    if (!counts.unknown().isEmpty()) {
      line("missing bytes of %s, which nobody has told yet", String.join(", ", counts.unknown()));
    }
  }

  private String speed(Line line) {
    double share = efficiency(line).share();
    return switch (line.limit()) {
      case ARITHMETIC -> text("%.0f TFLOP/s, %.1f %%", share * table.peak() / 1e12, 100 * share);
      case BYTES ->
          line.work() == Work.TRANSFER
              ? text("%.0f GB/s, %.1f %%", share * table.chip().link() / 1e9, 100 * share)
              : text("%.2f TB/s, %.1f %%", share * table.bandwidth() / 1e12, 100 * share);
      case LAUNCH -> text("%.1f us each", 1e6 * table.shortest());
    };
  }

  private String why(Line line) {
    return line.limit() == Limit.LAUNCH ? "however small a kernel is" : efficiency(line).why();
  }

  /// Of what it waits for.
  private Efficiency efficiency(Line line) {
    boolean waits = line.limit() == Limit.BYTES && line.flops() > 0;
    return table.efficiency(waits ? Work.COPY : line.work());
  }

  private static String words(Work work) {
    return switch (work) {
      case PRODUCT -> "matrix products";
      case BIASED_ATTENTION -> "encoder self-attention";
      case BIASED_ATTENTION_BACKWARD -> "encoder self-attention, backward";
      case CAUSAL_ATTENTION -> "decoder self-attention";
      case CAUSAL_ATTENTION_BACKWARD -> "decoder self-attention, backward";
      case CROSS_ATTENTION -> "cross-attention";
      case CROSS_ATTENTION_BACKWARD -> "cross-attention, backward";
      case NORM -> "norms and residual sums";
      case NORM_BACKWARD -> "norms and residual sums, backward";
      case GATE -> "gates";
      case GATE_BACKWARD -> "gates, backward";
      case LOSS -> "cross entropy and its gradient";
      case UPDATE -> "AdamW";
      case GRADIENT_NORM -> "norm of gradients, clipping";
      case EMBEDDING -> "embeddings and their gradients";
      case DROPOUT -> "dropout alone";
      case ELEMENTWISE -> "functions of elements, reductions";
      case COPY -> "copies, fills, casts";
      case TRANSFER -> "to and from the host";
    };
  }

  /// A few digits, and nothing for nothing.
  private static String number(double value) {
    if (value == 0) {
      return "";
    }
    int digits = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : value >= 0.01 ? 3 : 6;
    return text("%,." + digits + "f", value);
  }

  private void line(String format, Object... arguments) {
    out.append(text(format, arguments).stripTrailing()).append('\n');
  }

  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
