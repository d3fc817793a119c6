package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.Node;
import dev.quintet.tokenizers.regex.OnigurumaRegex;
import dev.quintet.tokenizers.regex.UnsupportedRegexException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Reads the small components of a `tokenizer.json`; refuses by name what is not supported.
final class SpecReader {

  private static final List<PostProcessorSpec.Piece> JOINED =
      List.of(new PostProcessorSpec.Text(false, 0), new PostProcessorSpec.Text(true, 1));

  private SpecReader() {}

  static List<AddedToken> addedTokens(Node top) {
    List<AddedToken> tokens = new ArrayList<>();
    for (Node one : top.find("added_tokens").map(Node::items).orElse(List.of())) {
      tokens.add(
          new AddedToken(
              one.get("id").integer(),
              one.get("content").string(),
              one.bool("single_word", false),
              one.bool("lstrip", false),
              one.bool("rstrip", false),
              one.bool("normalized", true),
              one.bool("special", false)));
    }
    return tokens;
  }

  static List<NormalizerStep> normalizers(Optional<Node> found) {
    List<NormalizerStep> steps = new ArrayList<>();
    found.ifPresent(node -> normalizer(node, steps));
    return steps;
  }

  private static void normalizer(Node node, List<NormalizerStep> out) {
    String type = node.type();
    switch (type) {
      case "Sequence" -> node.get("normalizers").items().forEach(one -> normalizer(one, out));
      case "NFC", "NFD", "NFKC", "NFKD" ->
          out.add(new NormalizerStep.Form(Normalizer.Form.valueOf(type)));
      case "Precompiled" ->
          node.find("precompiled_charsmap").ifPresent(map -> out.add(precompiled(map)));
      case "Strip" ->
          out.add(
              new NormalizerStep.Strip(
                  node.bool("strip_left", true), node.bool("strip_right", true)));
      case "Replace" -> {
        Matched pattern = pattern(node.get("pattern"));
        out.add(
            new NormalizerStep.Replace(pattern.text, pattern.regex, node.get("content").string()));
      }
      case "Prepend" -> out.add(new NormalizerStep.Prepend(node.get("prepend").string()));
      case "Lowercase" -> out.add(new NormalizerStep.Lowercase());
      case "StripAccents" -> out.add(new NormalizerStep.StripAccents());
      case "Nmt" -> out.add(new NormalizerStep.Nmt());
      case "ByteLevel" -> out.add(new NormalizerStep.ByteLetters());
      case "BertNormalizer" -> {
        boolean lowercase = node.bool("lowercase", true);
        out.add(
            new NormalizerStep.Bert(
                node.bool("clean_text", true),
                node.bool("handle_chinese_chars", true),
                node.bool("strip_accents", lowercase),
                lowercase));
      }
      default ->
          throw node.unsupported(
              "normalizer " + type,
              "NFC, NFD, NFKC, NFKD, Precompiled, Strip, StripAccents, Lowercase, Replace, Prepend,"
                  + " Nmt, ByteLevel, BertNormalizer and Sequence");
    }
  }

  private static NormalizerStep precompiled(Node map) {
    try {
      return new NormalizerStep.Precompiled(Base64.getDecoder().decode(map.string()));
    } catch (IllegalArgumentException _) {
      throw map.malformed("not Base64");
    }
  }

  private record Matched(String text, boolean regex) {}

  private static Matched pattern(Node pattern) {
    Optional<Node> regex = pattern.find("Regex");
    Node text = regex.orElseGet(() -> pattern.get("String"));
    if (text.string().isEmpty()) {
      throw text.malformed("an empty pattern matches nothing");
    }
    return new Matched(regex.isPresent() ? regex(text) : text.string(), regex.isPresent());
  }

  static List<PreTokenizerSpec> preTokenizers(Optional<Node> found) {
    List<PreTokenizerSpec> steps = new ArrayList<>();
    found.ifPresent(node -> preTokenizer(node, steps));
    return steps;
  }

