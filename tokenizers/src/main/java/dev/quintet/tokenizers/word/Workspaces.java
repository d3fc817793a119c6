package dev.quintet.tokenizers.word;

import dev.quintet.tokenizers.text.TokenBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Lends out what encoding a text needs besides the text: one set to each call at a time.
public final class Workspaces {

  /// What one call works with.
  public static final class Workspace {
    /// The words that were seen before.
    public final WordCache cache = new WordCache();

    /// The tokens of the text so far.
    public final TokenBuffer tokens = new TokenBuffer(64);

    private Workspace() {}
  }

  /// The one that came back last; with one thread it goes round here alone.
  private final AtomicReference<@Nullable Workspace> last = new AtomicReference<>();

  private final BlockingQueue<Workspace> others =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

  /// Makes an empty store.
  public Workspaces() {}

  /// Lends a workspace with no tokens.
  ///
  /// @return the workspace, for the caller alone until [#giveBack]
  public Workspace take() {
    Workspace found = last.getAndSet(null);
    if (found == null) {
      found = others.poll();
    }
    return found == null ? new Workspace() : found;
  }

  /// Takes a workspace back.
  ///
  /// @param used the workspace, which the caller must not use any longer
  public void giveBack(Workspace used) {
    used.tokens.clear();
    if (!last.compareAndSet(null, used)) {
      // Where there are more than processors, the rest are dropped.
      var _ = others.offer(used);
    }
  }
}
