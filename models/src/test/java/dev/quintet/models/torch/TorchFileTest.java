package dev.quintet.models.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.FloatElements;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.SafetensorsType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that PyTorch 2.13 wrote.
class TorchFileTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kinds.bin",
        "kinds-protocol3.bin",
        "kinds-protocol4.bin",
        "kinds-protocol5.bin",
        "no-crc.bin",
        "before-1.6.bin"
      })
  void readsEveryKindOfTensor(String name) {
    try (var file = TorchFile.open(resource(name))) {
      var tensors = file.tensors();
      assertEquals("shared.weight", tensors.keySet().iterator().next());
      assertArrayEquals(
          new float[] {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}, floats(file, "transposed"));
      assertEquals(List.of(4L, 3L), tensor(file, "transposed").dims());
      assertArrayEquals(new float[] {1.5f, -2, 65504}, floats(file, "half"));
      assertArrayEquals(new float[] {1, 2, 3, -0.5f}, floats(file, "bfloat"));
      assertArrayEquals(new float[] {0.1f}, floats(file, "double"));
      assertArrayEquals(new float[] {3}, floats(file, "scalar"));
      assertEquals(List.of(), tensor(file, "scalar").dims());
      assertArrayEquals(new float[] {}, floats(file, "empty"));
      assertArrayEquals(new float[] {7, 8}, floats(file, "parameter"));
      assertArrayEquals(new float[] {4, 5, 6, 7, 8, 9, 10, 11}, floats(file, "slice"));
      assertArrayEquals(new float[] {2, 6, 10, 14, 18}, floats(file, "column"));
      assertEquals(SafetensorsType.I64, tensor(file, "long").type());
      assertEquals(SafetensorsType.BOOL, tensor(file, "bool").type());
      assertEquals(SafetensorsType.U8, tensor(file, "byte").type());
      assertEquals(SafetensorsType.I32, tensor(file, "int").type());
      assertEquals(SafetensorsType.I16, tensor(file, "short").type());
      assertEquals(SafetensorsType.I8, tensor(file, "char").type());
      assertEquals(-1L, tensor(file, "long").inPlace().get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    }
  }

  @Test
  void knowsWhichNamesAreOneTensor() {
    try (var file = TorchFile.open(resource("kinds.bin"))) {
      TorchTensor shared = tensor(file, "shared.weight");
      assertEquals(shared.window(), tensor(file, "encoder.embed_tokens.weight").window());
      assertNotEquals(shared.window(), tensor(file, "slice").window());
      assertEquals(shared.storage(), tensor(file, "slice").storage());
    }
  }

  @Test
  void readsTheStateOfAModuleWithItsMetadata() {
    try (var file = TorchFile.open(resource("module.bin"))) {
      assertEquals(List.of("weight", "bias"), List.copyOf(file.tensors().keySet()));
      assertEquals(List.of(2L, 3L), tensor(file, "weight").dims());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "evil.bin,         posix.system",
    "list.bin,         EMPTY_LIST",
    "whole-module.bin, torch.nn.modules.linear.Linear",
    "quantized.bin,    torch._utils._rebuild_qtensor",
    "conjugate.bin,    torch.ComplexFloatStorage"
  })
  void refusesByNameWhatIsNoDictionaryOfTensors(String name, String named) {
    Path path = resource(name);
    var e = assertThrows(MalformedFileException.class, () -> TorchFile.open(path));
    assertTrue(e.getMessage().contains(named), e.getMessage());
    assertTrue(e.getMessage().contains(name), e.getMessage());
  }

  static Path resource(String name) {
    URL found = Objects.requireNonNull(TorchFileTest.class.getResource("/torch/" + name), name);
    try {
      return Path.of(found.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TorchTensor tensor(TorchFile file, String name) {
    return Objects.requireNonNull(file.tensors().get(name), name);
  }

  static float[] floats(TorchFile file, String name) {
    TorchTensor tensor = tensor(file, name);
    float[] values = new float[(int) tensor.elements()];
    try (var arena = Arena.ofConfined()) {
      MemorySegment row = arena.allocate(tensor.bytes(), 8);
      tensor.copyTo(row);
      FloatElements.read(tensor.type(), row, MemorySegment.ofArray(values));
    }
    return values;
  }
}
