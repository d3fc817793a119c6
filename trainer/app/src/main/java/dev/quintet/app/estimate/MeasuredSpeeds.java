package dev.quintet.app.estimate;

import dev.quintet.app.estimate.SpeedTable.Efficiency;
import dev.quintet.core.instrument.Work;
import dev.quintet.models.json.JsonObject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Speeds that were measured on a chip, which take the place of the table's. A JSON file:
///
/// ```json
/// {
///   "chip": "h200",
///   "peak_tflops": 790.0,
///   "copy_tbps": 4.3,
///   "kernel_us": 1.7,
///   "gap_us": 0.8,
///   "shares": {"product": 0.7, "biased_attention": 0.35, "norm": 0.9}
/// }
/// ```
///
/// `chip` and `shares` have to be there. A share is above 0 and at most 1, of `peak_tflops` for products and attention, of
/// `copy_tbps` for all else (of the link to the host for `transfer`); what is not named keeps the table's figure, and the
/// result says which. Names are those of [Work] in lower case.
///
/// @param file where it stands
/// @param chip the chip
/// @param numbers what stands beside the shares
/// @param shares by what kernels compute
public record MeasuredSpeeds(
    Path file, Chip chip, Map<String, Double> numbers, Map<Work, Double> shares) {
  private static final String PEAK = "peak_tflops";
  private static final String COPY = "copy_tbps";
  private static final String KERNEL = "kernel_us";
  private static final String GAP = "gap_us";
  private static final List<String> NUMBERS = List.of(PEAK, COPY, KERNEL, GAP);

  /// Copies the maps.
  public MeasuredSpeeds {
    numbers = Map.copyOf(numbers);
    shares = Map.copyOf(shares);
  }

  /// Reads a file.
  ///
  /// @throws dev.quintet.core.io.MalformedFileException if it is not such an object
  public static MeasuredSpeeds read(Path file) {
    JsonObject json = JsonObject.read(file);
    for (String key : json.keys()) {
      if (!key.equals("chip") && !key.equals("shares") && !NUMBERS.contains(key)) {
        throw json.malformed(
            key,
            "no such key as \""
                + key
                + "\"; there are chip, shares, "
                + String.join(", ", NUMBERS));
      }
    }
    var numbers = new TreeMap<String, Double>();
    for (String key : NUMBERS) {
      if (json.has(key)) {
        numbers.put(key, number(json, json, key, key, Double.MAX_VALUE));
      }
    }
    if (!json.has("chip") || !(json.value("chip").orElseThrow() instanceof String name)) {
      throw json.malformed("chip", "\"chip\" has to be one of " + chips());
    }
    Chip chip =
        Arrays.stream(Chip.values())
            .filter(one -> lower(one).equals(name))
            .findFirst()
            .orElseThrow(
                () -> json.malformed("chip", "\"chip\" is one of " + chips() + ", not " + name));
    if (!json.has("shares")
        || !(json.value("shares").orElseThrow() instanceof JsonObject given)
        || given.keys().isEmpty()) {
      throw json.malformed("shares", "\"shares\" has to be an object with at least one share");
    }
    return new MeasuredSpeeds(file, chip, numbers, shares(json, given));
  }

  private static Map<Work, Double> shares(JsonObject json, JsonObject given) {
    var shares = new EnumMap<Work, Double>(Work.class);
    var unknown = new TreeSet<>(given.keys());
    for (Work work : Work.values()) {
      if (unknown.remove(lower(work))) {
        shares.put(work, number(json, given, "shares", lower(work), 1));
      }
    }
    if (!unknown.isEmpty()) {
      throw json.malformed(
          "shares",
          "no such share as \""
              + unknown.first()
              + "\"; there are "
              + Arrays.stream(Work.values())
                  .map(MeasuredSpeeds::lower)
                  .collect(Collectors.joining(", ")));
    }
    return shares;
  }

  /// @param place the key at which the fault is shown
  private static double number(
      JsonObject file, JsonObject json, String place, String key, double most) {
    Object value = json.value(key).orElseThrow();
    if (!(value instanceof Number number)
        || !(number.doubleValue() > 0)
        || number.doubleValue() > most) {
      throw file.malformed(
          place,
          "\""
              + key
              + "\" has to be a number above 0"
              + (most == 1 ? " and at most 1: a share of what was measured as the ceiling" : "")
              + ", not "
              + value);
    }
    return number.doubleValue();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String chips() {
    return Arrays.stream(Chip.values())
        .map(MeasuredSpeeds::lower)
        .collect(Collectors.joining(", "));
  }

  /// A table with what was measured in its place.
  ///
  /// @throws IllegalArgumentException if the table is of another chip
  public SpeedTable over(SpeedTable table) {
    if (chip != table.chip()) {
      throw new IllegalArgumentException(
          file
              + " was measured on "
              + lower(chip)
              + ", and the estimate is for "
              + lower(table.chip())
              + ": take --chip "
              + lower(chip));
    }
    var efficiencies = new EnumMap<Work, Efficiency>(table.efficiencies());
    shares.forEach(
        (work, share) -> efficiencies.put(work, new Efficiency(share, SpeedTable.MEASURED)));
    return new SpeedTable(
        chip,
        numbers.getOrDefault(PEAK, table.peak() / 1e12) * 1e12,
        numbers.getOrDefault(COPY, table.bandwidth() / 1e12) * 1e12,
        numbers.getOrDefault(KERNEL, table.shortest() * 1e6) / 1e6,
        numbers.getOrDefault(GAP, table.gap() * 1e6) / 1e6,
        efficiencies);
  }

  /// Which figures are measured and which are not, for people.
  public String coverage() {
    long rest = Work.values().length - shares.size() + (NUMBERS.size() - numbers.size());
    String named =
        shares.keySet().stream()
            .sorted()
            .map(MeasuredSpeeds::lower)
            .collect(Collectors.joining(", "));
    return "measured ("
        + file
        + "): "
        + named
        + (numbers.isEmpty()
            ? ""
            : ", "
                + NUMBERS.stream().filter(numbers::containsKey).collect(Collectors.joining(", ")))
        + "; the other "
        + rest
        + " figures are the table's";
  }
}