  private static void preTokenizer(Node node, List<PreTokenizerSpec> out) {
    String type = node.type();
    switch (type) {
      case "Sequence" -> node.get("pretokenizers").items().forEach(one -> preTokenizer(one, out));
      case "ByteLevel" ->
          out.add(
              new PreTokenizerSpec.ByteLevel(
                  node.bool("add_prefix_space", true),
                  node.bool("trim_offsets", true),
                  node.bool("use_regex", true)));
      case "Digits" -> out.add(new PreTokenizerSpec.Digits(node.bool("individual_digits", false)));
      case "Split" -> out.add(split(node));
      case "WhitespaceSplit" -> out.add(new PreTokenizerSpec.WhitespaceSplit());
      case "Metaspace" ->
          out.add(
              new PreTokenizerSpec.Metaspace(
                  replacement(node), prepend(node), node.bool("split", true)));
      case "Whitespace" -> out.add(new PreTokenizerSpec.Whitespace());
      case "BertPreTokenizer" -> out.add(new PreTokenizerSpec.Bert());
      case "Punctuation" ->
          out.add(
              new PreTokenizerSpec.Punctuation(
                  node.find("behavior")
                      .map(SpecReader::behavior)
                      .orElse(PreTokenizerSpec.Behavior.ISOLATED)));
      case "CharDelimiterSplit" ->
          out.add(new PreTokenizerSpec.CharDelimiterSplit(character(node.get("delimiter"))));
      case "FixedLength" -> {
        Node length = node.get("length");
        if (length.integer() == 0) {
          throw length.malformed("expected at least 1");
        }
        out.add(new PreTokenizerSpec.FixedLength(length.integer()));
      }
      case "UnicodeScripts" -> out.add(new PreTokenizerSpec.UnicodeScripts());
      default ->
          throw node.unsupported(
              "pre-tokenizer " + type,
              "ByteLevel, Metaspace, Whitespace, WhitespaceSplit, Split, Digits, Punctuation,"
                  + " CharDelimiterSplit, FixedLength, UnicodeScripts, BertPreTokenizer and"
                  + " Sequence");
    }
  }

  private static String character(Node node) {
    String text = node.string();
    if (text.codePointCount(0, text.length()) != 1) {
      throw node.malformed("expected one character");
    }
    return text;
  }

  private static String replacement(Node node) {
    return node.find("replacement").map(SpecReader::character).orElse("▁");
  }

  private static PreTokenizerSpec.Prepend prepend(Node node) {
    // The older spelling is a truth value; where both stand, the newer one counts.
    boolean added = node.bool("add_prefix_space", true);
    String scheme =
        node.find("prepend_scheme").map(Node::string).orElse(added ? "always" : "never");
    return switch (scheme) {
      case "always" -> PreTokenizerSpec.Prepend.ALWAYS;
      case "first" -> PreTokenizerSpec.Prepend.FIRST;
      case "never" -> PreTokenizerSpec.Prepend.NEVER;
      default ->
          throw node.get("prepend_scheme")
              .unsupported("the scheme " + scheme, "always, first and never");
    };
  }

  private static PreTokenizerSpec split(Node node) {
    Matched pattern = pattern(node.get("pattern"));
    return new PreTokenizerSpec.Split(
        pattern.text, pattern.regex, behavior(node.get("behavior")), node.bool("invert", false));
  }

  private static PreTokenizerSpec.Behavior behavior(Node behavior) {
    for (PreTokenizerSpec.Behavior known : PreTokenizerSpec.Behavior.values()) {
      if (known.spelled().equals(behavior.string())) {
        return known;
      }
    }
    throw behavior.unsupported(
        "behavior " + behavior.string(),
        "Removed, Isolated, MergedWithPrevious, MergedWithNext and Contiguous");
  }

  private static String regex(Node text) {
    String regex = "";
    try {
      regex = OnigurumaRegex.toJdk(text.string());
      Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
      return regex;
    } catch (UnsupportedRegexException refused) {
      throw text.malformed(String.valueOf(refused.getMessage()));
    } catch (PatternSyntaxException broken) {
      throw text.malformed(
          "not a regular expression that the JDK understands: "
              + broken.getDescription()
              + " at character "
              + broken.getIndex()
              + " of "
              + regex
              + ", which is how it reads it");
    } catch (StackOverflowError _) {
      throw text.malformed("the regular expression is nested too deeply");
    }
  }

  static List<PostProcessorSpec> postProcessors(Optional<Node> found, int size) {
    List<PostProcessorSpec> steps = new ArrayList<>();
    found.ifPresent(node -> postProcessor(node, size, steps));
    return steps;
  }

  private static void postProcessor(Node node, int size, List<PostProcessorSpec> out) {
    String type = node.type();
    switch (type) {
      case "Sequence" ->
          node.get("processors").items().forEach(one -> postProcessor(one, size, out));
      case "ByteLevel" ->
          out.add(
              new PostProcessorSpec.ByteLevel(
                  node.bool("trim_offsets", true), node.bool("add_prefix_space", true)));
      case "RobertaProcessing" -> {
        out.add(
            new PostProcessorSpec.ByteLevel(
                node.bool("trim_offsets", true), node.bool("add_prefix_space", true)));
        out.add(wrap(node, size, true));
      }
      case "BertProcessing" -> out.add(wrap(node, size, false));
      case "TemplateProcessing" -> out.add(template(node, size));
      default ->
          throw node.unsupported(
              "post-processor " + type,
              "TemplateProcessing, RobertaProcessing, BertProcessing, ByteLevel and Sequence");
    }
  }

