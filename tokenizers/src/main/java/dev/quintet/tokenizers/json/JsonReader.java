package dev.quintet.tokenizers.json;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.file.TokenizerFiles;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

/// Reads JSON strictly: UTF-8 without errors, no duplicate keys in a tree, no lone surrogates, one value and
/// nothing after it; depth, lengths and the number of values are limited, so that memory stays a
/// small multiple of the file.
public final class JsonReader implements AutoCloseable {

  private static final int MAX_DEPTH = 64;
  private static final int MAX_STRING = 16 << 20;
  private static final int MAX_NUMBER = 32;

  /// A tree costs some fifty bytes a value; large tables are never read as trees.
  private static final int MAX_VALUES = 1_000_000;

  private final String file;
  private final JsonParser parser;

  /// Whether a character may be spelled by its code, as only then surrogates may be alone.
  private final boolean escapes;

  private int values;

  private JsonReader(String file, JsonParser parser, boolean escapes) {
    this.file = file;
    this.parser = parser;
    this.escapes = escapes;
  }

  public static JsonReader of(String file, byte[] utf8) {
    if (utf8.length > TokenizerFiles.MAX_BYTES) {
      throw new MalformedFileException(
          file,
          "offset 0",
          "at most " + TokenizerFiles.MAX_BYTES + " bytes allowed, got " + utf8.length);
    }
    var factory =
        JsonFactory.builder()
            // Vocabularies have as many different names as a table that canonicalises can bear.
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_STRING)
                    .maxNameLength(MAX_STRING)
                    .maxNumberLength(MAX_NUMBER)
                    .build())
            .build();
    CharBuffer text = decode(file, utf8);
    JsonParser parser =
        factory.createParser(
            ObjectReadContext.empty(), text.array(), text.arrayOffset(), text.limit());
    return new JsonReader(file, parser, spellsSurrogates(utf8));
  }

  /// Whether there is something like `\uD83D`.
  private static boolean spellsSurrogates(byte[] utf8) {
    for (int i = 2; i < utf8.length; i++) {
      if ((utf8[i] | 0x20) == 'd' && utf8[i - 1] == 'u' && utf8[i - 2] == '\\') {
        return true;
      }
    }
    return false;
  }

  private static CharBuffer decode(String file, byte[] utf8) {
    CharBuffer out = CharBuffer.allocate(utf8.length);
    ByteBuffer in = ByteBuffer.wrap(utf8);
    CoderResult result =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(in, out, true);
    if (result.isError()) {
      throw new MalformedFileException(file, "offset " + in.position(), "not UTF-8");
    }
    return out.flip();
  }

  /// Moves to the next token.
  public JsonToken next() {
    try {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw malformed("the file ends early");
      }
      return token;
    } catch (StreamReadException broken) {
      throw new MalformedFileException(
          file,
          "offset " + broken.getLocation().getCharOffset(),
          "not JSON as allowed here: " + broken.getOriginalMessage());
    } catch (JacksonException broken) {
      throw malformed("not JSON as allowed here: " + broken.getOriginalMessage());
    }
  }

  /// Asserts that nothing follows.
  public void end() {
    try {
      if (parser.nextToken() == null) {
        return;
      }
    } catch (JacksonException _) {
      // Whatever it is, it should not be there.
    }
    throw malformed("nothing may follow the value");
  }

  public JsonToken current() {
    return parser.currentToken();
  }

  /// The current member's name.
  public String name() {
    return checked(parser.currentName());
  }

  /// The current string.
  public String string() {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw malformed("expected a string");
    }
    return text();
  }

  /// The current number, which must be an id.
  public int id() {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      String digits = text();
      if (digits.length() < 10 && digits.charAt(0) != '-') {
        return Integer.parseInt(digits);
      }
    }
    throw malformed("expected an id from 0 to 999999999");
  }

  /// The current number, as spelled; it is neither too large nor too long for a double.
  public String number() {
    if (current() != JsonToken.VALUE_NUMBER_INT && current() != JsonToken.VALUE_NUMBER_FLOAT) {
      throw malformed("expected a number");
    }
    String spelled = text();
    // Without an exponent a number is infinite from 309 digits on; a vocabulary has many scores.
    boolean large =
        spelled.length() >= 300 || spelled.indexOf('e') >= 0 || spelled.indexOf('E') >= 0;
    if (large && Double.isInfinite(Double.parseDouble(spelled))) {
      throw malformed("expected a number that a double can hold, got " + spelled);
    }
    return spelled;
  }

  private String text() {
    try {
      return checked(parser.getString());
    } catch (JacksonException broken) {
      throw malformed("not JSON as allowed here: " + broken.getOriginalMessage());
    }
  }

  private String checked(String text) {
    if (escapes && CodePoints.hasLoneSurrogate(text)) {
      throw malformed("lone surrogates are not text");
    }
    return text;
  }

  /// Reads the value at the current token whole.
  public Json tree() {
    if (++values > MAX_VALUES) {
      throw malformed("at most " + MAX_VALUES + " values allowed besides the vocabulary");
    }
    return switch (current()) {
      case START_OBJECT -> {
        var members = new LinkedHashMap<String, Json>(8);
        while (next() != JsonToken.END_OBJECT) {
          String name = name();
          next();
          if (members.put(name, tree()) != null) {
            throw twice(name);
          }
        }
        yield new Json.Obj(members);
      }
      case START_ARRAY -> {
        List<Json> items = List.of();
        while (next() != JsonToken.END_ARRAY) {
          if (items.isEmpty()) {
            items = new ArrayList<>(4);
          }
          items.add(tree());
        }
        yield new Json.Arr(items);
      }
      case VALUE_STRING -> new Json.Str(text());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Num(text());
      case VALUE_TRUE -> new Json.Bool(true);
      case VALUE_FALSE -> new Json.Bool(false);
      case VALUE_NULL -> Json.Mark.NULL;
      case END_OBJECT, END_ARRAY, PROPERTY_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
          throw malformed("expected a value");
    };
  }

  public MalformedFileException twice(String name) {
    return malformed("the name \"" + name + "\" stands twice");
  }

  public MalformedFileException malformed(String rule) {
    String pointer = parser.streamReadContext().pathAsPointer().toString();
    return new MalformedFileException(file, pointer.isEmpty() ? "the top" : pointer, rule);
  }

  @Override
  public void close() {
    parser.close();
  }
}
