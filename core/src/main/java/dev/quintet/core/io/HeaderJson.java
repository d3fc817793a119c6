package dev.quintet.core.io;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/// Reads the JSON of a safetensors header, still without asking whether its numbers fit the file.
///
/// Jackson reads the grammar; what it would let pass and the format forbids is checked here:
/// encodings other than UTF-8, something before `{` or after `}`, unpaired surrogates, `-0`. Time
/// and memory are linear in the header's length, whatever it says.
final class HeaderJson {
  // NumPy and PyTorch stop at 64 axes too. Without a limit a header of ones could ask for four
  // times
  // its own size.
  private static final int MAX_RANK = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(64)
                  .maxNumberLength(32)
                  .maxNameLength(1 << 20)
                  .maxStringLength(1 << 24)
                  .build())
          .build();

  private final Path path;
  private final MemorySegment file;
  private final long start;
  private final long end;
  private final JsonParser parser;
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
    checkEncoding();
    this.parser = JSON.createParser(ObjectReadContext.empty(), new SegmentStream(file, start, end));
  }

  /// Reads bytes `start` to `end` of a file.
  static HeaderJson read(Path path, MemorySegment file, long start, long end) {
    var header = new HeaderJson(path, file, start, end);
    try (JsonParser parser = header.parser) {
      header.parseRoot();
      header.checkPadding(start + parser.currentLocation().getByteOffset());
    } catch (JacksonException e) {
      @Nullable TokenStreamLocation place = e.getLocation();
      throw header.broken(
          start + Math.max(0, place == null ? 0 : place.getByteOffset()),
          "the header is not valid JSON: " + JsonFault.plain(e.getOriginalMessage()));
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

  private void checkEncoding() {
    if (end == start || file.get(ValueLayout.JAVA_BYTE, start) != '{') {
      throw broken(start, "the header must begin with {");
    }
    // Jackson guesses UTF-16 and UTF-32 by zero bytes among the first four.
    for (long at = start; at < Math.min(end, start + 4); at++) {
      if (file.get(ValueLayout.JAVA_BYTE, at) == 0) {
        throw broken(at, "the header must be JSON in UTF-8, but holds a zero byte");
      }
    }
    // Jackson decodes overlong forms and encoded surrogates; the JDK's decoder does not.
    var bytes = file.asSlice(start, end - start).asByteBuffer();
    var decoder = StandardCharsets.UTF_8.newDecoder();
    var chars = CharBuffer.allocate(8192);
    CoderResult result;
    do {
      result = decoder.decode(bytes, chars.clear(), true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw broken(start + bytes.position(), "the header must be valid UTF-8");
    }
  }

  private void checkPadding(long after) {
    for (long at = after; at < end; at++) {
      if (file.get(ValueLayout.JAVA_BYTE, at) != ' ') {
        throw broken(at, "only spaces may follow the header's closing }");
      }
    }
  }

  private void parseRoot() {
    expect(JsonToken.START_OBJECT, parser.nextToken(), "the header must be an object");
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = checkedText("a tensor's name");
      JsonToken value = parser.nextToken();
      if (name.equals(SafetensorsHeader.METADATA)) {
        expect(JsonToken.START_OBJECT, value, SafetensorsHeader.METADATA + " must be an object");
        metadata = parseMetadata();
      } else {
        expect(JsonToken.START_OBJECT, value, "a tensor must be an object");
        found.add(parseTensor(name));
      }
    }
  }

  private Map<String, String> parseMetadata() {
    var strings = new LinkedHashMap<String, String>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = checkedText("a key of " + SafetensorsHeader.METADATA);
      expect(
          JsonToken.VALUE_STRING,
          parser.nextToken(),
          SafetensorsHeader.METADATA + " must hold strings only");
      strings.put(key, checkedText("a value of " + SafetensorsHeader.METADATA));
    }
    return strings;
  }

  private Found parseTensor(String name) {
    long place = here();
    String who = shortened(name);
    @Nullable SafetensorsType type = null;
    long @Nullable [] dims = null;
    long @Nullable [] offsets = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "dtype" -> type = parseType(who, value);
        case "shape" -> dims = parseNumbers(who, "shape", value, MAX_RANK);
        case "data_offsets" -> offsets = parseNumbers(who, "data_offsets", value, 2);
        default -> parser.skipChildren(); // the reference ignores what it does not know, too
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

  private SafetensorsType parseType(String who, JsonToken value) {
    expect(JsonToken.VALUE_STRING, value, "a dtype must be a string");
    Optional<SafetensorsType> type = SafetensorsType.named(parser.getString());
    if (type.isEmpty()) {
      throw broken(
          here(),
          "the dtype of tensor "
              + who
              + " must be one of "
              + Arrays.toString(SafetensorsType.values())
              + ", but is "
              + shortened(parser.getString()));
    }
    return type.get();
  }

  private long[] parseNumbers(String who, String field, JsonToken value, int most) {
    expect(JsonToken.START_ARRAY, value, "shape and data_offsets must be arrays");
    long[] numbers = new long[4];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (count == most) {
        throw broken(here(), field + " of tensor " + who + " has more than " + most + " numbers");
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = parseNumber(who, field);
    }
    return Arrays.copyOf(numbers, count);
  }

  private long parseNumber(String who, String field) {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      String digits = parser.getString();
      // Nineteen digits may pass 2^63 - 1; a sign is refused even before zero, as by the reference.
      if (digits.charAt(0) != '-' && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        return parser.getLongValue();
      }
    }
    throw broken(
        here(),
        field
            + " of tensor "
            + who
            + " must be whole numbers from 0 to 2^63 - 1, but one is "
            + shortened(parser.getString()));
  }

  private void expect(JsonToken wanted, @Nullable JsonToken got, String rule) {
    if (got != wanted) {
      throw broken(here(), rule + ", but is " + got);
    }
  }

  /// The current name or string, unless it holds an unpaired surrogate, which UTF-8 cannot carry.
  private String checkedText(String what) {
    String text = parser.getString();
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isHighSurrogate(text.charAt(i))
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          throw broken(here(), what + " holds an unpaired surrogate");
        }
        i++;
      }
    }
    return text;
  }

  private long here() {
    return start + Math.max(0, parser.currentTokenLocation().getByteOffset());
  }

  static String shortened(String text) {
    return text.length() <= 120 ? text : text.substring(0, 120) + "...";
  }

  private MalformedFileException broken(long offset, String rule) {
    return new MalformedFileException(path, offset, rule);
  }

  /// Reads a range of the mapping without copying it to the heap as a whole.
  private static final class SegmentStream extends InputStream {
    private final MemorySegment source;
    private final long end;
    private long position;

    SegmentStream(MemorySegment source, long start, long end) {
      this.source = source;
      this.position = start;
      this.end = end;
    }

    @Override
    public int read() {
      return position == end ? -1 : source.get(ValueLayout.JAVA_BYTE, position++) & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int count) {
      if (position == end) {
        return count == 0 ? 0 : -1;
      }
      int taken = (int) Math.min(count, end - position);
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, position, into, from, taken);
      position += taken;
      return taken;
    }
  }
}
