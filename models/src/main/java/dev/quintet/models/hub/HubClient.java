package dev.quintet.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Requests to a hub: follows redirects itself, so that the token never leaves the hub's host.
final class HubClient implements AutoCloseable {
  private static final int MOST_REDIRECTS = 10;
  private static final Duration CONNECT = Duration.ofSeconds(20);

  private final HubSettings settings;
  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT)
          .build();

  /// What a server answers.
  ///
  /// @param range its `Content-Range`, or nothing
  /// @param body to be closed
  record Answer(int status, String range, InputStream body) {}

  HubClient(HubSettings settings) {
    this.settings = settings;
  }

  /// The address of a path of the hub.
  URI address(String path) {
    return URI.create(settings.endpoint() + path);
  }

  /// Asks for a file from a byte on; the body is the caller's to close.
  ///
  /// @throws IOException if the connection fails, which may be tried again
  /// @throws HubException if the redirects are not to be followed
  Answer get(URI address, long from) throws IOException {
    URI place = address;
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      HttpResponse<InputStream> response = send(request(place, from));
      if (response.statusCode() / 100 != 3 || response.statusCode() == 304) {
        String range = response.headers().firstValue("content-range").orElse("");
        var body = new WatchedStream(response.body(), settings.patience());
        return new Answer(response.statusCode(), range, body);
      }
      Optional<String> location = response.headers().firstValue("location");
      response.body().close();
      if (location.isEmpty()) {
        throw new HubException(Shown.of(place) + " redirects to nowhere");
      }
      place = next(place, location.get());
    }
    throw new HubException(Shown.of(address) + " redirects more than " + MOST_REDIRECTS + " times");
  }

  private static URI next(URI from, String location) {
    URI to;
    try {
      to = from.resolve(new URI(location));
    } catch (URISyntaxException e) {
      // Without its cause, which shows all of it: addresses of stores carry signatures.
      throw new HubException(
          Shown.of(from) + " redirects to " + Shown.of(location) + ", which is no address");
    }
    boolean web = "https".equals(to.getScheme()) || "http".equals(to.getScheme());
    boolean weaker = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
    if (!web || weaker || to.getHost() == null) {
      throw new HubException(
          Shown.of(from)
              + " redirects to "
              + Shown.of(to)
              + ", which is not followed: it is not as safe");
    }
    return to;
  }

  private HttpRequest request(URI place, long from) {
    var request =
        HttpRequest.newBuilder(place)
            .header("User-Agent", "quintet")
            .header("Accept-Encoding", "identity")
            .GET();
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    if (settings.token().isPresent() && mayHaveToken(place)) {
      request.header("Authorization", "Bearer " + settings.token().get());
    }
    return request.build();
  }

  /// The hub itself, and over a connection that nobody reads.
  private boolean mayHaveToken(URI place) {
    URI hub = settings.endpoint();
    boolean same =
        hub.getScheme().equals(place.getScheme())
            && hub.getHost().equalsIgnoreCase(place.getHost())
            && hub.getPort() == place.getPort();
    return same && (place.getScheme().equals("https") || isLoopback(place.getHost()));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    // Not the request's own timeout: in later JDKs that ends a body in the middle.
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    try {
      return answer.get(settings.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new HubException("fetching " + Shown.of(request.uri()) + " was interrupted", e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no answer for " + settings.patience().toSeconds() + " seconds", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    }
  }

  /// Ends all connections at once.
  @Override
  public void close() {
    client.shutdownNow();
  }
}
