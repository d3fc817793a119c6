package dev.quintet.tokenizers.huggingface;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.JsonReader;
import dev.quintet.tokenizers.json.JsonWriter;
import dev.quintet.tokenizers.sentencepiece.SentencePiece;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that are whole as JSON or protobuf and wrong in what they say: each is read or refused by
/// the declared exception.
class WrongShapesTest {

  private static final String TEXT =
      "Hello \u2581 ﬁ e\u0301 <s> 日本 x<extra_id_0>\n 123\ud83d\ude00";
  private static final String DEEP = "@deep@";

  private static final List<Json> VALUES =
      List.of(
          Json.Mark.NULL,
          new Json.Bool(true),
          new Json.Num("0"),
          new Json.Num("-1"),
          new Json.Num("0.5"),
          new Json.Num("2147483647"),
          new Json.Num("99999999999999999999"),
          new Json.Num("1e999"),
          new Json.Str(""),
          new Json.Str("x"),
          new Json.Str("\ud83d\ude00("),
          new Json.Str(DEEP),
          new Json.Arr(List.of()),
          new Json.Arr(List.of(Json.Mark.NULL, new Json.Num("1"), new Json.Str("a"))),
          new Json.Obj(new LinkedHashMap<>()));

  private static final String ADDED =
      """
      "added_tokens": [
        {"id": 0, "content": "<s>", "single_word": false, "lstrip": true, "rstrip": false,
         "normalized": false, "special": true},
        {"id": 1, "content": "x", "normalized": true, "single_word": true}],
      "truncation": {"direction": "Right", "max_length": 6, "strategy": "LongestFirst", "stride": 1},
      "padding": {"strategy": {"Fixed": 4}, "direction": "Left", "pad_to_multiple_of": 2,
                  "pad_id": 0, "pad_type_id": 0, "pad_token": "<s>"},
      "post_processor": {"type": "Sequence", "processors": [
        {"type": "TemplateProcessing",
         "single": [{"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "<s>", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}},
        {"type": "ByteLevel", "trim_offsets": true, "add_prefix_space": true, "use_regex": true}]},
      """;

  private static final String UNIGRAM =
      "{\"version\": \"1.0\", "
          + ADDED
          + """
          "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "NFKC"}, {"type": "Strip", "strip_left": false, "strip_right": true},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"},
            {"type": "Precompiled", "precompiled_charsmap": ""}, {"type": "Prepend", "prepend": "_"},
            {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
             "strip_accents": null, "lowercase": true}]},
          "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"}, {"type": "Digits", "individual_digits": true},
            {"type": "Punctuation", "behavior": "Isolated"},
            {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always",
             "split": true}]},
          "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
            {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always",
             "split": true}]},
          "model": {"type": "Unigram", "unk_id": 2, "byte_fallback": false, "vocab": [
            ["<s>", 0.0], ["x", -1.5], ["<unk>", 0.0], ["\u2581", -2.0], ["e", -3.5]]}}
          """;

  private static final String BPE =
      "{\"version\": \"1.0\", "
          + ADDED
          + """
          "normalizer": {"type": "NFC"},
          "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": "\\\\s+"}, "behavior": "MergedWithNext",
             "invert": false},
            {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
             "use_regex": false}]},
          "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
                      "use_regex": true},
          "model": {"type": "BPE", "dropout": null, "unk_token": "<s>",
            "continuing_subword_prefix": "##", "end_of_word_suffix": "</w>", "fuse_unk": true,
            "byte_fallback": false, "ignore_merges": true,
            "vocab": {"<s>": 0, "x": 1, "e": 2, "##l": 3, "el": 4, "ell": 5},
            "merges": [["e", "##l"], ["el", "##l"]]}}
          """;

  private static final String WORD_PIECE =
      "{\"version\": \"1.0\", "
          + ADDED
          + """
          "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
          "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
          "model": {"type": "WordPiece", "unk_token": "<s>", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": {"<s>": 0, "x": 1, "##e": 2}}}
          """;

  @ParameterizedTest
  @ValueSource(strings = {UNIGRAM, BPE, WORD_PIECE})
  void readsOrRefusesEveryWrongValueOfATokenizerJson(String file) {
    int[] counts = new int[2];
    Json whole = tree(file);
    check(text(whole), counts);
    mutate(whole, UnaryOperator.identity(), root -> check(text(root), counts));
    // Two at a time, by chance.
    SplittableRandom random = new SplittableRandom(Long.getLong("seed", 42));
    for (int i = 0; i < 100; i++) {
      check(text(drawn(drawn(whole, random), random)), counts);
    }
    assertTrue(counts[0] > 50 && counts[1] > 50, counts[0] + " read, " + counts[1] + " refused");
  }

