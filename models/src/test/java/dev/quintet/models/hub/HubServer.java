package dev.quintet.models.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A hub on loopback, and a second server that holds its large files, as the real one has. It can be told to misbehave.
final class HubServer implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  private final HttpServer hub;
  private final HttpServer store;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> files = new TreeMap<>();
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private volatile String info = "";
  private volatile String redirect = "";

  /// What a request for a file may meet.
  enum Fault {
    UNAVAILABLE,
    CUT,
    SILENT,
    IGNORES_RANGE,
    OTHER_CONTENTS,
    DOWNGRADE
  }

  HubServer() throws IOException {
    hub = server();
    store = server();
    hub.createContext("/api/models/", this::answerInfo);
    hub.createContext("/", this::answerFile);
    store.createContext("/", this::answerStored);
    hub.start();
    store.start();
  }

  private HttpServer server() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    return server;
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
  }

  HubServer put(String name, byte[] bytes) {
    files.put(name, bytes);
    return this;
  }

  HubServer put(String name, String text) {
    return put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  void fail(Fault... next) {
    faults.addAll(Arrays.asList(next));
  }

  /// Answers every question about a model with this.
  void say(String text) {
    info = text;
  }

  /// Sends who asks for a large file elsewhere.
  void redirect(String address) {
    redirect = address;
  }

  /// What was asked: method, server, path, range and token.
  List<String> requests() {
    return requests;
  }

  private void log(String server, HttpExchange exchange) {
    var headers = exchange.getRequestHeaders();
    String range = headers.getFirst("Range");
    String token = headers.getFirst("Authorization");
    requests.add(
        server
            + " "
            + exchange.getRequestURI()
            + (range == null ? "" : " " + range)
            + (token == null ? "" : " " + token));
  }

  private void answerInfo(HttpExchange exchange) throws IOException {
    log("hub", exchange);
    String path = exchange.getRequestURI().getRawPath();
    if (!info.isEmpty()) {
      send(exchange, 200, info.getBytes(StandardCharsets.UTF_8));
    } else if (path.equals("/api/models/me/model/revision/main")
        || path.equals("/api/models/me/model/revision/refs%2Fpr%2F1")
        || path.equals("/api/models/me/model/revision/" + COMMIT)) {
      send(exchange, 200, info().getBytes(StandardCharsets.UTF_8));
    } else {
      send(exchange, path.contains("private") ? 401 : 404, new byte[0]);
    }
  }

  private String info() {
    var text = new StringBuilder();
    files.forEach((name, bytes) -> {
      text.append(text.isEmpty() ? "" : ", ").append("{\"rfilename\": \"").append(name);
      text.append("\", \"size\": ").append(bytes.length).append(", \"blobId\": \"");
      text.append(blob(bytes)).append('"');
      if (isLarge(name)) {
        text.append(", \"lfs\": {\"sha256\": \"").append(hash("SHA-256", bytes));
        text.append("\", \"size\": ").append(bytes.length).append(", \"pointerSize\": 135}");
      }
      text.append('}');
    });
    return "{\"id\": \"me/model\", \"sha\": \"" + COMMIT + "\", \"siblings\": [" + text + "]}";
  }

  static boolean isLarge(String name) {
    return name.endsWith(".safetensors") || name.endsWith(".bin");
  }

  private void answerFile(HttpExchange exchange) throws IOException {
    log("hub", exchange);
    String prefix = "/me/model/resolve/" + COMMIT + "/";
    String path = exchange.getRequestURI().getPath();
    if (!path.startsWith(prefix) || !files.containsKey(path.substring(prefix.length()))) {
      send(exchange, 404, new byte[0]);
      return;
    }
    String name = path.substring(prefix.length());
    if (isLarge(name)) {
      String to = "http://127.0.0.1:" + store.getAddress().getPort() + "/" + name + "?signed=1";
      exchange
          .getResponseHeaders()
          .set(
              "Location",
              faults.peek() == Fault.DOWNGRADE
                  ? "file:///etc/passwd"
                  : redirect.isEmpty() ? to : redirect);
      send(exchange, 302, new byte[0]);
      return;
    }
    answer(exchange, name);
  }

  private void answerStored(HttpExchange exchange) throws IOException {
    log("store", exchange);
    answer(exchange, exchange.getRequestURI().getPath().substring(1));
  }

  private void answer(HttpExchange exchange, String name) throws IOException {
    byte[] bytes = files.getOrDefault(name, new byte[0]);
    Fault fault = faults.poll();
    if (fault == Fault.UNAVAILABLE) {
      send(exchange, 503, new byte[0]);
      return;
    }
    if (fault == Fault.OTHER_CONTENTS) {
      bytes = bytes.clone();
      bytes[bytes.length / 2] ^= 1;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = 0;
    if (range != null && fault != Fault.IGNORES_RANGE) {
      from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
    }
    byte[] rest = Arrays.copyOfRange(bytes, from, bytes.length);
    int status = from > 0 ? 206 : 200;
    if (fault == Fault.CUT || fault == Fault.SILENT) {
      exchange.sendResponseHeaders(status, rest.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(rest, 0, rest.length / 2);
        out.flush();
        if (fault == Fault.SILENT) {
          Thread.sleep(60_000);
        }
        throw new IOException("cut");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return;
    }
    send(exchange, status, rest);
  }

  private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
    exchange.close();
  }

  static String blob(byte[] bytes) {
    byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(head, head.length + bytes.length);
    System.arraycopy(bytes, 0, all, head.length, bytes.length);
    return hash("SHA-1", all);
  }

  static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    hub.stop(0);
    store.stop(0);
  }
}
