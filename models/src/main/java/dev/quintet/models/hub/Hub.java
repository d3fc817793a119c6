package dev.quintet.models.hub;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Fetches models from a hub into Hugging Face's cache, or into a folder.
///
/// ```java
/// Path folder = new Hub(HubSettings.fromEnvironment()).pull(PullRequest.of("google/flan-t5-small"));
/// ```
///
/// What is there already is checked and not fetched again, what was interrupted is continued, and each file is checked
/// against the checksum that the hub gives. Only configuration, tokenizer and weights in safetensors are fetched unless more is asked for.
public final class Hub {
  private static final System.Logger LOG = System.getLogger(Hub.class.getName());
  private static final int LONGEST_ANSWER = 32 << 20;
  private static final int LONGEST_REFERENCE = 200;

  private final HubSettings settings;
  private final Progress progress;
  private final Duration pause;

  /// Hears how far a download is.
  @FunctionalInterface
  public interface Progress {
    /// Called after each piece.
    ///
    /// @param file its name
    /// @param done bytes that are there
    /// @param bytes its size
    void at(String file, long done, long bytes);
  }

  /// A hub that is watched by nobody.
  public Hub(HubSettings settings) {
    this(settings, (file, done, bytes) -> {});
  }

  /// A hub whose downloads are watched.
  public Hub(HubSettings settings, Progress progress) {
    this(settings, progress, Duration.ofSeconds(1));
  }

  Hub(HubSettings settings, Progress progress, Duration pause) {
    this.settings = settings;
    this.progress = progress;
    this.pause = pause;
  }

  /// Fetches a model and says where it is: the snapshot in the cache, or the request's folder.
  ///
  /// @throws HubException if the hub refuses, cannot be reached, or sends something else than it says
  /// @throws UncheckedIOException if a file cannot be written
  public Path pull(PullRequest request) {
    if (settings.offline()) {
      throw HubException.ofRequest(
          "HF_HUB_OFFLINE forbids fetching " + request.repository() + "; unset it to fetch");
    }
    try (var client = new HubClient(settings)) {
      JsonObject info = info(client, request);
      String commit = info.string("sha").orElse("");
      if (!commit.matches("[0-9a-f]{40}")) {
        throw new HubException(info.source() + ": the hub names no commit");
      }
      List<HubFile> files = HubFile.select(info, request.pickle());
      var download = new Download(client, progress, pause);
      return request.target().isPresent()
          ? intoFolder(request, commit, files, download, client, request.target().get())
          : intoCache(request, commit, files, download, client);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot store " + request.repository() + ": " + e, e);
    }
  }

  /// Where a model lies in the cache, if it has been pulled; asks nobody.
  public Optional<Path> cached(PullRequest request) {
    return cached(settings.cache(), request);
  }

