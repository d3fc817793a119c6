package dev.quintet.models.hub;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Where the models lie that people name, by one rule: a path that exists; else a model's name on the hub, of which the cache
/// holds what [Hub#pull] or Hugging Face's own libraries fetched. Nothing is ever fetched here.
///
/// ```java
/// Path folder = ModelPlaces.fromEnvironment().find("google/flan-t5-small");
/// ```
///
/// @param cache the folder of the cache, as [HubSettings] has it
public record ModelPlaces(Path cache) {
  private static final String MAIN = "main";

  /// The places by this process's environment: `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`.
  public static ModelPlaces fromEnvironment() {
    return new ModelPlaces(
        HubSettings.cache(System.getenv(), Path.of(System.getProperty("user.home", "."))));
  }

  /// The place of a model in its newest state that was fetched.
  ///
  /// @param name a path, or owner and name such as `google/flan-t5-small`
  /// @throws HubException if there is neither; it says what to do
  public Path find(String name) {
    return find(name, Optional.empty());
  }

  /// The place of a model.
  ///
  /// @param name a path, or owner and name such as `google/flan-t5-small`
  /// @param revision a branch, a tag or a commit; a name that has one is the hub's, never a path
  /// @throws HubException if there is neither; it says what to do
  /// @throws IllegalArgumentException if the revision cannot be one
  public Path find(String name, Optional<String> revision) {
    Optional<Path> path = revision.isPresent() ? Optional.empty() : path(name);
    if (path.isPresent() && Files.exists(path.get())) {
      return path.get();
    }
    Optional<PullRequest> request = request(name);
    if (request.isEmpty()) {
      throw HubException.ofRequest(
          revision.isPresent()
              ? "a revision belongs to a model's name such as google/flan-t5-small, not to " + name
              : "there is no file or folder " + name);
    }
    PullRequest asked = request.get().withRevision(revision.orElse(MAIN));
    return Hub.cached(cache, asked).orElseThrow(() -> nowhere(name, revision));
  }

  private HubException nowhere(String name, Optional<String> revision) {
    String more = revision.map(text -> " --revision " + text).orElse("");
    return HubException.ofRequest(
        (revision.isPresent() ? "" : "there is no file or folder " + name + ", and ")
            + "no model "
            + name
            + revision.map(text -> " of the revision " + text).orElse("")
            + " in the cache "
            + cache
            + ": fetch it with ./quintet pull "
            + name
            + more);
  }

  private static Optional<Path> path(String name) {
    try {
      return name.isEmpty() ? Optional.empty() : Optional.of(Path.of(name));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Optional<PullRequest> request(String name) {
    try {
      return Optional.of(PullRequest.of(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
