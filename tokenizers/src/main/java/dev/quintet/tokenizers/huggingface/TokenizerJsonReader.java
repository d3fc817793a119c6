package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.JsonReader;
import dev.quintet.tokenizers.json.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.NumberInput;

/// Reads a `tokenizer.json`: the two large tables of the model straight into arrays, the rest as a
/// tree, which [SpecReader] then reads.
final class TokenizerJsonReader {

  private final JsonReader reader;
  private final Vocabulary.Builder vocabulary = new Vocabulary.Builder();
  private Merges merges = Merges.NONE;
  private final List<String> scores = new ArrayList<>();

  private TokenizerJsonReader(JsonReader reader) {
    this.reader = reader;
  }

  static TokenizerJson read(String file, byte[] utf8) {
    boolean pretty = utf8.length < 2 || utf8[1] == '\n' || utf8[1] == '\r';
    try (JsonReader reader = JsonReader.of(file, utf8)) {
      TokenizerJsonReader tables = new TokenizerJsonReader(reader);
      Json.Obj root = tables.root();
      reader.end();
      return interpret(file, root, tables.vocabulary, tables.merges, tables.scores, pretty);
    }
  }

  private Json.Obj root() {
    return object(
        name ->
            name.equals("model") && reader.current() == JsonToken.START_OBJECT
                ? object(this::modelMember)
                : reader.tree(),
        true);
  }

  private interface Member {
    Json read(String name);
  }

  private Json.Obj object(Member member) {
    return object(member, false);
  }

  private Json.Obj object(Member member, boolean first) {
    if ((first ? reader.next() : reader.current()) != JsonToken.START_OBJECT) {
      throw reader.malformed("expected an object");
    }
    var members = new LinkedHashMap<String, Json>();
    while (reader.next() != JsonToken.END_OBJECT) {
      String name = reader.name();
      reader.next();
      if (members.put(name, member.read(name)) != null) {
        throw reader.twice(name);
      }
    }
    return new Json.Obj(members);
  }

  private Json modelMember(String name) {
    if (name.equals("vocab") && reader.current() == JsonToken.START_OBJECT) {
      vocabulary();
      return Json.Mark.VOCABULARY;
    }
    if (name.equals("vocab") && reader.current() == JsonToken.START_ARRAY) {
      pieces();
      return Json.Mark.VOCABULARY;
    }
    if (name.equals("merges") && reader.current() == JsonToken.START_ARRAY) {
      merges();
      return Json.Mark.MERGES;
    }
    return reader.tree();
  }

  private void vocabulary() {
    while (reader.next() != JsonToken.END_OBJECT) {
      String token = reader.name();
      reader.next();
      vocabulary.put(token, reader.id());
    }
    vocabulary.settle();
  }

  /// A unigram model's vocabulary: pairs of a piece and its score, whose id is the pair's place. Of a
  /// piece that stands several times the last is found, as in the reference, whose own trainer
  /// writes such files.
  private void pieces() {
    while (reader.next() != JsonToken.END_ARRAY) {
      if (reader.current() != JsonToken.START_ARRAY) {
        throw reader.malformed("expected a piece and its score");
      }
      reader.next();
      vocabulary.again(reader.string(), scores.size());
      reader.next();
      scores.add(reader.number());
      if (reader.next() != JsonToken.END_ARRAY) {
        throw reader.malformed("expected a piece and its score");
      }
    }
  }

  private void merges() {
    List<String> halves = new ArrayList<>();
    Optional<Boolean> pairs = Optional.empty();
    for (JsonToken token = reader.next(); token != JsonToken.END_ARRAY; token = reader.next()) {
      boolean pair = token == JsonToken.START_ARRAY;
      if (pairs.isPresent() && pairs.get() != pair) {
        throw reader.malformed("merges are all pairs or all strings");
      }
      pairs = Optional.of(pair);
      if (pair) {
        reader.next();
        halves.add(reader.string());
        reader.next();
        halves.add(reader.string());
        if (reader.next() != JsonToken.END_ARRAY) {
          throw reader.malformed("a merge has two halves");
        }
      } else {
        String both = reader.string();
        int space = both.indexOf(' ');
        if (space < 0 || both.indexOf(' ', space + 1) >= 0) {
          throw reader.malformed("a merge is two tokens with one space between, got " + both);
        }
        halves.add(both.substring(0, space));
        halves.add(both.substring(space + 1));
      }
    }
    String[] left = new String[halves.size() / 2];
    String[] right = new String[left.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = halves.get(2 * i);
      right[i] = halves.get(2 * i + 1);
    }
    merges = new Merges(left, right, pairs.orElse(true));
  }

  /// Makes sense of what was read; also of what a trainer made.
  static TokenizerJson interpret(
      String file,
      Json.Obj root,
      Vocabulary.Builder table,
      Merges merges,
      List<String> scores,
      boolean pretty) {
    Node top = new Node(file, "", root);
    Optional<Node> version = top.find("version");
    if (version.isPresent() && !version.get().string().equals("1.0")) {
      throw version.get().unsupported("version \"" + version.get().string() + "\"", "1.0");
    }
    List<AddedToken> listed = SpecReader.addedTokens(top);
    Node model = top.get("model");
    checkKind(model);
    checkIds(top, model, table, listed.size());
    Vocabulary vocabulary = table.build();
    List<AddedToken> added = AddedTokenIds.given(file, listed, vocabulary);
    List<NormalizerStep> normalizers = SpecReader.normalizers(top.find("normalizer"));
    List<PreTokenizerSpec> preTokenizers = SpecReader.preTokenizers(top.find("pre_tokenizer"));
    boolean unigram = type(model).equals("Unigram");
    if (scores.size() != (unigram ? vocabulary.count() : 0)) {
      throw model
          .get("vocab")
          .malformed(
              unigram
                  ? "expected an array of pieces and scores"
                  : "expected an object of tokens and ids");
    }
    int size = Math.max(vocabulary.size(), 1 + Math.max(highest(added), highest(listed)));
    List<PostProcessorSpec> postProcessors =
        SpecReader.postProcessors(top.find("post_processor"), size);
    Optional<List<DecoderSpec>> decoders = SpecReader.decoders(top.find("decoder"));
    ModelSpec spec =
        switch (type(model)) {
          case "Unigram" -> unigram(model, vocabulary, scores);
          case "WordPiece" -> wordPiece(model, vocabulary);
          case "WordLevel" -> new WordLevelSpec(vocabulary, model.get("unk_token").string());
          default -> bpe(model, vocabulary, merges);
        };
    return new TokenizerJson(
        file,
        root,
        merges,
        pretty,
        added,
        normalizers,
        preTokenizers,
        postProcessors,
        decoders,
        spec,
        LengthSpec.read(top, size),
        scores.toArray(String[]::new));
  }

