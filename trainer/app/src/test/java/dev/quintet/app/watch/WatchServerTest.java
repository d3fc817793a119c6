package dev.quintet.app.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchServerTest {
  @TempDir private Path run;

  @Test
  void thePageNamesTheRunAndLoadsNothingFromElsewhere() throws IOException {
    log("");
    try (var server = new WatchServer(new RunView(run), 0)) {
      String page = get(server, "/", host(server));
      assertTrue(page.startsWith("HTTP/1.1 200"), page);
      assertTrue(page.contains("<title>" + run.getFileName()), page);
      assertTrue(page.contains("default-src 'none'"), page);
      assertFalse(page.contains("src="), page);
      assertFalse(page.contains("http://"), page);
      assertFalse(page.contains("https://"), page);
    }
  }

  @Test
  void numbersComeAsTheLogGrowsAndAreReadAnewWhereItIsBegunAnew() throws IOException {
    log(
        "{\"step\": 1, \"loss\": 2.5, \"rate\": 0.1, \"norm\": 1, \"tokens\": 10, \"seconds\": 0.5}\n");
    Files.writeString(run.resolve("run.json"), "{\"steps\": \"4\"}");
    try (var server = new WatchServer(new RunView(run), 0)) {
      assertEquals("step 1 of 4, loss 2.5000, about 2 s left", status(server));
      append("{\"step\": 2, \"loss\": null, \"rate\": 0.1, \"norm\": 1, \"tok");
      assertEquals("step 1 of 4, loss 2.5000, about 2 s left", status(server));
      append(
          "ens\": 10, \"seconds\": 0.5}\n{\"step\": 4, \"validation_loss\": 1.25, \"best\": true,"
              + " \"scores\": {\"rouge1\": 40.5}}\nno object\n");
      assertEquals(
          "step 4 of 4, loss 2.5000, validation 1.2500, finished; 1 lines of log.jsonl hold no numbers of a step",
          status(server));
      List<String> titles =
          json(server).required("charts", JsonObject::list).stream()
              .map(chart -> ((JsonObject) chart).required("title", JsonObject::string))
              .toList();
      assertEquals(
          List.of("Loss", "Learning rate", "Gradient norm", "Throughput", "ROUGE-1"), titles);
      log("{\"step\": 1, \"loss\": 2}\n");
      assertEquals("step 1 of 4, loss 2.0000", status(server));
    }
  }

  @Test
  void theNewestAnswersAreShown() throws IOException {
    log("");
    Files.writeString(
        run.resolve("predictions-9.jsonl"),
        "{\"source\": \"old\", \"target\": \"t\", \"prediction\": \"p\"}\n");
    Files.writeString(
        run.resolve("predictions-10.jsonl"),
        "{\"source\": \"<b>s\", \"targets\": [\"t\", \"u\"], \"prediction\": \"p\"}\nhalf a li");
    try (var server = new WatchServer(new RunView(run), 0)) {
      JsonObject json = json(server);
      assertEquals(10, json.required("examples_step", JsonObject::whole));
      JsonObject example = (JsonObject) json.required("examples", JsonObject::list).getFirst();
      assertEquals("<b>s", example.required("source", JsonObject::string));
      assertEquals("t", example.required("target", JsonObject::string));
      assertEquals(1, json.required("examples", JsonObject::list).size());
    }
  }

  @Test
  void keysOfTheLogAreTextInTheChartsAndNoMarkup() throws IOException {
    log("{\"step\": 1, \"<img src=x onerror=alert(1)>\": 1}\n");
    try (var server = new WatchServer(new RunView(run), 0)) {
      assertFalse(get(server, "/run.json", host(server)).contains("<img"));
    }
  }

  @Test
  void otherHostsMethodsAndPathsAreRefused() throws IOException {
    log("");
    try (var server = new WatchServer(new RunView(run), 0)) {
      int port = server.address().getPort();
      for (String host :
          List.of("evil.example", "evil.example:" + port, "localhost", "localhost:1")) {
        assertTrue(get(server, "/run.json", host).startsWith("HTTP/1.1 403"), host);
      }
      for (String host : List.of("127.0.0.1:" + port, "LOCALHOST:" + port, "[::1]:" + port)) {
        assertTrue(get(server, "/run.json", host).startsWith("HTTP/1.1 200"), host);
      }
      assertTrue(get(server, "/../run.json", host(server)).startsWith("HTTP/1.1 404"));
      assertTrue(request(server, "POST / HTTP/1.1", host(server)).startsWith("HTTP/1.1 405"));
      assertTrue(request(server, "HEAD / HTTP/1.1", host(server)).startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void aFolderThatIsNoRunIsRefused() {
    var empty = assertThrows(IllegalArgumentException.class, () -> new RunView(run));
    assertTrue(empty.getMessage().contains("neither run.json nor log.jsonl"), empty.getMessage());
    var none = assertThrows(IllegalArgumentException.class, () -> new RunView(run.resolve("none")));
    assertTrue(none.getMessage().contains("there is no folder"), none.getMessage());
  }

  private void log(String text) throws IOException {
    Path next = run.resolve("next");
    Files.writeString(next, text);
    Files.move(next, run.resolve("log.jsonl"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private void append(String text) throws IOException {
    Files.writeString(run.resolve("log.jsonl"), text, StandardOpenOption.APPEND);
  }

  private static String status(WatchServer server) throws IOException {
    return json(server).required("status", JsonObject::string);
  }

  private static JsonObject json(WatchServer server) throws IOException {
    String answer = get(server, "/run.json", host(server));
    return JsonObject.parse("answer", answer.substring(answer.indexOf("\r\n\r\n") + 4));
  }

  private static String host(WatchServer server) {
    URI address = server.address();
    return address.getHost() + ":" + address.getPort();
  }

  private static String get(WatchServer server, String path, String host) throws IOException {
    return request(server, "GET " + path + " HTTP/1.1", host);
  }

  private static String request(WatchServer server, String line, String host) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      String request = line + "\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
