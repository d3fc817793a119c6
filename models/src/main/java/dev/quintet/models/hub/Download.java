package dev.quintet.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One file, fetched into `NAME.incomplete` and renamed when its contents are what they should be.
///
/// What is there of an earlier attempt is continued. A connection that breaks or falls silent is tried again, each time
/// from where it stood; contents that are wrong are fetched once more from the beginning.
final class Download {
  private static final int ATTEMPTS = 6;
  private static final int BUFFER = 1 << 16;

  private final HubClient client;
  private final Hub.Progress progress;
  private final Duration pause;

  /// @param pause before the second attempt; each later one waits twice as long
  Download(HubClient client, Hub.Progress progress, Duration pause) {
    this.client = client;
    this.progress = progress;
    this.pause = pause;
  }

  /// Fetches a file.
  ///
  /// @throws HubException if the hub refuses, or contents stay wrong
  /// @throws UncheckedIOException if the file cannot be written
  void run(HubFile file, URI address, Path target) {
    Path partial = target.resolveSibling(target.getFileName() + ".incomplete");
    try (var channel = open(partial);
        var lock = lock(channel, partial)) {
      fetch(file, address, channel);
      if (!file.checksum().matches(partial)) {
        // What was continued may have been of another file.
        channel.truncate(0);
        fetch(file, address, channel);
        if (!file.checksum().matches(partial)) {
          channel.truncate(0);
          throw new HubException(
              address
                  + ": what came does not have the checksum "
                  + file.checksum().hex()
                  + " that the hub says; try again later");
        }
      }
      channel.force(true);
      lock.release();
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + target + ": " + e, e);
    }
  }

  /// What is there under the name must be what an earlier pull left: through a link of either kind another file would be
  /// overwritten.
  private static FileChannel open(Path partial) throws IOException {
    if (Files.exists(partial, LinkOption.NOFOLLOW_LINKS)
        && (!Files.isRegularFile(partial, LinkOption.NOFOLLOW_LINKS) || isShared(partial))) {
      throw HubException.ofRequest(
          partial
              + " is no plain file of a download but a link or the like: remove it, and pull again");
    }
    return FileChannel.open(
        partial,
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isShared(Path file) throws IOException {
    try {
      return Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS)
              instanceof Integer links
          && links > 1;
    } catch (UnsupportedOperationException e) {
      // Not on this system.
      return false;
    }
  }

  private static FileLock lock(FileChannel channel, Path partial) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // as any other holder
    }
    throw new HubException(partial + " is being written by another download; wait for it");
  }

  private void fetch(HubFile file, URI address, FileChannel channel) throws IOException {
    if (channel.size() > file.bytes()) {
      channel.truncate(0);
    }
    for (int attempt = 1; channel.size() < file.bytes(); attempt++) {
      long before = channel.size();
      try {
        receive(file, address, channel);
      } catch (Broken e) {
        if (channel.size() > before) {
          attempt = 0;
        } else if (attempt >= ATTEMPTS) {
          throw new HubException(
              address
                  + " cannot be fetched: "
                  + e.getMessage()
                  + "; "
                  + channel.size()
                  + " of "
                  + file.bytes()
                  + " bytes are kept, and the next pull continues there",
              e);
        }
        sleep(attempt);
      }
    }
    progress.at(file.name(), file.bytes(), file.bytes());
  }

  private void receive(HubFile file, URI address, FileChannel channel) throws IOException {
    long from = channel.size();
    HubClient.Answer response;
    try {
      response = client.get(address, from);
    } catch (IOException e) {
      throw new Broken(String.valueOf(e), e);
    }
    try (InputStream body = response.body()) {
      switch (response.status()) {
        case 200 -> channel.truncate(0);
        case 206 -> {
          String range = response.range();
          if (!range.startsWith("bytes " + from + "-")) {
            throw new HubException(address + " was asked for byte " + from + " and gave " + range);
          }
        }
        case 416 -> {
          channel.truncate(0);
          throw new Broken("the server has no byte " + from, null);
        }
        default -> throw refused(address, response.status());
      }
      copy(file, body, channel);
    }
  }

  private void copy(HubFile file, InputStream body, FileChannel channel) throws IOException {
    byte[] buffer = new byte[BUFFER];
    channel.position(channel.size());
    while (channel.size() < file.bytes()) {
      int most = (int) Math.min(BUFFER, file.bytes() - channel.size());
      int count;
      try {
        count = body.read(buffer, 0, most);
      } catch (IOException e) {
        throw new Broken("the connection broke (" + e.getMessage() + ")", e);
      }
      if (count < 0) {
        throw new Broken("the server ended early", null);
      }
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      progress.at(file.name(), channel.size(), file.bytes());
    }
  }

  static RuntimeException refused(URI address, int status) throws Broken {
    if (status == 429 || status == 408 || status / 100 == 5) {
      throw new Broken("the server answers " + status, null);
    }
    String advice =
        switch (status) {
          case 401, 403 ->
              ": the model is private, gated or misspelled; set HF_TOKEN to a token that may read it";
          case 404 -> ": there is no such model, revision or file; check their spelling";
          default -> "";
        };
    String message = address + " answers " + status + advice;
    return advice.isEmpty() ? new HubException(message) : HubException.ofRequest(message);
  }

  private void sleep(int attempt) {
    try {
      Thread.sleep(pause.multipliedBy(1L << Math.max(0, attempt - 1)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HubException("the download was interrupted; the next pull continues it", e);
    }
  }

  /// What may go well the next time.
  static final class Broken extends IOException {
    private static final long serialVersionUID = 1;

    Broken(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
