package dev.quintet.core.io;

import static dev.quintet.core.io.SafetensorsBytes.tensor;
import static dev.quintet.core.io.SafetensorsBytes.withPrefix;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The format's rules one by one, and the attacks known against its readers.
class SafetensorsRulesTest {
  @TempDir Path folder;

  private static final String A = tensor("a", "U8", "[1]", 0, 1);

  private void accepts(byte[] bytes) throws IOException {
    try (var file = SafetensorsFile.open(SafetensorsBytes.write(folder, bytes))) {
      for (String name : file.names()) {
        assertEquals(file.entry(name).bytes(), file.segment(name).byteSize());
      }
    }
    try (var file = SafetensorsFile.openPrivate(folder.resolve("x.safetensors"))) {
      for (String name : file.names()) {
        assertEquals(file.entry(name).bytes(), file.segment(name).byteSize());
        file.segment(name).fill((byte) 7);
      }
    }
    assertArrayEquals(bytes, Files.readAllBytes(folder.resolve("x.safetensors")));
  }

  private MalformedFileException refuses(byte[] bytes, String rule) throws IOException {
    Path path = SafetensorsBytes.write(folder, bytes);
    var e = assertThrows(MalformedFileException.class, () -> SafetensorsFile.open(path));
    assertTrue(e.rule().contains(rule), e.getMessage());
    assertEquals(path, e.path());
    var other = assertThrows(MalformedFileException.class, () -> SafetensorsFile.openPrivate(path));
    assertEquals(e.getMessage(), other.getMessage());
    assertTrue(e.offset() >= 0 && e.offset() <= bytes.length, e.getMessage());
    return e;
  }

