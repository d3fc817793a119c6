package dev.quintet.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.TinyModels;
import dev.quintet.models.t5.T5;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A folder that is no whole model says what it is instead, and what to do.
@Timeout(20)
class FolderContentsTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void saveAModel() {
    model = folder.resolve("model");
    try (T5 made = T5.create(TinyModels.v10(40), 4, Device.cpu())) {
      Checkpoint.save(made, model);
    }
  }

  @Test
  void anAdapterIsNamedForWhatItIs() throws IOException {
    Path adapter = Files.createDirectory(folder.resolve("adapter"));
    Files.writeString(
        adapter.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"google/flan-t5-small\"}");
    Files.writeString(adapter.resolve("adapter_model.safetensors"), "");
    assertSays(adapter, "an adapter (LORA) for google/flan-t5-small", "merge");
    Files.copy(model.resolve("config.json"), adapter.resolve("config.json"));
    assertSays(adapter, "an adapter (LORA) for google/flan-t5-small", "merge");
  }

  @Test
  void whatIsMissingIsSaid() throws IOException {
    assertSays(folder.resolve("nowhere"), "there is no file or folder");
    assertSays(Files.createDirectory(folder.resolve("empty")), "is empty", "config.json");
    assertSays(model.resolve("config.json"), "is no folder");
    assertSays(folder, "there is a model in " + model);
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("gone"));
    assertSays(link, "a link to what is not there");
    Path weights = model.resolve("model.safetensors");
    Files.move(weights, model.resolve("MODEL.safetensors"));
    assertSays(model, "MODEL.safetensors, which must be called model.safetensors");
    Files.move(model.resolve("MODEL.safetensors"), model.resolve("flax_model.msgpack"));
    assertSays(model, "flax_model.msgpack", "transformers");
    Files.delete(model.resolve("flax_model.msgpack"));
    Files.createSymbolicLink(weights, Path.of("../blobs/none"));
    assertSays(model, "model.safetensors is a link to what is not there");
    Files.delete(model.resolve("config.json"));
    assertSays(model, "it has no config.json");
  }

  @Test
  void aRepositorysFolderInTheCacheLeadsToItsSnapshot() throws IOException {
    Path repository = Files.createDirectory(folder.resolve("models--a--b"));
    Path snapshots = Files.createDirectory(repository.resolve("snapshots"));
    Path snapshot = Files.move(model, snapshots.resolve("0123"));
    assertSays(repository, "there is a model in " + snapshot);
  }

  @Test
  void nothingIsReadFromAPipeOrAFolder() throws IOException, InterruptedException {
    for (String name :
        new String[] {"model.safetensors", "config.json", "generation_config.json"}) {
      Path file = model.resolve(name);
      Path kept = Files.move(file, folder.resolve(name));
      Files.createDirectory(file);
      assertSays(model, name + " is a folder");
      Files.delete(file);
      if (Files.isExecutable(Path.of("/usr/bin/mkfifo"))) {
        assumeTrue(new ProcessBuilder("/usr/bin/mkfifo", file.toString()).start().waitFor() == 0);
        assertSays(model, name + " is a pipe");
        Files.delete(file);
      }
      Files.move(kept, file);
    }
    Checkpoint.load(model).close();
  }

  private static void assertSays(Path place, String... words) {
    var e =
        assertThrows(
            CheckpointException.class,
            () -> {
              try (T5 loaded = Checkpoint.load(place)) {
                Checkpoint.generation(place, loaded.config());
              }
            });
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
  }
}
