package dev.quintet.models.hub;

import java.nio.file.Path;
import java.util.Optional;

/// What is to be fetched.
///
/// @param repository owner and name, such as `google/flan-t5-small`
/// @param revision a branch, a tag or a commit
/// @param pickle whether files of PyTorch are fetched where there is no safetensors
/// @param target a folder for the files; empty for the cache
public record PullRequest(
    String repository, String revision, boolean pickle, Optional<Path> target) {
  private static final String WORD = "[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?";

  /// Checks the names.
  ///
  /// @throws IllegalArgumentException if one cannot be
  public PullRequest {
    if (!repository.matches(WORD + "(/" + WORD + ")?")
        || repository.contains("..")
        || repository.contains("--")) {
      throw new IllegalArgumentException(
          "a model's name is like google/flan-t5-small, not '" + repository + "'");
    }
    boolean plain = revision.matches("[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}");
    if (!plain || revision.contains("..") || revision.contains("//") || revision.endsWith("/")) {
      throw new IllegalArgumentException(
          "a revision is a branch, a tag or a commit, not '" + revision + "'");
    }
  }

  /// The newest state of a repository, into the cache, without pickles.
  ///
  /// @throws IllegalArgumentException if the name cannot be one
  public static PullRequest of(String repository) {
    return new PullRequest(repository, "main", false, Optional.empty());
  }

  /// This request for another revision.
  public PullRequest withRevision(String other) {
    return new PullRequest(repository, other, pickle, target);
  }

  /// This request with files of PyTorch allowed.
  public PullRequest withPickle() {
    return new PullRequest(repository, revision, true, target);
  }

  /// This request into a folder.
  public PullRequest to(Path folder) {
    return new PullRequest(repository, revision, pickle, Optional.of(folder));
  }
}
