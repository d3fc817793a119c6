package dev.quintet.models.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.TinyModels;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.hub.HubServer.Fault;
import dev.quintet.models.t5.T5;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubTest {
  private static final PullRequest MODEL = PullRequest.of("me/model");
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path temporary;

  private HubServer server;
  private byte[] weights = new byte[300_000];

  @BeforeEach
  void serve() throws IOException {
    server = new HubServer();
    new Random(1).nextBytes(weights);
    server.put("config.json", "{}").put("README.md", "about").put(WEIGHTS, weights);
    server.put("pytorch_model.bin", new byte[10]).put("spiece.model", "pieces");
    server.put("onnx/model.safetensors", "other").put("tf_model.h5", "other");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  // ---- where things go ----

  @Test
  void filesGoWhereHuggingFaceLooksForThem() throws IOException {
    Path snapshot = hub(settings()).pull(MODEL);
    Path home = temporary.resolve("models--me--model");
    assertEquals(home.resolve("snapshots").resolve(HubServer.COMMIT), snapshot);
    assertEquals(List.of("config.json", "model.safetensors", "spiece.model"), names(snapshot));
    assertEquals(HubServer.COMMIT, Files.readString(home.resolve("refs/main")));
    Path link = snapshot.resolve(WEIGHTS);
    assertEquals(
        Path.of("../../blobs").resolve(HubServer.hash("SHA-256", weights)),
        Files.readSymbolicLink(link));
    assertArrayEquals(weights, Files.readAllBytes(link));
    assertTrue(Files.exists(home.resolve("blobs").resolve(HubServer.blob("{}".getBytes(UTF_8)))));
    assertEquals(3, names(home.resolve("blobs")).size());
    assertEquals(Optional.of(snapshot), hub(settings()).cached(MODEL));
    assertEquals(
        Optional.of(snapshot), hub(settings()).cached(MODEL.withRevision(HubServer.COMMIT)));
    assertEquals(Optional.empty(), hub(settings()).cached(PullRequest.of("me/other")));
  }

  @Test
  void whatIsThereIsNotFetchedAgain() {
    Path first = hub(settings()).pull(MODEL);
    server.requests().clear();
    assertEquals(first, hub(settings()).pull(MODEL.withRevision("refs/pr/1")));
    assertEquals(1, server.requests().size(), server.requests().toString());
    assertTrue(Files.exists(temporary.resolve("models--me--model/refs/refs/pr/1")));
  }

  @Test
  void aModelThatWasPulledLoads() throws IOException {
    Path made = temporary.resolve("made");
    try (T5 model = T5.create(TinyModels.v10(40), 4, Device.cpu())) {
      Checkpoint.save(model, made);
    }
    for (String name : names(made)) {
      server.put(name, Files.readAllBytes(made.resolve(name)));
    }
    try (T5 model = Checkpoint.load(hub(settings()).pull(MODEL))) {
      assertEquals(40, model.config().vocabSize());
    }
  }

  @Test
  void aFolderGetsTheFilesThemselves() throws IOException {
    Path folder = temporary.resolve("folder");
    assertEquals(folder, hub(settings()).pull(MODEL.to(folder)));
    assertEquals(List.of("config.json", "model.safetensors", "spiece.model"), names(folder));
    assertFalse(Files.isSymbolicLink(folder.resolve(WEIGHTS)));
    Files.writeString(folder.resolve("config.json"), "[]");
    server.requests().clear();
    hub(settings()).pull(MODEL.to(folder));
    assertEquals("{}", Files.readString(folder.resolve("config.json")));
    assertEquals(2, server.requests().size(), server.requests().toString());
  }

  @Test
  void picklesAreFetchedOnlyWhereAskedForAndNeeded() throws IOException {
    assertFalse(names(hub(settings()).pull(MODEL.withPickle())).contains("pytorch_model.bin"));
    try (var old = new HubServer()) {
      old.put("config.json", "{}").put("pytorch_model.bin", new byte[10]);
      HubSettings settings = settings().withEndpoint(old.address());
      var e = assertThrows(HubException.class, () -> hub(settings).pull(MODEL));
      assertTrue(e.getMessage().contains("--allow-pickle"), e.getMessage());
      assertTrue(names(hub(settings).pull(MODEL.withPickle())).contains("pytorch_model.bin"));
    }
    try (var shards = new HubServer()) {
      shards.put("model.safetensors.index.json", "{}").put("config.json", "{}");
      shards.put("model-00001-of-00002.safetensors", "a");
      shards.put("model-00002-of-00002.safetensors", "b").put("model.fp16.safetensors", "c");
      HubSettings settings = settings().withEndpoint(shards.address());
      assertEquals(4, names(hub(settings).pull(MODEL.to(temporary.resolve("s")))).size());
    }
  }

  // ---- what goes wrong on the way ----

  @Test
  void anInterruptedDownloadContinuesWhereItStood() throws IOException {
    server.fail(Fault.CUT, Fault.UNAVAILABLE, Fault.CUT);
    Path snapshot = hub(settings()).pull(only(WEIGHTS));
    assertArrayEquals(weights, Files.readAllBytes(snapshot.resolve(WEIGHTS)));
    List<String> ranges =
        server.requests().stream()
            .filter(line -> line.startsWith("store") && line.contains("bytes="))
            .toList();
    assertEquals(3, ranges.size(), server.requests().toString());
    assertNotEquals(ranges.getFirst(), ranges.getLast());
  }

  @Test
  void aLaterPullContinuesToo() throws IOException {
    Path blobs = Files.createDirectories(temporary.resolve("models--me--model/blobs"));
    String name = HubServer.hash("SHA-256", weights);
    Files.write(blobs.resolve(name + ".incomplete"), Arrays.copyOf(weights, 100_000));
    Path snapshot = hub(settings()).pull(MODEL);
    assertArrayEquals(weights, Files.readAllBytes(snapshot.resolve(WEIGHTS)));
    assertTrue(server.requests().toString().contains("bytes=100000-"));
    assertFalse(Files.exists(blobs.resolve(name + ".incomplete")));
  }

  @Test
  void whatWasBegunWronglyIsFetchedFromTheBeginning() throws IOException {
    Path blobs = Files.createDirectories(temporary.resolve("models--me--model/blobs"));
    String name = HubServer.hash("SHA-256", weights);
    Files.write(blobs.resolve(name + ".incomplete"), new byte[100_000]);
    Path snapshot = hub(settings()).pull(MODEL);
    assertArrayEquals(weights, Files.readAllBytes(snapshot.resolve(WEIGHTS)));
    Files.delete(blobs.resolve(name));
    Files.write(blobs.resolve(name + ".incomplete"), new byte[900_000]);
    assertArrayEquals(weights, Files.readAllBytes(hub(settings()).pull(MODEL).resolve(WEIGHTS)));
  }

  @Test
  void aServerWithoutRangesIsReadFromTheBeginning() throws IOException {
    server.fail(Fault.CUT, Fault.IGNORES_RANGE);
    Path snapshot = hub(settings()).pull(only(WEIGHTS));
    assertArrayEquals(weights, Files.readAllBytes(snapshot.resolve(WEIGHTS)));
  }

  @Test
  void aSilentServerIsAskedAgain() throws IOException {
    server.fail(Fault.SILENT);
    HubSettings hasty =
        new HubSettings(
            server.address(), temporary, Optional.empty(), false, Duration.ofMillis(500));
    Path snapshot = hub(hasty).pull(only(WEIGHTS));
    assertArrayEquals(weights, Files.readAllBytes(snapshot.resolve(WEIGHTS)));
  }

  @Test
  void contentsWithAnotherChecksumAreNeverStored() throws IOException {
    server.fail(Fault.OTHER_CONTENTS, Fault.OTHER_CONTENTS);
    var e = assertThrows(HubException.class, () -> hub(settings()).pull(only(WEIGHTS)));
    assertTrue(e.getMessage().contains("checksum"), e.getMessage());
    assertEquals(
        List.of(),
        names(temporary.resolve("models--me--model/blobs")).stream()
            .filter(name -> name.equals(HubServer.hash("SHA-256", weights)))
            .toList());
    server.fail(Fault.OTHER_CONTENTS);
    assertArrayEquals(
        weights, Files.readAllBytes(hub(settings()).pull(only(WEIGHTS)).resolve(WEIGHTS)));
  }

  @Test
  void whatStaysBrokenIsGivenUpAndSaid() {
    Fault[] all = new Fault[20];
    Arrays.fill(all, Fault.UNAVAILABLE);
    server.fail(all);
    var e = assertThrows(HubException.class, () -> hub(settings()).pull(only(WEIGHTS)));
    assertTrue(e.getMessage().contains("503"), e.getMessage());
    assertTrue(e.getMessage().contains("of 300000 bytes are kept"), e.getMessage());
  }

  @Test
  void aDamagedFileInTheCacheIsFetchedAnew() throws IOException {
    Path file = hub(settings()).pull(MODEL).resolve(WEIGHTS);
    Path config = file.resolveSibling("config.json");
    for (Path path : List.of(file, config)) {
      byte[] bytes = Files.readAllBytes(path);
      bytes[bytes.length / 2] ^= 1;
      Files.write(path.toRealPath(), bytes);
    }
    server.requests().clear();
    var log = new ArrayList<String>();
    listening(log, () -> hub(settings()).pull(MODEL));
    assertArrayEquals(weights, Files.readAllBytes(file));
    assertEquals("{}", Files.readString(config));
    assertEquals(2, log.stream().filter(line -> line.contains("fetched anew")).count(), "" + log);
    assertFalse(server.requests().stream().anyMatch(line -> line.contains("spiece")));
  }

  private static void listening(List<String> log, Runnable work) {
    var logger = Logger.getLogger(Hub.class.getName());
    var handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            log.add(new SimpleFormatter().formatMessage(line));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    try {
      work.run();
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void nothingIsWrittenThroughALink() throws IOException {
    Path victim = Files.writeString(temporary.resolve("victim"), "precious");
    Path blobs = Files.createDirectories(temporary.resolve("models--me--model/blobs"));
    Path partial = blobs.resolve(HubServer.hash("SHA-256", weights) + ".incomplete");
    Files.createSymbolicLink(partial, victim);
    var e = assertThrows(HubException.class, () -> hub(settings()).pull(MODEL));
    assertTrue(e.getMessage().contains(partial.toString()), e.getMessage());
    Files.delete(partial);
    Files.createLink(partial, victim);
    assertThrows(HubException.class, () -> hub(settings()).pull(MODEL));
    assertEquals("precious", Files.readString(victim));
    Files.delete(partial);
    Path reference = temporary.resolve("models--me--model/refs/main");
    Files.createDirectories(reference.getParent());
    Files.createSymbolicLink(reference, victim);
    Path target = Files.createDirectories(temporary.resolve("to"));
    Files.createSymbolicLink(target.resolve("config.json"), victim);
    Path snapshot = hub(settings()).pull(MODEL);
    assertArrayEquals(weights, Files.readAllBytes(snapshot.resolve(WEIGHTS)));
    hub(settings()).pull(MODEL.to(target));
    assertEquals("{}", Files.readString(target.resolve("config.json")));
    assertEquals("precious", Files.readString(victim));
  }

  // ---- names ----

  @Test
  void aPathWinsAndElseTheCacheIsLookedAt() throws IOException {
    Path snapshot = hub(settings()).pull(MODEL);
    var places = new ModelPlaces(temporary);
    server.close();
    assertEquals(snapshot, places.find("me/model"));
    assertEquals(snapshot, places.find("me/model", Optional.of(HubServer.COMMIT)));
    assertEquals(temporary, places.find(temporary.toString()));
    var e = assertThrows(HubException.class, () -> places.find("t5-small"));
    assertTrue(e.isOfRequest());
    assertTrue(e.getMessage().contains("./quintet pull t5-small"), e.getMessage());
    assertTrue(e.getMessage().contains("no file or folder t5-small"), e.getMessage());
    var f =
        assertThrows(HubException.class, () -> places.find("me/model", Optional.of("refs/pr/1")));
    assertTrue(f.getMessage().contains("--revision refs/pr/1"), f.getMessage());
    for (String name : List.of("", "a/b/c", "../x", "no where", "a\0b")) {
      var g = assertThrows(HubException.class, () -> places.find(name), name);
      assertFalse(g.getMessage().contains("pull"), g.getMessage());
    }
  }

  // ---- trust ----

  @Test
  void noMessageShowsASecret() {
    for (String token : List.of("hf_secret\u0001x", "hf_ secret", "hf_secr\u00e9t")) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> HubSettings.of(Map.of("HF_TOKEN", token), temporary));
      assertTrue(e.getMessage().contains("HF_TOKEN"), e.getMessage());
      assertHides(e, "secr");
    }
    for (String endpoint :
        List.of(
            "https://me:secret@host",
            "https://secret@host/",
            "https://host/?token=secret",
            "https://me:secret@ho st/",
            "me:secret@host",
            "https://me:secret@ho_st")) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> HubSettings.of(Map.of("HF_ENDPOINT", endpoint), temporary));
      assertTrue(e.getMessage().contains("HF_ENDPOINT"), e.getMessage());
      assertHides(e, "secret");
    }
    for (String to :
        List.of("ftp://me:secret@host/x?sig=secret", "http://ho st/?sig=secret", "//u:secret@h")) {
      server.redirect(to);
      assertHides(
          assertThrows(HubException.class, () -> hub(settings()).pull(only(WEIGHTS)), to),
          "secret");
    }
  }

  private static void assertHides(Throwable e, String secret) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      assertFalse(at.toString().contains(secret), at.toString());
    }
  }

  @Test
  void theTokensLineBreaksAreNoPartOfIt() throws IOException {
    assertEquals(
        Optional.of("hf_t"), HubSettings.of(Map.of("HF_TOKEN", " hf_\r\nt\n"), temporary).token());
    Files.writeString(temporary.resolve("token"), "hf_file\n");
    Map<String, String> home = Map.of("HF_HOME", "$TOP/.", "TOP", temporary.toString());
    assertEquals(Optional.of("hf_file"), HubSettings.of(home, temporary).token());
    assertEquals(temporary.resolve("./hub"), HubSettings.of(home, temporary).cache());
    assertEquals(
        Optional.empty(),
        HubSettings.of(Map.of("HF_HOME", "/none", "HF_TOKEN", "\n"), temporary).token());
  }

  @Test
  void theTokenGoesToTheHubAlone() {
    hub(withToken()).pull(MODEL);
    for (String line : server.requests()) {
      assertEquals(line.startsWith("hub "), line.contains("Bearer secret"), line);
    }
    assertTrue(server.requests().stream().anyMatch(line -> line.startsWith("store ")));
    assertFalse(withToken().toString().contains("secret"));
  }

  @Test
  void redirectsToOtherKindsOfAddressesAreNotFollowed() {
    server.fail(Fault.DOWNGRADE);
    var e = assertThrows(HubException.class, () -> hub(settings()).pull(only(WEIGHTS)));
    assertTrue(e.getMessage().contains("file:"), e.getMessage());
  }

  @Test
  void errorsSayWhatToDo() throws IOException {
    said(PullRequest.of("me/private"), "HF_TOKEN");
    said(PullRequest.of("me/none"), "spelling");
    said(MODEL.withRevision("none"), "spelling");
    HubSettings nobody = settings().withEndpoint(URI.create("http://127.0.0.1:1"));
    var e = assertThrows(HubException.class, () -> hub(nobody).pull(MODEL));
    assertTrue(e.getMessage().contains("HF_ENDPOINT"), e.getMessage());
    server.say("<html>");
    said(MODEL, "does not answer as a hub");
    server.say("{\"sha\": \"../../x\", \"siblings\": []}");
    said(MODEL, "no commit");
    server.say("{\"sha\": \"" + HubServer.COMMIT + "\", \"siblings\": [{\"rfilename\": \"a\"}]}");
    said(MODEL, "no weights");
    String file = "{\"rfilename\": \"model.safetensors\", \"size\": 5, \"blobId\": \"../x\"}";
    server.say("{\"sha\": \"" + HubServer.COMMIT + "\", \"siblings\": [" + file + "]}");
    said(MODEL, "hexadecimal");
    String bare = "{\"rfilename\": \"model.safetensors\"}";
    server.say("{\"sha\": \"" + HubServer.COMMIT + "\", \"siblings\": [" + bare + "]}");
    said(MODEL, "no checksum");
    HubSettings offline =
        new HubSettings(server.address(), temporary, Optional.empty(), true, Duration.ofSeconds(1));
    var f = assertThrows(HubException.class, () -> hub(offline).pull(MODEL));
    assertTrue(f.getMessage().contains("HF_HUB_OFFLINE"), f.getMessage());
  }

  private void said(PullRequest request, String advice) {
    var e = assertThrows(HubException.class, () -> hub(settings()).pull(request));
    assertTrue(e.getMessage().contains(advice), e.getMessage());
  }

  @Test
  void namesThatLeaveTheCacheAreRefused() {
    for (String name :
        List.of("", "/", "../x", "a/b/c", "a/..", "a b/c", "a--b/c", "a/b\n", "-a/b", "a/.b")) {
      assertThrows(IllegalArgumentException.class, () -> PullRequest.of(name), name);
    }
    for (String revision : List.of("", "../main", "a//b", "/main", "main/", "a b", ".git")) {
      assertThrows(IllegalArgumentException.class, () -> MODEL.withRevision(revision), revision);
    }
    assertEquals("t5-small", PullRequest.of("t5-small").repository());
  }

  @Test
  void settingsComeFromTheEnvironment() {
    Path home = Path.of("/home/me");
    HubSettings plain = HubSettings.of(Map.of(), home);
    assertEquals(home.resolve(".cache/huggingface/hub"), plain.cache());
    assertEquals(URI.create("https://huggingface.co"), plain.endpoint());
    assertEquals(Optional.empty(), plain.token());
    assertEquals(Path.of("/h/hub"), HubSettings.of(Map.of("HF_HOME", "/h"), home).cache());
    assertEquals(home.resolve("h/hub"), HubSettings.of(Map.of("HF_HOME", "~/h"), home).cache());
    assertEquals(
        Path.of("/x/huggingface/hub"),
        HubSettings.of(Map.of("XDG_CACHE_HOME", "/x"), home).cache());
    HubSettings all =
        HubSettings.of(
            Map.of(
                "HF_HOME", "/h",
                "HF_HUB_CACHE", "/c",
                "HF_ENDPOINT", "http://mirror/",
                "HF_TOKEN", " t ",
                "HF_HUB_OFFLINE", "1"),
            home);
    assertEquals(Path.of("/c"), all.cache());
    assertEquals(URI.create("http://mirror"), all.endpoint());
    assertEquals(Optional.of("t"), all.token());
    assertTrue(all.offline());
    assertThrows(
        IllegalArgumentException.class,
        () -> HubSettings.of(Map.of("HF_ENDPOINT", "mirror"), home));
  }

  // ---- helpers ----

  private HubSettings settings() {
    return new HubSettings(
        server.address(), temporary, Optional.empty(), false, Duration.ofSeconds(20));
  }

  private HubSettings withToken() {
    return new HubSettings(
        server.address(), temporary, Optional.of("secret"), false, Duration.ofSeconds(5));
  }

  private static Hub hub(HubSettings settings) {
    return new Hub(settings, (file, done, bytes) -> {}, Duration.ofMillis(1));
  }

  /// A request whose small files are there already, so that faults meet the weights.
  private PullRequest only(String name) {
    Path blobs = temporary.resolve("models--me--model/blobs");
    try {
      Files.createDirectories(blobs);
      Files.writeString(blobs.resolve(HubServer.blob("{}".getBytes(UTF_8))), "{}");
      Files.writeString(blobs.resolve(HubServer.blob("pieces".getBytes(UTF_8))), "pieces");
    } catch (IOException e) {
      throw new AssertionError(name, e);
    }
    return MODEL;
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    }
  }
}