  private static PostProcessorSpec wrap(Node node, int size, boolean roberta) {
    return new PostProcessorSpec.Wrap(
        tokenAndId(node.get("cls"), size), tokenAndId(node.get("sep"), size), roberta);
  }

  private static int tokenAndId(Node pair, int size) {
    List<Node> both = pair.items();
    if (both.size() != 2) {
      throw pair.malformed("expected a token and its id");
    }
    return id(both.get(1), size);
  }

  private static int id(Node node, int size) {
    int id = node.integer();
    if (id >= size) {
      throw node.malformed("no token has the id " + id);
    }
    return id;
  }

  private static PostProcessorSpec template(Node node, int size) {
    Map<String, List<Integer>> specials = new HashMap<>();
    Optional<Node> listed = node.find("special_tokens");
    if (listed.isPresent() && listed.get().value() instanceof Json.Obj(var members)) {
      for (String name : members.keySet()) {
        List<Integer> ids = new ArrayList<>();
        for (Node one : listed.get().get(name).get("ids").items()) {
          ids.add(id(one, size));
        }
        specials.put(name, List.copyOf(ids));
      }
    }
    return new PostProcessorSpec.Template(
        pieces(node.get("single"), specials, false),
        node.find("pair").map(pair -> pieces(pair, specials, true)).orElse(JOINED));
  }

  private static List<PostProcessorSpec.Piece> pieces(
      Node template, Map<String, List<Integer>> specials, boolean pair) {
    List<PostProcessorSpec.Piece> pieces = new ArrayList<>();
    for (Node piece : template.items()) {
      Optional<Node> special = piece.find("SpecialToken");
      if (special.isPresent()) {
        Node name = special.get().get("id");
        List<Integer> known = specials.get(name.string());
        if (known == null) {
          throw name.malformed("not among special_tokens: \"" + name.string() + "\"");
        }
        pieces.add(new PostProcessorSpec.Special(known, type(special.get())));
        continue;
      }
      int type = type(piece.get("Sequence"));
      Node text = piece.get("Sequence").get("id");
      switch (text.string()) {
        case "A" -> pieces.add(new PostProcessorSpec.Text(false, type));
        case "B" -> {
          if (!pair) {
            throw text.malformed("the template of a single text has only the sequence A");
          }
          pieces.add(new PostProcessorSpec.Text(true, type));
        }
        default -> throw text.malformed("expected A or B");
      }
    }
    return List.copyOf(pieces);
  }

  private static int type(Node piece) {
    return piece.find("type_id").map(Node::integer).orElse(0);
  }

  /// The steps, or nothing where the file says nothing.
  static Optional<List<DecoderSpec>> decoders(Optional<Node> found) {
    return found.map(node -> {
      List<DecoderSpec> steps = new ArrayList<>();
      decoder(node, steps);
      return steps;
    });
  }

  private static void decoder(Node node, List<DecoderSpec> out) {
    String type = node.type();
    switch (type) {
      case "Sequence" -> node.get("decoders").items().forEach(one -> decoder(one, out));
      case "ByteLevel" -> out.add(new DecoderSpec.ByteLevel());
      case "ByteFallback" -> out.add(new DecoderSpec.ByteFallback());
      case "Fuse" -> out.add(new DecoderSpec.Fuse());
      case "Metaspace" ->
          out.add(
              new DecoderSpec.Metaspace(
                  replacement(node), prepend(node) != PreTokenizerSpec.Prepend.NEVER));
      case "Strip" ->
          out.add(
              new DecoderSpec.Strip(
                  character(node.get("content")),
                  node.get("start").integer(),
                  node.get("stop").integer()));
      case "Replace" -> {
        Matched pattern = pattern(node.get("pattern"));
        out.add(new DecoderSpec.Replace(pattern.text, pattern.regex, node.get("content").string()));
      }
      case "WordPiece" ->
          out.add(
              new DecoderSpec.WordPiece(
                  node.find("prefix").map(Node::string).orElse("##"), node.bool("cleanup", true)));
      case "BPEDecoder" ->
          out.add(new DecoderSpec.EndOfWord(node.find("suffix").map(Node::string).orElse("</w>")));
      case "CTC" ->
          out.add(
              new DecoderSpec.Ctc(
                  node.find("pad_token").map(Node::string).orElse("<pad>"),
                  node.find("word_delimiter_token").map(Node::string).orElse("|"),
                  node.bool("cleanup", true)));
      default ->
          throw node.unsupported(
              "decoder " + type,
              "ByteLevel, ByteFallback, Metaspace, Fuse, Strip, Replace, WordPiece, BPEDecoder, CTC"
                  + " and Sequence");
    }
  }
}