  private static int highest(List<AddedToken> added) {
    return added.stream().mapToInt(AddedToken::id).max().orElse(-1);
  }

  /// Ids decide how large tables are, so they may not be far apart: at most half of them are gaps.
  private static void checkIds(Node top, Node model, Vocabulary.Builder vocabulary, int added) {
    long entries = (long) vocabulary.count() + added;
    if (vocabulary.highest() >= 2 * entries) {
      throw top.malformed(
          "ids may have as many gaps as there are tokens and no more; the highest of "
              + entries
              + " tokens is "
              + vocabulary.highest());
    }
    vocabulary
        .clash()
        .ifPresent(tokens -> {
          throw model.get("vocab").malformed("one id for two tokens: " + tokens);
        });
  }

  private static BpeSpec bpe(Node model, Vocabulary vocabulary, Merges merges) {
    // An unknown token that the vocabulary lacks is missed only when it is needed, as in the
    // reference.
    return new BpeSpec(
        vocabulary,
        mergeIds(model, vocabulary, merges),
        model.find("unk_token").map(Node::string),
        model.bool("fuse_unk", false),
        model.bool("byte_fallback", false),
        model.bool("ignore_merges", false),
        affix(model, "continuing_subword_prefix"),
        affix(model, "end_of_word_suffix"));
  }

  private static String affix(Node model, String name) {
    return model.find(name).map(Node::string).orElse("");
  }

  private static WordPieceSpec wordPiece(Node model, Vocabulary vocabulary) {
    return new WordPieceSpec(
        vocabulary,
        model.get("unk_token").string(),
        model.find("continuing_subword_prefix").map(Node::string).orElse("##"),
        model.find("max_input_chars_per_word").map(Node::integer).orElse(100));
  }

  private static UnigramSpec unigram(Node model, Vocabulary vocabulary, List<String> spelled) {
    double[] scores = new double[spelled.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = NumberInput.parseDouble(spelled.get(i), true);
    }
    Optional<Node> unknown = model.find("unk_id");
    if (unknown.isPresent() && unknown.get().integer() >= scores.length) {
      throw unknown.get().malformed("no piece has the id " + unknown.get().integer());
    }
    return new UnigramSpec(
        vocabulary,
        scores,
        unknown.map(node -> OptionalInt.of(node.integer())).orElse(OptionalInt.empty()),
        model.bool("byte_fallback", false));
  }

  /// Files older than the member "type" exist, almost all of BPE; the others are known by their members.
  private static String type(Node model) {
    return model
        .find("type")
        .map(Node::string)
        .orElseGet(() ->
            model.find("merges").isPresent()
                ? "BPE"
                : model.find("max_input_chars_per_word").isPresent()
                    ? "WordPiece"
                    : model.find("unk_id").isPresent()
                        ? "Unigram"
                        : model.find("unk_token").isPresent() ? "WordLevel" : "BPE");
  }

  private static void checkKind(Node model) {
    if (type(model).equals("Unigram")) {
      if (!(model.get("vocab").value() instanceof Json.Mark)) {
        throw model.get("vocab").malformed("expected an array of pieces and scores");
      }
      return;
    }
    if (!List.of("BPE", "WordPiece", "WordLevel").contains(type(model))) {
      throw model.unsupported("model " + type(model), "BPE, Unigram, WordPiece and WordLevel");
    }
    if (!(model.get("vocab").value() instanceof Json.Mark)) {
      throw model.get("vocab").malformed("expected an object of tokens and ids");
    }
    if (!type(model).equals("BPE")) {
      return;
    }
    if (!(model.get("merges").value() instanceof Json.Mark)) {
      throw model.get("merges").malformed("expected an array of merges");
    }
  }

  private static int[] mergeIds(Node model, Vocabulary vocabulary, Merges merges) {
    String prefix = affix(model, "continuing_subword_prefix");
    int[] ids = new int[3 * merges.size()];
    for (int i = 0; i < merges.size(); i++) {
      String left = merges.left()[i];
      String right = merges.right()[i];
      int at = 3 * i;
      if (right.length() < prefix.length()) {
        throw new MalformedFileException(
            model.file(), model.pointer() + "/merges/" + i, "shorter than the prefix: " + right);
      }
      // The reference takes as many characters off the right half as the prefix has, unseen.
      String made = left + right.substring(prefix.length());
      for (String token : Arrays.asList(left, right, made)) {
        if (vocabulary.id(token).isEmpty()) {
          throw new MalformedFileException(
              model.file(),
              model.pointer() + "/merges/" + i,
              "not in the vocabulary: \"" + token + "\"");
        }
        ids[at++] = vocabulary.id(token).getAsInt();
      }
    }
    return ids;
  }
}
