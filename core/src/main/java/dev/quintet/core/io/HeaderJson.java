package dev.quintet.core.io;

import dev.quintet.core.io.StrictJson.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the JSON of a safetensors header, still without asking whether its numbers fit the file.
///
/// To what [StrictJson] forbids the format adds something before `{` or after `}`, unpaired surrogates and `-0`.
final class HeaderJson {
  // NumPy and PyTorch stop at 64 axes too. Without a limit a header of ones could ask for four
  // times its own size.
  private static final int MAX_RANK = 64;
  private static final String MOST = String.valueOf(Long.MAX_VALUE);

  private final Path path;
  private final MemorySegment file;
  private final long start;
  private final long end;
  private final StrictJson json;
  private final List<Found> found = new ArrayList<>();
  private Map<String, String> metadata = Map.of();

  /// A tensor as the header tells it, and at which byte of the file it does; never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Found(String name, SafetensorsType type, long[] dims, long start, long end, long place) {}

  private HeaderJson(Path path, MemorySegment file, long start, long end) {
    this.path = path;
    this.file = file;
    this.start = start;
    this.end = end;
    if (end == start || file.get(ValueLayout.JAVA_BYTE, start) != '{') {
      throw broken(start, "the header must begin with {");
    }
    json =
        StrictJson.of(
            file.asSlice(start, end - start),
            StrictJson.Limits.HEADER,
            (place, rule) -> broken(start + place, rule));
  }

  /// Reads bytes `start` to `end` of a file.
  static HeaderJson read(Path path, MemorySegment file, long start, long end) {
    var header = new HeaderJson(path, file, start, end);
    try (StrictJson json = header.json) {
      header.parseRoot();
      header.checkPadding(start + json.after());
    }
    return header;
  }

  /// The tensors in the header's order.
  List<Found> tensors() {
    return found;
  }

  /// The strings under `__metadata__`, in the header's order.
  Map<String, String> metadata() {
    return metadata;
  }

  private void checkPadding(long after) {
    for (long at = after; at < end; at++) {
      if (file.get(ValueLayout.JAVA_BYTE, at) != ' ') {
        throw broken(at, "only spaces may follow the header's closing }");
      }
    }
  }

  private void parseRoot() {
    expect(Kind.OBJECT, "the header must be an object");
    while (json.nextKey()) {
      String name = checked(json.key(), "a tensor's name");
      if (name.equals(SafetensorsHeader.METADATA)) {
        expect(Kind.OBJECT, SafetensorsHeader.METADATA + " must be an object");
        metadata = parseMetadata();
      } else {
        expect(Kind.OBJECT, "a tensor must be an object");
        found.add(parseTensor(name));
      }
    }
  }

  private Map<String, String> parseMetadata() {
    var strings = new LinkedHashMap<String, String>();
    while (json.nextKey()) {
      String key = checked(json.key(), "a key of " + SafetensorsHeader.METADATA);
      expect(Kind.STRING, SafetensorsHeader.METADATA + " must hold strings only");
      strings.put(key, checked(json.text(), "a value of " + SafetensorsHeader.METADATA));
    }
    return strings;
  }

  private Found parseTensor(String name) {
    long place = start + json.place();
    String who = shortened(name);
    @Nullable SafetensorsType type = null;
    long @Nullable [] dims = null;
    long @Nullable [] offsets = null;
    while (json.nextKey()) {
      switch (json.key()) {
        case "dtype" -> type = parseType(who);
        case "shape" -> dims = parseNumbers(who, "shape", MAX_RANK);
        case "data_offsets" -> offsets = parseNumbers(who, "data_offsets", 2);
        default -> { // the reference ignores what it does not know, too
          json.next();
          json.skip();
        }
      }
    }
    if (type == null || dims == null || offsets == null) {
      throw broken(place, "tensor " + who + " must have dtype, shape and data_offsets");
    }
    if (offsets.length != 2) {
      throw broken(place, "tensor " + who + " must have two data_offsets");
    }
    return new Found(name, type, dims, offsets[0], offsets[1], place);
  }

  private SafetensorsType parseType(String who) {
    expect(Kind.STRING, "a dtype must be a string");
    Optional<SafetensorsType> type = SafetensorsType.named(json.text());
    if (type.isEmpty()) {
      throw json.fault(
          "the dtype of tensor "
              + who
              + " must be one of "
              + Arrays.toString(SafetensorsType.values())
              + ", but is "
              + shortened(json.text()));
    }
    return type.get();
  }

  private long[] parseNumbers(String who, String field, int most) {
    expect(Kind.ARRAY, "shape and data_offsets must be arrays");
    long[] numbers = new long[4];
    int count = 0;
    for (Kind kind = json.next(); kind != Kind.END; kind = json.next()) {
      if (count == most) {
        throw json.fault(field + " of tensor " + who + " has more than " + most + " numbers");
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      String digits = json.text();
      // A sign is refused even before zero, as by the reference.
      boolean fits = digits.length() < 19 || digits.length() == 19 && digits.compareTo(MOST) <= 0;
      if (kind != Kind.WHOLE || digits.startsWith("-") || !fits) {
        throw json.fault(
            field
                + " of tensor "
                + who
                + " must be whole numbers from 0 to 2^63 - 1, but one is "
                + shortened(digits));
      }
      numbers[count++] = json.whole();
    }
    return Arrays.copyOf(numbers, count);
  }

  private void expect(Kind wanted, String rule) {
    Kind got = json.next();
    if (got != wanted) {
      throw json.fault(rule + ", but is " + got);
    }
  }

  /// A name or string, unless it holds an unpaired surrogate, which UTF-8 cannot carry.
  private String checked(String text, String what) {
    if (JsonText.holdsUnpaired(text)) {
      throw json.fault(what + " holds an unpaired surrogate");
    }
    return text;
  }

  static String shortened(String text) {
    return text.length() <= 120 ? text : text.substring(0, 120) + "...";
  }

  private MalformedFileException broken(long offset, String rule) {
    return new MalformedFileException(path, offset, rule);
  }
}
