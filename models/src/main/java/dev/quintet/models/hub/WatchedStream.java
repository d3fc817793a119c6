package dev.quintet.models.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// A body that is closed when its server falls silent; reading it then fails.
final class WatchedStream extends FilterInputStream {
  private final Thread watch;
  private volatile long last = System.nanoTime();
  private volatile boolean silent;

  WatchedStream(InputStream body, Duration patience) {
    super(body);
    watch = Thread.ofVirtual().start(() -> closeWhenSilent(patience));
  }

  private void closeWhenSilent(Duration patience) {
    try {
      while (System.nanoTime() - last <= patience.toNanos()) {
        Thread.sleep(patience.dividedBy(4));
      }
      silent = true;
      in.close();
    } catch (InterruptedException | IOException e) {
      // The body was read to its end, or fails anyway.
    }
  }

  @Override
  public int read(byte[] into, int from, int count) throws IOException {
    try {
      int got = super.read(into, from, count);
      last = System.nanoTime();
      return got;
    } catch (IOException e) {
      throw silent ? new IOException("the server fell silent", e) : e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public void close() throws IOException {
    watch.interrupt();
    super.close();
  }
}
