package dev.quintet.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  private static TensorData floats(float... values) {
    return TensorData.of(DType.F32, Shape.of(values.length), MemorySegment.ofArray(values));
  }

  private byte[] written(Map<String, TensorData> tensors, Map<String, String> metadata)
      throws IOException {
    Path path = folder.resolve("w.safetensors");
    SafetensorsWriter.write(path, tensors, metadata);
    return Files.readAllBytes(path);
  }

  @Test
  void writesTheSameBytesAsTheReference() throws Exception {
    // Made by reference.py beside it, with safetensors 0.8.0.
    Path reference = Path.of(getClass().getResource("reference.safetensors").toURI());
    try (var file = SafetensorsFile.open(reference)) {
      assertEquals(Map.of("b\u00e9", "x\ny"), file.metadata());
      assertEquals(2.5f, file.floats("scalar")[0]);
      assertArrayEquals(new float[] {5, 6, 7, 8, 9, 10}, file.floats("t.7"));
      assertArrayEquals(new int[] {11, 12, 13, 14, 15, 16}, file.ints("t.1"));
      var tensors = new HashMap<String, TensorData>();
      for (String name : file.names()) {
        TensorEntry entry = file.entry(name);
        tensors.put(name, new TensorData(entry.type(), entry.shape(), file.segment(name)));
      }
      assertArrayEquals(Files.readAllBytes(reference), written(tensors, file.metadata()));
    }
  }

  @Test
  void anEmptyFileIsAsTheReferenceWritesIt() throws IOException {
    // serialize({}, None) and serialize({}, {"framework": "pt"}) in safetensors' own tests.
    assertArrayEquals(SafetensorsBytes.of("{}      ", 0), written(Map.of(), Map.of()));
    assertArrayEquals(
        SafetensorsBytes.of("{\"__metadata__\":{\"framework\":\"pt\"}}     ", 0),
        written(Map.of(), Map.of("framework", "pt")));
  }

  @Test
  void saysThatItIsOfPyTorchUnlessToldOtherwise() {
    Path path = folder.resolve("w.safetensors");
    SafetensorsWriter.write(path, Map.of("a", floats(1)));
    try (var file = SafetensorsFile.open(path)) {
      assertEquals(Map.of("format", "pt"), file.metadata());
    }
  }

  @Test
  void equalContentsGiveEqualBytesInWhateverOrderTheyCome() throws IOException {
    var forwards = new LinkedHashMap<String, TensorData>();
    var backwards = new LinkedHashMap<String, TensorData>();
    var someMetadata = new LinkedHashMap<String, String>();
    var sameMetadata = new LinkedHashMap<String, String>();
    for (int i = 0; i < 30; i++) {
      forwards.put("t" + i, floats(i));
      backwards.put("t" + (29 - i), floats(29 - i));
      someMetadata.put("m" + i, "v" + i);
      sameMetadata.put("m" + (29 - i), "v" + (29 - i));
    }
    assertArrayEquals(written(forwards, someMetadata), written(backwards, sameMetadata));
  }

  @Test
  void everyTypeAndShapeComesBack() throws IOException {
    long seed = Long.getLong("seed", 20261121);
    System.out.println("seed " + seed);
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 40; round++) {
      var tensors = new HashMap<String, TensorData>();
      for (int i = random.nextInt(12); i > 0; i--) {
        var type = SafetensorsType.values()[random.nextInt(SafetensorsType.values().length)];
        long[] dims =
            IntStream.range(0, random.nextInt(5)).mapToLong(axis -> random.nextInt(5)).toArray();
        if (type.bits() < 8) {
          dims = new long[] {4, random.nextInt(9)};
        }
        var shape = Shape.of(dims);
        byte[] bytes = new byte[(int) type.bytes(shape.elements())];
        random.nextBytes(bytes);
        tensors.put(
            "t." + random.nextInt(1000), new TensorData(type, shape, MemorySegment.ofArray(bytes)));
      }
      Path path = folder.resolve("r.safetensors");
      SafetensorsWriter.write(path, tensors);
      try (var file = SafetensorsFile.open(path)) {
        assertEquals(tensors.keySet(), Set.copyOf(file.names()));
        tensors.forEach((name, data) -> {
          assertEquals(data.type(), file.entry(name).type());
          assertEquals(data.shape(), file.entry(name).shape());
          assertEquals(-1, data.bytes().mismatch(file.segment(name)));
          if (data.type().bits() >= 8) {
            assertEquals(0, file.entry(name).offset() % (data.type().bits() / 8));
          }
        });
      }
    }
  }

  @Test
  void savingOverAMappedFileLeavesItsReadersTheOldBytes() {
    Path path = folder.resolve("live.safetensors");
    SafetensorsWriter.write(path, Map.of("w", floats(1, 2, 3)));
    try (var before = SafetensorsFile.open(path)) {
      MemorySegment mapped = before.segment("w");
      // From the mapping itself: what saves a loaded model into its own folder does this.
      SafetensorsWriter.write(path, Map.of("w", TensorData.of(DType.F32, Shape.of(3), mapped)));
      SafetensorsWriter.write(path, Map.of("v", floats(9)));
      assertArrayEquals(new float[] {1, 2, 3}, before.floats("w"));
    }
    try (var after = SafetensorsFile.open(path)) {
      assertEquals(List.of("v"), after.names());
      assertArrayEquals(new float[] {9}, after.floats("v"));
    }
  }

  @Test
  void writesFromAnyKindOfMemoryInPieces() {
    int count = 700_001;
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    try (var arena = Arena.ofConfined()) {
      var heap = MemorySegment.ofArray(values);
      var offHeap = arena.allocate(4L * count).copyFrom(heap);
      Path path = folder.resolve("pieces.safetensors");
      SafetensorsWriter.write(
          path,
          Map.of(
              "heap", TensorData.of(DType.F32, Shape.of(count), heap),
              "off", TensorData.of(DType.F32, Shape.of(count), offHeap)));
      try (var file = SafetensorsFile.open(path)) {
        assertArrayEquals(values, file.floats("heap"));
        assertArrayEquals(values, file.floats("off"));
      }
    }
  }

  @Test
  void refusesWhatAFileCannotHold() {
    Path path = folder.resolve("no.safetensors");
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(path, Map.of("__metadata__", floats(1))));
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(path, Map.of("\uD800", floats(1))));
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(path, Map.of(), Map.of("k", "\uDFFF")));
    assertThrows(
        IllegalArgumentException.class,
        () -> TensorData.of(DType.F32, Shape.of(2), MemorySegment.ofArray(new byte[7])));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorData(SafetensorsType.F4, Shape.of(3), MemorySegment.ofArray(new byte[2])));
    assertTrue(Files.notExists(path));
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path path = folder.resolve("kept.safetensors");
    SafetensorsWriter.write(path, Map.of("a", floats(1)));
    var dead = Arena.ofConfined();
    var segment = dead.allocate(4);
    var tensors = Map.of("a", TensorData.of(DType.F32, Shape.of(1), segment));
    dead.close();
    assertThrows(IllegalStateException.class, () -> SafetensorsWriter.write(path, tensors));
    try (var file = SafetensorsFile.open(path);
        var left = Files.list(folder)) {
      assertArrayEquals(new float[] {1}, file.floats("a"));
      assertEquals(List.of(path), left.toList());
    }
    Path nowhere = folder.resolve("none").resolve("x.safetensors");
    assertThrows(
        UncheckedIOException.class, () -> SafetensorsWriter.write(nowhere, Map.of("a", floats(1))));
  }

  @Test
  void namesNeedNoCare() throws IOException {
    String odd = "a\"b\\c\b\f\n\r\t\u0001\u001f\u007f\u2028\uD83D\uDE00";
    byte[] bytes = written(Map.of(odd, floats(1)), Map.of(odd, odd));
    assertTrue(
        new String(bytes, StandardCharsets.UTF_8).contains("\\b\\f\\n\\r\\t\\u0001\\u001f\u007f"));
    try (var file = SafetensorsFile.open(folder.resolve("w.safetensors"))) {
      assertEquals(List.of(odd), file.names());
      assertEquals(Map.of(odd, odd), file.metadata());
    }
  }
}
