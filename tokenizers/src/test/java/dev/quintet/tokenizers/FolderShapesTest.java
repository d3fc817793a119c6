package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceEntry;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders as transformers has written them over the years.
class FolderShapesTest {
  private static final String MODEL = "unigram-3000-t5ids.model";

  @TempDir Path temporary;

  /// Against what `AutoTokenizer` of transformers 5.18 makes of them; `record_folders.py` records it.
  @Test
  void aFoldersIdsAreThoseOfTransformersAndStayWhenItIsSaved() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<Object> cases = Golden.list(Golden.json("folder-cases.json"));
    for (Object one : cases) {
      Map<String, Object> recorded = Golden.object(one);
      String name = (String) recorded.get("name");
      Tokenizer tokenizer = Tokenizer.load(folder(recorded));
      Path again = temporary.resolve(name + " again");
      tokenizer.save(again);
      check(recorded, tokenizer, wrong);
      check(recorded, Tokenizer.load(again), wrong);
    }
    assertEquals(List.of(), wrong);
    assertEquals(88, cases.size());
  }

  @Test
  void nothingIsReadFromAPipeInAFolder() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
    for (String name :
        List.of("tokenizer.json", "tokenizer_config.json", "spiece.model", "a-merges.txt")) {
      Path file = temporary.resolve(name);
      assertEquals(0, new ProcessBuilder("/usr/bin/mkfifo", file.toString()).start().waitFor());
      var e = assertThrows(MalformedFileException.class, () -> Tokenizer.load(temporary));
      assertEquals(file.toString(), e.path());
      assertThrows(MalformedFileException.class, () -> Tokenizer.loadSentencePiece(temporary));
      Files.delete(file);
    }
  }

  private static void check(Map<String, Object> recorded, Tokenizer tokenizer, List<String> wrong) {
    String text = (String) recorded.get("text");
    int[] ids = Golden.ints(recorded.get("ids"));
    boolean same =
        Arrays.equals(ids, tokenizer.encodeToIds(text, true))
            && Arrays.equals(ids, tokenizer.encode(text).ids())
            && Arrays.equals(
                Golden.ints(recorded.get("pair")), tokenizer.encode("Hi b", text).tokens().ids())
            && ((Number) recorded.get("size")).intValue() == tokenizer.vocabularySize();
    if (!same) {
      wrong.add(
          recorded.get("name")
              + Arrays.toString(tokenizer.encodeToIds(text, true))
              + tokenizer.vocabularySize());
    }
  }

  private Path folder(Map<String, Object> recorded) throws IOException {
    Path folder = Files.createDirectory(temporary.resolve((String) recorded.get("name")));
    for (var file : Golden.object(recorded.get("files")).entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), Golden.write(file.getValue()));
    }
    if (!(recorded.get("of") instanceof String of)) {
      return folder;
    }
    if (of.equals("vocab and merges")) {
      var json = Golden.object(Golden.json("bytebpe-gpt2-1500.tokenizer.json"));
      var model = Golden.object(json.get("model"));
      Files.writeString(folder.resolve("vocab.json"), Golden.write(model.get("vocab")));
      var lines = new StringBuilder("#version: 0.2\n");
      for (Object merge : Golden.<Object>list(model.get("merges"))) {
        lines
            .append(
                merge instanceof String pair ? pair : String.join(" ", Golden.<String>list(merge)))
            .append('\n');
      }
      Files.writeString(folder.resolve("merges.txt"), lines);
    } else {
      String name = of.endsWith(".model") ? "spiece.model" : "tokenizer.json";
      Files.write(folder.resolve(name), Golden.bytes(of));
    }
    return folder;
  }

  @Test
  void aUmt5ModelsFolderHasAnEndWhateverItsTokenizersClassIs() throws IOException {
    for (String config : List.of("", "{}", "{\"tokenizer_class\": \"LlamaTokenizer\"}")) {
      Path folder = Files.createTempDirectory(temporary, "umt5");
      Files.write(folder.resolve("spiece.model"), Golden.bytes(MODEL));
      Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"umt5\"}");
      if (!config.isEmpty()) {
        Files.writeString(folder.resolve("tokenizer_config.json"), config);
      }
      assertArrayEquals(
          new int[] {232, 16, 151, 3099, 1},
          Tokenizer.load(folder).encodeToIds("Hi b <extra_id_0>", true));
    }
  }

  @Test
  void mt5sSentinelsArePiecesThatBeginAWord() throws IOException {
    List<SentencePieceEntry> sentinels = new ArrayList<>();
    for (int i = 99; i >= 0; i--) {
      sentinels.add(new SentencePieceEntry("\u2581<extra_id_" + i + ">", 0, Type.USER_DEFINED));
    }
    Path folder = Files.createDirectory(temporary.resolve("mt5"));
    SentencePieceModel.parse("made up", Golden.bytes(MODEL))
        .withPieces(sentinels)
        .write(folder.resolve("spiece.model"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"mt5\"}");
    Tokenizer tokenizer = Tokenizer.load(folder);
    assertEquals(3100, tokenizer.vocabularySize());
    assertEquals(3099, tokenizer.sentinelId(0).getAsInt());
    assertEquals(3000, tokenizer.sentinelId(99).getAsInt());
    assertFalse(tokenizer.sentinelId(100).isPresent());
    assertArrayEquals(
        new int[] {232, 16, 3099, 151, 3098, 1},
        tokenizer.encodeToIds("Hi <extra_id_0> b <extra_id_1>", true));
  }

  @Test
  void whatWasAddedIsSavedAsItWas() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("old"));
    byte[] added = "{\"<ORG>\": 3100}".getBytes(StandardCharsets.UTF_8);
    byte[] map = "{\"additional_special_tokens\": [\"<ORG>\"]}".getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("spiece.model"), Golden.bytes(MODEL));
    Files.write(folder.resolve("added_tokens.json"), added);
    Files.write(folder.resolve("special_tokens_map.json"), map);
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"t5\"}");
    Path again = temporary.resolve("new");
    Tokenizer.load(folder).save(again);
    assertArrayEquals(added, Files.readAllBytes(again.resolve("added_tokens.json")));
    assertArrayEquals(map, Files.readAllBytes(again.resolve("special_tokens_map.json")));
    assertEquals(3100, Tokenizer.load(again).id("<ORG>").getAsInt());

    Files.write(folder.resolve("tokenizer.json"), Golden.bytes("bytebpe-gpt2-1500.tokenizer.json"));
    Path both = temporary.resolve("both");
    Tokenizer.load(folder).save(both);
    assertArrayEquals(Golden.bytes(MODEL), Files.readAllBytes(both.resolve("spiece.model")));
  }

  @Test
  void aTokenizerSaysWhatItIs() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("said"));
    Files.write(folder.resolve("spiece.model"), Golden.bytes(MODEL));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"t5\"}");
    String said = Tokenizer.load(folder).toString();
    assertTrue(said.startsWith("SentencePieceTokenizer[T5, unigram, 3100 ids, 103 added, "), said);
    Path json = folder.resolve("tokenizer.json");
    Files.write(json, Golden.bytes("bytebpe-gpt2-1500.tokenizer.json"));
    assertEquals(
        "HuggingFaceTokenizer[BPE, 1500 ids, 3 added, " + json + "]",
        Tokenizer.load(json).toString());
  }
}
