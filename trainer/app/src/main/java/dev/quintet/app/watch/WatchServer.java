package dev.quintet.app.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Serves the page of a run to browsers on this machine.
///
/// It listens on the loopback address, answers requests that name it, and so refuses pages of other sites that have their name
/// lead here. It only reads.
public final class WatchServer implements AutoCloseable {
  private static final Set<String> NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private final RunView run;
  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2,
          task -> {
            var thread = new Thread(task, "watch");
            thread.setDaemon(true);
            return thread;
          });

  /// Serves a run until it is closed.
  ///
  /// @param port where it listens; 0 for any that is free
  /// @throws IOException if it cannot listen there
  public WatchServer(RunView run, int port) throws IOException {
    this.run = run;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /// Where the page is.
  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!isForUs(exchange.getRequestHeaders().getOrDefault("Host", List.of()))) {
        send(
            exchange, 403, "text/plain", "this page is for browsers on this machine: " + address());
        return;
      }
      if (!Set.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        send(exchange, 405, "text/plain", "only read");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/" -> page(exchange);
        case "/run.json" -> numbers(exchange);
        case String other -> send(exchange, 404, "text/plain", "there is no " + other);
      }
    }
  }

  private boolean isForUs(List<String> hosts) {
    if (hosts.size() != 1) {
      return false;
    }
    String host = hosts.getFirst().toLowerCase(Locale.ROOT);
    String port = ":" + server.getAddress().getPort();
    return host.endsWith(port) && NAMES.contains(host.substring(0, host.length() - port.length()))
        || port.equals(":80") && NAMES.contains(host);
  }

  private void page(HttpExchange exchange) throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String nonce = HexFormat.of().formatHex(random);
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src 'nonce-"
                + nonce
                + "'");
    send(exchange, 200, "text/html", WatchPage.of(run.name(), nonce));
  }

  private void numbers(HttpExchange exchange) throws IOException {
    String json;
    try {
      json = run.json();
    } catch (IOException e) {
      send(exchange, 500, "text/plain", "cannot read the run: " + e);
      return;
    }
    send(exchange, 200, "application/json", json);
  }

  private static void send(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type + "; charset=utf-8");
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(code, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