  private static Json tree(String file) {
    try (JsonReader reader = JsonReader.of("whole", file.getBytes(StandardCharsets.UTF_8))) {
      reader.next();
      return reader.tree();
    }
  }

  private static String text(Json root) {
    JsonWriter writer = new JsonWriter(false);
    writer.tree(root, () -> {}, () -> {});
    int depth = 2_000;
    return writer.toString().replace('"' + DEEP + '"', "[".repeat(depth) + "]".repeat(depth));
  }

  private static void check(String file, int[] counts) {
    String shown = file.length() > 4000 ? file.substring(0, 4000) : file;
    try {
      Tokenizer tokenizer =
          Tokenizer.of(TokenizerJson.parse("wrong", file.getBytes(StandardCharsets.UTF_8)));
      tokenizer.decode(tokenizer.encode(TEXT).ids(), true);
      tokenizer.encodeToIds(TEXT, true);
      counts[0]++;
    } catch (MalformedFileException refused) {
      assertTrue(refused.getMessage().length() < 2000, refused.getMessage());
      counts[1]++;
    } catch (IllegalArgumentException uncovered) {
      // A model that says nothing of the unknown is whole; not every text can be encoded by it.
      assertTrue(uncovered.getMessage().startsWith("encode: expected"), shown);
      counts[0]++;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError undeclared) {
      fail(shown, undeclared);
    }
  }

  /// Each value replaced by each other kind, and each member and item left out.
  private static void mutate(Json node, UnaryOperator<Json> root, Consumer<Json> sink) {
    VALUES.forEach(value -> sink.accept(root.apply(value)));
    switch (node) {
      case Json.Obj(SequencedMap<String, Json> members) ->
          members.forEach((name, member) -> {
            sink.accept(root.apply(without(members, name)));
            mutate(member, value -> root.apply(with(members, name, value)), sink);
          });
      case Json.Arr(List<Json> items) -> {
        for (int i = 0; i < items.size(); i++) {
          int at = i;
          sink.accept(root.apply(without(items, at)));
          mutate(items.get(at), value -> root.apply(with(items, at, value)), sink);
        }
      }
      case Json.Str _, Json.Num _, Json.Bool _, Json.Mark _ -> {}
    }
  }

  private static Json drawn(Json whole, SplittableRandom random) {
    List<Json> all = new ArrayList<>();
    mutate(whole, UnaryOperator.identity(), all::add);
    // The first ones replace everything.
    return all.get(VALUES.size() + random.nextInt(all.size() - VALUES.size()));
  }

  private static Json with(SequencedMap<String, Json> members, String name, Json value) {
    SequencedMap<String, Json> copy = new LinkedHashMap<>(members);
    copy.put(name, value);
    return new Json.Obj(copy);
  }

  private static Json without(SequencedMap<String, Json> members, String name) {
    SequencedMap<String, Json> copy = new LinkedHashMap<>(members);
    copy.remove(name);
    return new Json.Obj(copy);
  }

  private static Json with(List<Json> items, int at, Json value) {
    List<Json> copy = new ArrayList<>(items);
    copy.set(at, value);
    return new Json.Arr(copy);
  }

  private static Json without(List<Json> items, int at) {
    List<Json> copy = new ArrayList<>(items);
    copy.remove(at);
    return new Json.Arr(copy);
  }

  /// A field as the file has it: its tag's number and what follows the tag.
  private record Field(int number, int wire, byte[] value) {}

  @ParameterizedTest
  @ValueSource(
      strings = {"unigram-2000-identity-nodummy", "bpe-3000-bytefallback-identity", "char"})
  void readsOrRefusesEveryWrongFieldOfASentencePieceModel(String name) {
    SplittableRandom random = new SplittableRandom(Long.getLong("seed", 42));
    List<Field> whole = fields(Golden.bytes(name + ".model"));
    List<Field> pieces = whole.stream().filter(field -> field.number == 1).limit(300).toList();
    List<Field> rest = whole.stream().filter(field -> field.number != 1).toList();
    int[] counts = new int[2];
    for (int i = 0; i < 700; i++) {
      List<Field> all = new ArrayList<>(pieces);
      all.addAll(rest);
      for (int k = random.nextInt(3); k >= 0; k--) {
        int back = random.nextInt(random.nextBoolean() ? rest.size() : all.size());
        int at = all.size() - 1 - back;
        Field field = all.get(at);
        if (whole.contains(field) && random.nextInt(4) > 0) {
          List<Field> inner = new ArrayList<>(inner(field));
          change(inner, random);
          all.set(at, new Field(field.number, 2, withLength(bytes(inner))));
        } else {
          change(all, random);
        }
      }
      check(bytes(all), counts);
    }
    assertTrue(counts[0] > 50 && counts[1] > 50, counts[0] + " read, " + counts[1] + " refused");
  }

