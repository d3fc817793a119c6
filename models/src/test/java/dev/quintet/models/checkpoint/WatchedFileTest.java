package dev.quintet.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of a model whose file somebody touches.
class WatchedFileTest {
  private static final FileTime LATER = FileTime.from(Instant.parse("2030-01-01T00:00:00Z"));

  @TempDir Path folder;
  private Path file;
  private Path other;

  @BeforeEach
  void saveTwoModels() {
    file = save("model", 1).resolve("model.safetensors");
    other = save("other", 2).resolve("model.safetensors");
  }

  private Path save(String name, long seed) {
    try (T5 model = T5.create(TinyModels.v10(40), seed, Device.cpu())) {
      Checkpoint.save(model, folder.resolve(name));
    }
    return folder.resolve(name);
  }

  @Test
  @Tag("processor")
  void aFileThatIsOverwrittenInPlaceEndsTheModelWithItsName() throws IOException {
    try (T5 model = Checkpoint.load(file.getParent())) {
      int[] before = answer(model);
      Files.write(file, Files.readAllBytes(other));
      Files.setLastModifiedTime(file, LATER);
      var e = assertThrows(CheckpointException.class, () -> answer(model));
      assertTrue(e.getMessage().startsWith(file + " was changed in place"), e.getMessage());
      assertTrue(e.getMessage().contains("withCopy"), e.getMessage());
      assertTrue(before.length > 1);
    }
  }

  @Test
  @Tag("processor")
  void aFileThatIsShortenedEndsItToo() throws IOException {
    try (T5 model = Checkpoint.load(file.getParent())) {
      Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 5000));
      var e = assertThrows(CheckpointException.class, () -> answer(model));
      assertTrue(e.getMessage().contains("and has 5000"), e.getMessage());
    }
  }

  @Test
  void aFileThatIsReplacedDeletedOrTouchedChangesNothing() throws IOException {
    try (T5 model = Checkpoint.load(file.getParent())) {
      int[] before = answer(model);
      Files.setLastModifiedTime(file, LATER);
      assertArrayEquals(before, answer(model));
      Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
      assertArrayEquals(before, answer(model));
      Files.delete(file);
      assertArrayEquals(before, answer(model));
    }
  }

  @Test
  void aCopiedModelDoesNotKnowItsFile() throws IOException {
    try (T5 model = Checkpoint.load(file.getParent(), LoadOptions.DEFAULT.withCopy())) {
      int[] before = answer(model);
      Files.write(file, new byte[10]);
      assertArrayEquals(before, answer(model));
    }
  }

  @Test
  void whatReadingAShortenedFileThrowsNamesTheFile() {
    try (T5 model = Checkpoint.load(file.getParent(), LoadOptions.DEFAULT.withCopy())) {
      var fault = new InternalError("a fault occurred in an unsafe memory access operation");
      Module head = model.replace("lm_head", new Failing(fault));
      // Nothing is wrong with a file: the error stays what it is.
      assertSame(fault, assertThrows(InternalError.class, () -> answer(model)));
      int[] looks = {0};
      model.watch(() -> {
        if (++looks[0] > 1) {
          throw new CheckpointException("model.safetensors was changed");
        }
      });
      var e = assertThrows(CheckpointException.class, () -> answer(model));
      assertSame(fault, e.getSuppressed()[0]);
      assertEquals(2, looks[0]);
      var _ = model.replace("lm_head", head);
    }
  }

  private static int[] answer(T5 model) {
    return Generator.of(model)
        .generate(List.of(new int[] {4, 5, 1}), GenerationConfig.of(model.config()))[0];
  }

  private static final class Failing extends Module implements Layer {
    private final InternalError fault;

    Failing(InternalError fault) {
      this.fault = fault;
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      throw fault;
    }
  }
}
