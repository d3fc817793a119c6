package dev.quintet.core.io;

import java.io.InputStream;
import java.io.Reader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/// Reads JSON value by value, strictly and within limits.
///
/// Jackson reads the grammar; what it would let pass is checked here: encodings other than UTF-8, overlong forms, zero
/// bytes, a byte order mark, keys that stand twice, numbers that no `long` or `double` holds. Time and memory are
/// linear in the length of the text, whatever it says.
///
/// Whoever reads asks for [#next] value, or in an object for the [#nextKey] and then its value; what is wrong becomes
/// an exception of the reader's own choice.
public final class StrictJson implements AutoCloseable {
  /// What is wrong with a text that ends before its value does.
  public static final String UNFINISHED = "not JSON: " + JsonFault.TOO_EARLY;

  private final JsonParser parser;
  private final Fault fault;
  private final boolean byLine;

  /// Makes the exception for what is wrong.
  @FunctionalInterface
  public interface Fault {
    /// The exception.
    ///
    /// @param place bytes (of a string: characters) from the text's start; of a reader the line, from 1
    /// @param rule what the text should be, and what came instead
    RuntimeException at(long place, String rule);
  }

  /// How much is read; more is a fault.
  public enum Limits {
    /// The header of a file of weights.
    HEADER(32, 1 << 20, 1 << 24),
    /// A file of settings.
    FILE(32, 1 << 16, 1 << 24),
    /// A line of data: texts of any length.
    LINE(1 << 16, 1 << 16, Integer.MAX_VALUE);

    private final JsonFactory factory;

    Limits(int digits, int key, int text) {
      factory =
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(64)
                      .maxNumberLength(digits)
                      .maxNameLength(key)
                      .maxStringLength(text)
                      .build())
              .build();
    }
  }

  /// What a value is, and the end of an array, of an object or of the text.
  public enum Kind {
    OBJECT("an object"),
    ARRAY("an array"),
    STRING("a string"),
    WHOLE("a number"),
    FRACTION("a number"),
    TRUE("true or false"),
    FALSE("true or false"),
    NULL("null"),
    END("no value");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  private StrictJson(JsonParser parser, Fault fault, boolean byLine) {
    this.parser = parser;
    this.fault = fault;
    this.byLine = byLine;
  }

  /// Reads bytes of at most 2 GB.
  public static StrictJson of(MemorySegment bytes, Limits limits, Fault fault) {
    ByteBuffer raw = bytes.asByteBuffer();
    // Jackson guesses other encodings by zero bytes among the first four, and by marks.
    for (int i = 0; i < Math.min(4, raw.limit()); i++) {
      if (raw.get(i) == 0) {
        throw fault.at(i, "expected UTF-8, but there is a zero byte");
      }
    }
    if (raw.hasRemaining() && raw.get(0) == (byte) 0xEF) {
      throw fault.at(0, "expected UTF-8 without a byte order mark");
    }
    int bad = firstInvalid(raw);
    if (bad >= 0) {
      throw fault.at(bad, "expected valid UTF-8");
    }
    var parser = limits.factory.createParser(ObjectReadContext.empty(), new SegmentStream(bytes));
    return new StrictJson(parser, fault, false);
  }

  /// Reads a string.
  public static StrictJson of(String text, Limits limits, Fault fault) {
    return new StrictJson(
        limits.factory.createParser(ObjectReadContext.empty(), text), fault, false);
  }

  /// Reads characters as they come, of any number; places are lines, from 1.
  public static StrictJson of(Reader text, Limits limits, Fault fault) {
    return new StrictJson(
        limits.factory.createParser(ObjectReadContext.empty(), text), fault, true);
  }

  /// Where the first bytes are that are no UTF-8; -1 if all are. Overlong forms and encoded surrogates are none.
  public static int firstInvalid(ByteBuffer bytes) {
    ByteBuffer rest = bytes.slice();
    var decoder = StandardCharsets.UTF_8.newDecoder();
    var chars = CharBuffer.allocate(Math.min(8192, rest.remaining() + 1));
    CoderResult result;
    do {
      result = decoder.decode(rest, chars.clear(), true);
    } while (result.isOverflow());
    return result.isError() ? rest.position() : -1;
  }

  /// Goes to the next value; the end where an array, an object or the text has no more.
  public Kind next() {
    return kind(token());
  }

  /// Goes to the next key of an object; false at its end.
  public boolean nextKey() {
    return token() == JsonToken.PROPERTY_NAME;
  }

  /// The key that [#nextKey] went to, also when its value is read.
  public String key() {
    return parser.currentName();
  }

  /// A string's text, or whatever stands there as it is written.
  public String text() {
    try {
      return String.valueOf(parser.getString());
    } catch (JacksonException e) {
      throw fault(e);
    }
  }

  /// A whole number.
  public long whole() {
    try {
      return parser.getLongValue();
    } catch (JacksonException e) {
      throw fault(e);
    }
  }

  /// A number that is finite.
  public double number() {
    double value = parser.getDoubleValue();
    if (Double.isInfinite(value)) {
      throw fault("not JSON: the number " + text() + " is too large");
    }
    return value;
  }

  /// Goes to the end of the value, if it is an object or an array.
  public void skip() {
    try {
      parser.skipChildren();
    } catch (JacksonException e) {
      throw fault(e);
    }
  }

  /// Where the value or key begins: bytes from the start, or the line of what a reader gives.
  public long place() {
    return place(parser.currentTokenLocation());
  }

  /// Where the value or key ends, and what follows begins.
  public long after() {
    return Math.max(0, parser.currentLocation().getByteOffset());
  }

  /// The exception for what is wrong with the value or key.
  public RuntimeException fault(String rule) {
    return fault.at(place(), rule);
  }

  private RuntimeException fault(JacksonException e) {
    @Nullable TokenStreamLocation place = e.getLocation();
    return fault.at(
        place == null ? 0 : place(place),
        "not JSON: " + JsonFault.plain(String.valueOf(e.getOriginalMessage())));
  }

  private long place(TokenStreamLocation location) {
    return Math.max(0, byLine ? location.getLineNr() : location.getByteOffset());
  }

  private @Nullable JsonToken token() {
    try {
      return parser.nextToken();
    } catch (JacksonException e) {
      throw fault(e);
    }
  }

  private static Kind kind(@Nullable JsonToken token) {
    return switch (token) {
      case START_OBJECT -> Kind.OBJECT;
      case START_ARRAY -> Kind.ARRAY;
      case VALUE_STRING -> Kind.STRING;
      case VALUE_NUMBER_INT -> Kind.WHOLE;
      case VALUE_NUMBER_FLOAT -> Kind.FRACTION;
      case VALUE_TRUE -> Kind.TRUE;
      case VALUE_FALSE -> Kind.FALSE;
      case VALUE_NULL -> Kind.NULL;
      case END_OBJECT, END_ARRAY -> Kind.END;
      case null -> Kind.END;
      case PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw new IllegalStateException("the JSON parser gave " + token + " for a value");
    };
  }

  @Override
  public void close() {
    parser.close();
  }

  /// Bytes as a stream, without a copy of all of them.
  private static final class SegmentStream extends InputStream {
    private final MemorySegment bytes;
    private long at;

    SegmentStream(MemorySegment bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      return at == bytes.byteSize() ? -1 : bytes.get(ValueLayout.JAVA_BYTE, at++) & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (at == bytes.byteSize() && length > 0) {
        return -1;
      }
      int count = (int) Math.min(length, bytes.byteSize() - at);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, into, offset, count);
      at += count;
      return count;
    }
  }
}