  private static List<Field> inner(Field field) {
    int skip = 0;
    while (field.value[skip] < 0) {
      skip++;
    }
    return fields(Arrays.copyOfRange(field.value, skip + 1, field.value.length));
  }

  private static void change(List<Field> fields, SplittableRandom random) {
    int at = fields.isEmpty() ? 0 : random.nextInt(fields.size());
    Field field = fields.isEmpty() ? new Field(1, 0, new byte[] {1}) : fields.get(at);
    byte[] huge = {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1};
    Field changed =
        switch (random.nextInt(9)) {
          case 0 -> new Field(field.number, 0, huge);
          case 1 -> new Field(field.number, 1, new byte[8]);
          case 2 -> new Field(field.number, 5, new byte[] {0, 0, (byte) 0xC0, 0x7F});
          case 3 -> new Field(field.number, 2, withLength(new byte[0]));
          case 4 -> new Field(field.number, 2, withLength(new byte[] {-1, 0, (byte) 0xE2, 'x'}));
          case 5 -> new Field(field.number, 2, new byte[] {-1, -1, -1, -1, 7});
          case 6 -> new Field(1 + random.nextInt(60), field.wire, field.value);
          case 7 -> new Field(field.number, 3 + random.nextInt(5), field.value);
          default -> new Field(field.number, 0, new byte[] {(byte) random.nextInt(128)});
        };
    switch (random.nextInt(4)) {
      case 0 -> fields.add(at, changed);
      case 1 -> fields.add(at, field);
      default -> {
        if (!fields.isEmpty()) {
          fields.remove(at);
        }
        if (random.nextInt(8) > 0) {
          fields.add(at, changed);
        }
      }
    }
  }

  private static void check(byte[] file, int[] counts) {
    try {
      SentencePiece pieces = new SentencePiece(SentencePieceModel.parse("wrong", file));
      TokenBuffer out = new TokenBuffer(8);
      pieces.encode(TEXT, 0, TEXT.length(), out);
      pieces.decode(out.ids());
      counts[0]++;
    } catch (MalformedFileException refused) {
      assertTrue(refused.getMessage().length() < 2000, refused.getMessage());
      counts[1]++;
    }
  }

  private static List<Field> fields(byte[] message) {
    List<Field> fields = new ArrayList<>();
    int at = 0;
    while (at < message.length) {
      int tag = 0;
      int shift = 0;
      do {
        tag |= (message[at] & 0x7F) << shift;
        shift += 7;
      } while (message[at++] < 0);
      int start = at;
      switch (tag & 7) {
        case 0 -> {
          while (message[at] < 0) {
            at++;
          }
          at++;
        }
        case 5 -> at += 4;
        case 1 -> at += 8;
        default -> {
          int length = 0;
          shift = 0;
          do {
            length |= (message[at] & 0x7F) << shift;
            shift += 7;
          } while (message[at++] < 0);
          at += length;
        }
      }
      fields.add(new Field(tag >>> 3, tag & 7, Arrays.copyOfRange(message, start, at)));
    }
    return fields;
  }

  private static byte[] bytes(List<Field> fields) {
    var out = new ByteArrayOutputStream();
    for (Field field : fields) {
      varint(out, (long) field.number << 3 | field.wire);
      out.writeBytes(field.value);
    }
    return out.toByteArray();
  }

  private static byte[] withLength(byte[] content) {
    var out = new ByteArrayOutputStream();
    varint(out, content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest > 127) {
      out.write((int) (rest & 127 | 128));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  @Test
  void readsTheFilesThatTheWrongOnesWereMadeOf() {
    for (String file : List.of(UNIGRAM, BPE, WORD_PIECE)) {
      TokenizerJson.parse("whole", file.getBytes(StandardCharsets.UTF_8));
    }
  }
}