  static Optional<Path> cached(Path cache, PullRequest request) {
    Path home = home(cache, request);
    String revision = request.revision();
    Path reference = home.resolve("refs").resolve(revision);
    try {
      String commit =
          Files.isRegularFile(reference) && Files.size(reference) <= LONGEST_REFERENCE
              ? Files.readString(reference).strip()
              : revision;
      Path snapshot = home.resolve("snapshots").resolve(commit);
      return commit.matches("[0-9a-f]{40}") && Files.isDirectory(snapshot)
          ? Optional.of(snapshot)
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + reference + ": " + e, e);
    }
  }

  // ---- asking ----

  private JsonObject info(HubClient client, PullRequest request) {
    URI address =
        client.address(
            "/api/models/"
                + request.repository()
                + "/revision/"
                + URLEncoder.encode(request.revision(), StandardCharsets.UTF_8)
                + "?blobs=true");
    HubClient.Answer response;
    try {
      response = answer(client, address);
    } catch (IOException e) {
      throw new HubException(
          settings.endpoint()
              + " cannot be reached ("
              + (e instanceof Download.Broken ? e.getMessage() : e)
              + "): check the connection, or set HF_ENDPOINT to a mirror",
          e);
    }
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(LONGEST_ANSWER + 1);
      if (bytes.length > LONGEST_ANSWER) {
        throw new HubException(address + " answers with more than " + LONGEST_ANSWER + " bytes");
      }
      return JsonObject.read(
          Path.of(request.repository() + " of " + settings.endpoint().getHost()), bytes);
    } catch (MalformedFileException e) {
      throw new HubException(
          address + " does not answer as a hub does: is it the right HF_ENDPOINT? " + e.rule(), e);
    } catch (IOException e) {
      throw new HubException(address + " broke off its answer: " + e, e);
    }
  }

  private HubClient.Answer answer(HubClient client, URI address) throws IOException {
    for (int attempt = 1; ; attempt++) {
      HubClient.Answer response = client.get(address, 0);
      if (response.status() == 200) {
        return response;
      }
      response.body().close();
      try {
        throw Download.refused(address, response.status());
      } catch (Download.Broken e) {
        if (attempt >= 4) {
          throw e;
        }
      }
      try {
        Thread.sleep(pause.multipliedBy(1L << attempt));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new HubException("asking " + address + " was interrupted", e);
      }
    }
  }

  private static URI place(HubClient client, PullRequest request, String commit, HubFile file) {
    return client.address("/" + request.repository() + "/resolve/" + commit + "/" + file.name());
  }

  // ---- storing ----

  private static Path home(Path cache, PullRequest request) {
    return cache.resolve("models--" + request.repository().replace("/", "--"));
  }

  private Path intoCache(
      PullRequest request, String commit, List<HubFile> files, Download download, HubClient client)
      throws IOException {
    Path home = home(settings.cache(), request);
    Path blobs = Files.createDirectories(home.resolve("blobs"));
    for (HubFile file : files) {
      Path blob = blobs.resolve(file.checksum().hex());
      if (!isThere(file, blob)) {
        download.run(file, place(client, request, commit, file), blob);
      }
    }
    Path snapshot = Files.createDirectories(home.resolve("snapshots").resolve(commit));
    for (HubFile file : files) {
      link(file, snapshot.resolve(file.name()), blobs.resolve(file.checksum().hex()));
    }
    if (!request.revision().equals(commit)) {
      Path reference = home.resolve("refs").resolve(request.revision());
      Path folder = reference.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      AtomicFile.write(reference, commit);
    }
    return snapshot;
  }

  /// Whether a file is there and what it should be; one that is not is fetched anew, which is said.
  private static boolean isThere(HubFile file, Path path) throws IOException {
    if (!Files.exists(path)) {
      return false;
    }
    boolean whole =
        Files.isRegularFile(path)
            && Files.size(path) == file.bytes()
            && file.checksum().matches(path);
    if (!whole) {
      LOG.log(
          Level.WARNING,
          "{0} is not the hub''s {1} (its size or its checksum differ), and is fetched anew",
          path,
          file.name());
    }
    return whole;
  }

  private static void link(HubFile file, Path link, Path blob) throws IOException {
    Path folder = link.getParent();
    if (folder == null || (Files.exists(link) && Files.isSameFile(link, blob))) {
      return;
    }
    // A copy, as there is where links are forbidden.
    boolean copy = Files.isRegularFile(link, LinkOption.NOFOLLOW_LINKS);
    if (copy && isThere(file, link)) {
      return;
    }
    if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
      Files.delete(link);
    }
    try {
      Files.createSymbolicLink(link, folder.relativize(blob));
    } catch (UnsupportedOperationException | FileSystemException e) {
      // Windows allows links to some users only; Hugging Face's own libraries copy then, too.
      Files.copy(blob, link);
    }
  }

  private Path intoFolder(
      PullRequest request,
      String commit,
      List<HubFile> files,
      Download download,
      HubClient client,
      Path folder)
      throws IOException {
    Files.createDirectories(folder);
    for (HubFile file : files) {
      Path target = folder.resolve(file.name());
      if (!isThere(file, target)) {
        download.run(file, place(client, request, commit, file), target);
      }
    }
    return folder;
  }
}
