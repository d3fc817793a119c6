package dev.quintet.trainer.loop;

import java.nio.file.Path;

/// Where a run writes.
///
/// @param checkpoints folder of the last two checkpoints, `step-N`
/// @param best folder of the model with the lowest validation loss, or without validation data the last
public record RunFolders(Path checkpoints, Path best) {

  /// `checkpoints` and `best` in one folder.
  public static RunFolders in(Path folder) {
    return new RunFolders(folder.resolve("checkpoints"), folder.resolve("best"));
  }

  /// Where the average of the weights goes, if one is kept: `ema`, beside the best model.
  public Path average() {
    return best.resolveSibling("ema");
  }

  /// Refuses what no run wrote in them.
  ///
  /// @throws OtherRunException that names it
  void refuseStrangers() {
    OutFolder.refuseStrangersInCheckpoints(checkpoints);
    OutFolder.refuseStrangersInModel(best);
  }
}
