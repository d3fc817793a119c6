package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/// The weights of another run, with which one begins.
final class WarmStart {
  private WarmStart() {}

  /// Fills what a learner trains with the weights of a run.
  ///
  /// @param run its folder
  /// @param moments whether its moments are wanted too, so that the weights are those of its newest checkpoint
  /// @return where they came from: the folder of the best model, or a checkpoint
  /// @throws OtherRunException if there are none, or they do not fit
  static Path into(Learner learner, Path run, boolean moments) {
    RunFolders folders = RunFolders.in(run);
    if (moments) {
      Path checkpoint =
          AtomicDirectory.newest(folders.checkpoints(), "step-")
              .orElseThrow(() -> none(run, "checkpoint", folders.checkpoints()));
      CheckpointStore.readModel(checkpoint, learner.parameters());
      CheckpointStore.readMore(checkpoint, learner.state());
      return checkpoint;
    }
    if (!Files.isDirectory(folders.best())) {
      throw none(run, "best model", folders.best());
    }
    learner.restore(folders.best());
    return folders.best();
  }

  private static OtherRunException none(Path run, String what, Path expected) {
    return new OtherRunException(
        "the run in %s has no %s to begin from: expected %s".formatted(run, what, expected));
  }

  /// What tells the moments of a checkpoint from others.
  static String fingerprint(Path checkpoint) {
    var sum = new CRC32C();
    try (var in = Files.newInputStream(checkpoint.resolve("optimizer.safetensors"))) {
      byte[] buffer = new byte[1 << 16];
      for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
        sum.update(buffer, 0, count);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the moments of " + checkpoint + ": " + e, e);
    }
    return HexFormat.of().toHexDigits((int) sum.getValue());
  }
}