  static Stream<Arguments> accepted() {
    return Stream.of(
        Arguments.of("no tensors", SafetensorsBytes.of("{}", 0)),
        Arguments.of("no tensors, padded", SafetensorsBytes.of("{}      ", 0)),
        Arguments.of("one tensor", SafetensorsBytes.of("{" + A + "}", 1)),
        Arguments.of("white space inside", SafetensorsBytes.of("{ \n\t\r" + A + " }  ", 1)),
        Arguments.of("rank 0", SafetensorsBytes.of("{" + tensor("s", "F32", "[]", 0, 4) + "}", 4)),
        Arguments.of(
            "empty tensor", SafetensorsBytes.of("{" + tensor("e", "F32", "[0]", 0, 0) + "}", 0)),
        Arguments.of(
            "empty tensor at the end",
            SafetensorsBytes.of("{" + A + "," + tensor("z", "F64", "[2,0]", 1, 1) + "}", 1)),
        Arguments.of(
            "empty tensor at the start",
            SafetensorsBytes.of("{" + A + "," + tensor("z", "F64", "[2,0]", 0, 0) + "}", 1)),
        Arguments.of(
            "a huge axis behind a zero",
            SafetensorsBytes.of(
                "{" + tensor("z", "U8", "[0,4611686018427387904,4]", 0, 0) + "}", 0)),
        Arguments.of(
            "tensors out of order",
            SafetensorsBytes.of("{" + tensor("b", "U8", "[2]", 1, 3) + "," + A + "}", 3)),
        Arguments.of(
            "metadata",
            SafetensorsBytes.of("{\"__metadata__\":{\"k\":\"v\",\"\":\"\"}," + A + "}", 1)),
        Arguments.of(
            "an empty name", SafetensorsBytes.of("{" + tensor("", "U8", "[1]", 0, 1) + "}", 1)),
        Arguments.of(
            "a name beyond the basic plane",
            SafetensorsBytes.of(
                "{" + tensor("\uD83D\uDE00\\ud83d\\ude00\\u0000\u007F", "U8", "[1]", 0, 1) + "}",
                1)),
        Arguments.of(
            "a field the format does not know",
            SafetensorsBytes.of(
                "{" + A.replace("\"dtype\"", "\"new\":{\"x\":[1]},\"dtype\"") + "}", 1)),
        Arguments.of(
            "whole bytes of a sub-byte type",
            SafetensorsBytes.of("{" + tensor("f", "F4", "[2,3]", 0, 3) + "}", 3)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("accepted")
  void acceptsWhatTheFormatAllows(String what, byte[] bytes) throws IOException {
    accepts(bytes);
  }

  static Stream<Arguments> refused() {
    String open = "{" + A;
    return Stream.of(
        // 1. length prefix
        Arguments.of("empty file", new byte[0], "at least 8 bytes"),
        Arguments.of("seven bytes", new byte[7], "at least 8 bytes"),
        Arguments.of("empty header", new byte[8], "begin with {"),
        Arguments.of("header longer than the file", withPrefix(3, bytes("{}"), 0), "only 2 follow"),
        Arguments.of("header over the limit", withPrefix(100_000_001, bytes("{}"), 0), "at most"),
        Arguments.of("900 MB header", withPrefix(900_000_000, bytes("{}      "), 0), "at most"),
        Arguments.of(
            "prefix of 2^63", withPrefix(Long.MIN_VALUE, bytes("{}"), 0), "9223372036854775808"),
        Arguments.of("prefix that wraps", withPrefix(-8, bytes("{}"), 0), "18446744073709551608"),
        // 2. encoding and padding
        Arguments.of("leading space", SafetensorsBytes.of(" {}", 0), "begin with {"),
        Arguments.of("byte order mark", SafetensorsBytes.of("\uFEFF{}", 0), "begin with {"),
        Arguments.of(
            "zlib bytes",
            SafetensorsBytes.of(new byte[] {0x78, (byte) 0x9C, 1, 2}, 0),
            "begin with {"),
        Arguments.of(
            "UTF-16",
            SafetensorsBytes.of("{}".getBytes(StandardCharsets.UTF_16LE), 0),
            "zero byte"),
        Arguments.of(
            "UTF-32",
            SafetensorsBytes.of("{}".getBytes(Charset.forName("UTF-32LE")), 0),
            "zero byte"),
        Arguments.of("newline after", SafetensorsBytes.of("{}\n", 0), "only spaces"),
        Arguments.of("tab after", SafetensorsBytes.of("{} \t ", 0), "only spaces"),
        Arguments.of("a second object", SafetensorsBytes.of("{}{}", 0), "only spaces"),
        Arguments.of("zero byte after", SafetensorsBytes.of("{}\0\0\0\0", 0), "zero byte"),
        Arguments.of("zero byte long after", SafetensorsBytes.of("{}   \0", 0), "only spaces"),
        Arguments.of("lone continuation byte", latin("{\"\u0080\":1}"), "valid UTF-8"),
        Arguments.of("overlong form", latin("{\"\u00C0\u0080\":1}"), "valid UTF-8"),
        Arguments.of("encoded surrogate", latin("{\"\u00ED\u00A0\u0080\":1}"), "valid UTF-8"),
        Arguments.of("beyond Unicode", latin("{\"\u00F4\u0090\u0080\u0080\":1}"), "valid UTF-8"),
        Arguments.of("cut character", latin("{}  \u00C3"), "valid UTF-8"),
        // 3. JSON
        Arguments.of("array", SafetensorsBytes.of("[]", 0), "begin with {"),
        Arguments.of("unclosed", SafetensorsBytes.of(open, 1), "JSON"),
        Arguments.of("only a brace", SafetensorsBytes.of("{", 0), "JSON"),
        Arguments.of("trailing comma", SafetensorsBytes.of(open + ",}", 1), "JSON"),
        Arguments.of("comment", SafetensorsBytes.of("{/**/" + A + "}", 1), "JSON"),
        Arguments.of(
            "single quotes", SafetensorsBytes.of(open.replace('"', '\'') + "}", 1), "JSON"),
        Arguments.of("control character in a name", SafetensorsBytes.of("{\"\1\":1}", 0), "JSON"),
        Arguments.of(
            "unpaired surrogate in a name",
            SafetensorsBytes.of("{" + tensor("\\ud800", "U8", "[1]", 0, 1) + "}", 1),
            "surrogate"),
        Arguments.of(
            "low surrogate in a name",
            SafetensorsBytes.of("{" + tensor("\\udc00x", "U8", "[1]", 0, 1) + "}", 1),
            "surrogate"),
        Arguments.of(
            "nesting",
            SafetensorsBytes.of("{\"a\":{\"x\":" + "[".repeat(200) + "]".repeat(200) + "}}", 0),
            "JSON"),
        Arguments.of("duplicate tensor", SafetensorsBytes.of("{" + A + "," + A + "}", 1), "JSON"),
        Arguments.of(
            "duplicate tensor, other place",
            SafetensorsBytes.of("{" + A + "," + tensor("a", "U8", "[1]", 1, 2) + "}", 2),
            "JSON"),
        Arguments.of(
            "duplicate by escape",
            SafetensorsBytes.of("{" + A + "," + tensor("\\u0061", "U8", "[1]", 1, 2) + "}", 2),
            "JSON"),
        Arguments.of(
            "duplicate field",
            SafetensorsBytes.of(open.replace("\"shape\"", "\"dtype\":\"U8\",\"shape\"") + "}", 1),
            "JSON"),
        Arguments.of(
            "duplicate metadata key",
            SafetensorsBytes.of("{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0),
            "JSON"),
        Arguments.of(
            "metadata twice",
            SafetensorsBytes.of("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
            "JSON"),
        Arguments.of(
            "metadata number",
            SafetensorsBytes.of("{\"__metadata__\":{\"a\":1}}", 0),
            "strings only"),
        Arguments.of(
            "metadata null value",
            SafetensorsBytes.of("{\"__metadata__\":{\"a\":null}}", 0),
            "strings only"),
        Arguments.of(
            "metadata nested",
            SafetensorsBytes.of("{\"__metadata__\":{\"a\":{}}}", 0),
            "strings only"),
        Arguments.of(
            "metadata null",
            SafetensorsBytes.of("{\"__metadata__\":null}", 0),
            "must be an object"),
        Arguments.of(
            "metadata list", SafetensorsBytes.of("{\"__metadata__\":[]}", 0), "must be an object"),
        Arguments.of(
            "metadata surrogate",
            SafetensorsBytes.of("{\"__metadata__\":{\"a\":\"\\udfff\"}}", 0),
            "surrogate"),
        Arguments.of(
            "tensor is a string", SafetensorsBytes.of("{\"a\":\"b\"}", 0), "must be an object"),
        Arguments.of(
            "tensor is an array",
            SafetensorsBytes.of("{\"a\":[\"U8\",[1],[0,1]]}", 1),
            "must be an object"),
        Arguments.of(
            "no dtype",
            SafetensorsBytes.of("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1),
            "must have dtype"),
        Arguments.of(
            "no shape",
            SafetensorsBytes.of("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1),
            "must have dtype"),
        Arguments.of(
            "no offsets",
            SafetensorsBytes.of("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1),
            "must have dtype"),
        Arguments.of(
            "one offset",
            SafetensorsBytes.of(open.replace("[0,1]", "[0]") + "}", 1),
            "two data_offsets"),
        Arguments.of(
            "three offsets",
            SafetensorsBytes.of(open.replace("[0,1]", "[0,1,1]") + "}", 1),
            "more than 2"),
        Arguments.of(
            "unknown type",
            SafetensorsBytes.of(open.replace("U8", "F31") + "}", 1),
            "must be one of"),
        Arguments.of(
            "type in small letters",
            SafetensorsBytes.of(open.replace("U8", "u8") + "}", 1),
            "must be one of"),
        Arguments.of(
            "type is a number",
            SafetensorsBytes.of(open.replace("\"U8\"", "8") + "}", 1),
            "must be a string"),
        Arguments.of(
            "shape is a number",
            SafetensorsBytes.of(open.replace("[1]", "1") + "}", 1),
            "must be arrays"),
        Arguments.of(
            "negative axis",
            SafetensorsBytes.of(open.replace("[1]", "[-1]") + "}", 1),
            "whole numbers"),
        Arguments.of(
            "minus zero",
            SafetensorsBytes.of("{" + tensor("a", "U8", "[-0]", 0, 0) + "}", 0),
            "whole numbers"),
        Arguments.of(
            "fraction",
            SafetensorsBytes.of(open.replace("[1]", "[1.0]") + "}", 1),
            "whole numbers"),
        Arguments.of(
            "exponent",
            SafetensorsBytes.of(open.replace("[1]", "[1e0]") + "}", 1),
            "whole numbers"),
        Arguments.of(
            "string axis",
            SafetensorsBytes.of(open.replace("[1]", "[\"1\"]") + "}", 1),
            "whole numbers"),
        Arguments.of(
            "nested axis",
            SafetensorsBytes.of(open.replace("[1]", "[[1]]") + "}", 1),
            "whole numbers"),
        Arguments.of(
            "leading zero", SafetensorsBytes.of(open.replace("[1]", "[01]") + "}", 1), "JSON"),
        Arguments.of(
            "axis of 2^63",
            SafetensorsBytes.of("{" + tensor("a", "U8", "[0,9223372036854775808]", 0, 0) + "}", 0),
            "whole numbers"),
        Arguments.of(
            "axis of a thousand digits",
            SafetensorsBytes.of(open.replace("[1]", "[" + "1".repeat(1000) + "]") + "}", 1),
            "JSON"),
        Arguments.of(
            "65 axes",
            SafetensorsBytes.of(
                "{"
                    + tensor(
                        "a",
                        "U8",
                        IntStream.range(0, 65).mapToObj(i -> "1").toList().toString(),
                        0,
                        1)
                    + "}",
                1),
            "more than 64"),
        // 4. places
        Arguments.of(
            "does not start at 0",
            SafetensorsBytes.of("{" + tensor("a", "U8", "[1]", 1, 2) + "}", 2),
            "hole"),
        Arguments.of(
            "hole",
            SafetensorsBytes.of("{" + A + "," + tensor("b", "U8", "[1]", 2, 3) + "}", 3),
            "hole"),
        Arguments.of(
            "two tensors on the same bytes",
            SafetensorsBytes.of("{" + A + "," + tensor("b", "U8", "[1]", 0, 1) + "}", 1),
            "overlaps"),
        Arguments.of(
            "partial overlap",
            SafetensorsBytes.of(
                "{" + tensor("a", "U8", "[2]", 0, 2) + "," + tensor("b", "U8", "[2]", 1, 3) + "}",
                3),
            "overlaps"),
        Arguments.of(
            "empty tensor inside another",
            SafetensorsBytes.of(
                "{" + tensor("a", "U8", "[2]", 0, 2) + "," + tensor("b", "U8", "[0]", 1, 1) + "}",
                2),
            "overlaps"),
        Arguments.of(
            "reversed",
            SafetensorsBytes.of("{" + tensor("a", "U8", "[1]", 1, 0) + "}", 1),
            "ends before"),
        Arguments.of(
            "beyond the end",
            SafetensorsBytes.of("{" + tensor("a", "U8", "[2]", 0, 2) + "}", 1),
            "beyond"),
        Arguments.of(
            "far beyond the end",
            SafetensorsBytes.of(
                "{" + tensor("a", "U8", "[9223372036854775807]", 0, Long.MAX_VALUE) + "}", 1),
            "beyond"),
        // 5. sizes
        Arguments.of(
            "shape and bytes differ",
            SafetensorsBytes.of("{" + tensor("a", "F32", "[2]", 0, 4) + "}", 4),
            "shape and type take 8"),
        Arguments.of(
            "shape [2^62, 4]",
            SafetensorsBytes.of("{" + tensor("a", "U8", "[4611686018427387904,4]", 0, 0) + "}", 0),
            "2^60"),
        Arguments.of(
            "overflow before a zero",
            SafetensorsBytes.of(
                "{" + tensor("a", "U8", "[4611686018427387904,4,0]", 0, 0) + "}", 0),
            "2^60"),
        Arguments.of(
            "overflow of the bits",
            SafetensorsBytes.of("{" + tensor("a", "F64", "[288230376151711744]", 0, 0) + "}", 0),
            "2^60"),
        Arguments.of(
            "half a byte",
            SafetensorsBytes.of("{" + tensor("a", "F4", "[3]", 0, 2) + "}", 2),
            "whole number of bytes"),
        Arguments.of(
            "six bits",
            SafetensorsBytes.of("{" + tensor("a", "F6_E2M3", "[5]", 0, 4) + "}", 4),
            "whole number of bytes"),
        // 6. the end
        Arguments.of("trailing byte", SafetensorsBytes.of("{" + A + "}", 2), "bytes follow"),
        Arguments.of("bytes without tensors", SafetensorsBytes.of("{}", 1), "bytes follow"),
        Arguments.of(
            "truncated data",
            SafetensorsBytes.of("{" + tensor("a", "F32", "[4]", 0, 16) + "}", 15),
            "beyond"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] latin(String header) {
    return SafetensorsBytes.of(header.getBytes(StandardCharsets.ISO_8859_1), 0);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesWhatTheFormatForbids(String what, byte[] bytes, String rule) throws IOException {
    refuses(bytes, rule);
  }

  @Test
  void namesTheByteWhereARuleIsBroken() throws IOException {
    String header = "{" + A + "," + tensor("b", "U8", "[x]", 1, 2) + "}";
    assertEquals(
        8 + header.indexOf('x'), refuses(SafetensorsBytes.of(header, 2), "JSON").offset(), 1);
    String padded = "{" + A + "}   x";
    assertEquals(
        8 + padded.indexOf('x'), refuses(SafetensorsBytes.of(padded, 1), "only spaces").offset());
    assertEquals(
        8 + 2 + A.length(),
        refuses(SafetensorsBytes.of("{" + A + "}", 3), "bytes follow").offset() - 1);
    assertEquals(10, refuses(latin("{\"\u00FF"), "UTF-8").offset());
  }

  @Test
  void sizesEveryOfficialType() throws IOException {
    // Names and bits as safetensors 0.8.0 accepts them.
    Map<String, Integer> bits =
        Arrays.stream(
                ("BOOL 8 F4 4 F6_E2M3 6 F6_E3M2 6 U8 8 I8 8 F8_E5M2 8 F8_E4M3 8 F8_E8M0 8"
                        + " F8_E4M3FNUZ 8 F8_E5M2FNUZ 8 I16 16 U16 16 F16 16 BF16 16 I32 32 U32 32"
                        + " F32 32 C64 64 F64 64 I64 64 U64 64")
                    .split("(?<=\\d) (?=[A-Z])"))
            .map(pair -> pair.split(" "))
            .collect(Collectors.toMap(pair -> pair[0], pair -> Integer.valueOf(pair[1])));
    assertEquals(SafetensorsType.values().length, bits.size());
    for (var entry : bits.entrySet()) {
      int size = entry.getValue();
      String header = "{" + tensor("t", entry.getKey(), "[8,1]", 0, size) + "}";
      accepts(SafetensorsBytes.of(header, size));
      String wrong = "{" + tensor("t", entry.getKey(), "[8,1]", 0, size + 1) + "}";
      refuses(SafetensorsBytes.of(wrong, size + 1), "shape and type take " + size);
      assertEquals(size, SafetensorsType.valueOf(entry.getKey()).bits());
    }
  }

  @Test
  void refusingATinyFileIsCheap() throws IOException {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] attack = withPrefix(900_000_000, bytes("{}      "), 0);
    refuses(attack, "at most");
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
    long start = System.nanoTime();
    refuses(attack, "at most");
    long nanos = System.nanoTime() - start;
    long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().threadId()) - before;
    assertTrue(allocated < 1 << 20, allocated + " bytes");
    // The bound of 10 ms with room for a busy machine.
    assertTrue(nanos < 50_000_000, nanos + " ns");
  }

  @Test
  void manyTensorsTakeTimeAndMemoryInProportion() throws IOException {
    int count = 50_000;
    String header =
        IntStream.range(0, count)
            .mapToObj(i -> tensor("layer." + i, "U8", "[1]", i, i + 1))
            .collect(Collectors.joining(",", "{", "}"));
    Path path = SafetensorsBytes.write(folder, SafetensorsBytes.of(header, count));
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
    try (var file = SafetensorsFile.open(path)) {
      long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().threadId()) - before;
      assertTrue(allocated < 16L * header.length(), allocated + " for " + header.length());
      assertEquals(count, file.names().size());
      assertEquals("layer.49999", file.names().getLast());
    }
  }

  @Test
  void mapsMoreThanTwoGigabytes() throws IOException {
    long elements = 800_000_000;
    String header = "{" + tensor("w", "F32", "[" + elements + "]", 0, 4 * elements) + "}";
    Path path = SafetensorsBytes.write(folder, SafetensorsBytes.of(header, 0));
    try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      // Sparse: the file system stores the last bytes only.
      var last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 3.5f);
      channel.write(last, 8 + header.length() + 4 * (elements - 1));
    }
    try (var file = SafetensorsFile.open(path)) {
      assertEquals(4 * elements, file.segment("w").byteSize());
      assertEquals(3.5f, file.segment("w").get(JAVA_FLOAT_UNALIGNED, 4 * (elements - 1)));
    }
  }

  @Test
  void listsTensorsInTheOrderOfTheirBytes() throws IOException {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\",\"a\":\"b\"},"
            + tensor("late", "I16", "[2,3]", 4, 16)
            + ","
            + tensor("early", "F32", "[]", 0, 4)
            + "}";
    try (var file =
        SafetensorsFile.open(SafetensorsBytes.write(folder, SafetensorsBytes.of(header, 16)))) {
      assertEquals(List.of("early", "late"), file.names());
      assertEquals(Map.of("format", "pt", "a", "b"), file.metadata());
      TensorEntry late = file.entry("late");
      assertEquals("late I16[2, 3]", late.toString());
      assertEquals(SafetensorsType.I16, late.type());
      assertEquals(6, late.elements());
      assertEquals("[2, 3]", late.shape().toString());
      assertEquals(8 + header.length() + 4, late.offset());
      assertTrue(file.contains("early"));
      var e = assertThrows(IllegalArgumentException.class, () -> file.entry("lat"));
      assertTrue(e.getMessage().contains("early"), e.getMessage());
      assertTrue(file.segment("late").isReadOnly());
    }
  }

  @Test
  void aClosedFileCannotBeRead() throws IOException {
    var file =
        SafetensorsFile.open(SafetensorsBytes.write(folder, SafetensorsBytes.of("{" + A + "}", 1)));
    var segment = file.segment("a");
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, () -> segment.get(JAVA_BYTE, 0));
  }

  @Test
  void aPrivateMappingOutlivesItsFileAndForgetsWhatWasWritten() throws IOException {
    byte[] bytes = SafetensorsBytes.of("{" + A + "}", 1);
    bytes[bytes.length - 1] = 5;
    Path path = SafetensorsBytes.write(folder, bytes);
    MemorySegment segment;
    try (var file = SafetensorsFile.openPrivate(path)) {
      segment = file.segment("a");
      segment.set(JAVA_BYTE, 0, (byte) 9);
      assertEquals(9, segment.get(JAVA_BYTE, 0));
      Files.delete(path);
    }
    // On other systems what was written stays until the memory is collected.
    if (System.getProperty("os.name").startsWith("Linux")) {
      assertEquals(5, segment.get(JAVA_BYTE, 0));
    }
  }

  @Test
  void aMissingFileIsNamed() {
    Path path = folder.resolve("none.safetensors");
    var e = assertThrows(UncheckedIOException.class, () -> SafetensorsFile.open(path));
    assertTrue(e.getMessage().contains("none.safetensors"));
    assertThrows(UncheckedIOException.class, () -> SafetensorsFile.open(folder));
  }
}
