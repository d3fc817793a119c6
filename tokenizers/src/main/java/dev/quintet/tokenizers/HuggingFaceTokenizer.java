package dev.quintet.tokenizers;

import dev.quintet.tokenizers.bpe.ByteLevelBpe;
import dev.quintet.tokenizers.bpe.CharacterBpe;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.huggingface.AddedToken;
import dev.quintet.tokenizers.huggingface.BpeSpec;
import dev.quintet.tokenizers.huggingface.LengthSpec;
import dev.quintet.tokenizers.huggingface.TokenizerConfig;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.huggingface.UnigramSpec;
import dev.quintet.tokenizers.huggingface.WordLevelSpec;
import dev.quintet.tokenizers.huggingface.WordPieceSpec;
import dev.quintet.tokenizers.normalize.AlignedText;
import dev.quintet.tokenizers.normalize.TextNormalizer;
import dev.quintet.tokenizers.pipeline.AddedTokenMatcher;
import dev.quintet.tokenizers.pipeline.DecoderChain;
import dev.quintet.tokenizers.pipeline.MarkedWords;
import dev.quintet.tokenizers.pipeline.PostProcessor;
import dev.quintet.tokenizers.pipeline.TokenTexts;
import dev.quintet.tokenizers.pretokenize.ByteSplitter;
import dev.quintet.tokenizers.pretokenize.PreTokenizer;
import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.TokenBuffer;
import dev.quintet.tokenizers.word.WordLevel;
import dev.quintet.tokenizers.word.WordModel;
import dev.quintet.tokenizers.word.WordPiece;
import dev.quintet.tokenizers.word.WordUnigram;
import dev.quintet.tokenizers.word.Workspaces;
import dev.quintet.tokenizers.word.Workspaces.Workspace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The pipeline that a `tokenizer.json` describes: added tokens are cut out of the raw text, the
/// gaps are normalized, added tokens are cut out of the normalized text, the gaps are cut into
/// words, the model encodes each word, and the template puts special tokens around the whole.
final class HuggingFaceTokenizer implements Tokenizer {

  private final TokenizerJson description;
  private final TokenizerConfig config;
  private final AddedTokenMatcher rawTokens;
  private final AddedTokenMatcher normalizedTokens;
  private final TextNormalizer normalizer;
  private final PreTokenizer preTokenizer;
  private final WordModel words;
  private final WordModel model;

  /// Whether words are cut in the text itself, without making pieces of it.
  private final boolean inPlace;

  private final PostProcessor postProcessor;
  private final boolean trims;
  private final Map<String, Integer> addedIds = new HashMap<>();
  private final Map<Integer, String> addedTokens = new HashMap<>();
  private final Map<Integer, String> spelled = new HashMap<>();
  private final boolean[] special;
  private final DecoderChain decoders;

  /// Made when something is decoded for the first time, as encoding does without it.
  private volatile @Nullable TokenTexts texts;

  private final Workspaces workspaces = new Workspaces();
  private final int size;

  /// The unknown piece of a unigram model, whose tokens are spelled as the text is; else -1.
  private final int spelledAsFound;

  private static TextNormalizer normalizer(TokenizerJson description) {
    try {
      return new TextNormalizer(description.normalizers());
    } catch (IllegalArgumentException broken) {
      throw new MalformedFileException(
          description.name(), "/normalizer", "expected " + broken.getMessage());
    }
  }

  private HuggingFaceTokenizer(TokenizerJson description, Optional<TokenizerConfig> given) {
    this.description = description;
    this.normalizer = normalizer(description);
    TokenizerConfig usual = defaultConfig(description);
    this.config = given.map(some -> some.orElse(usual)).orElse(usual);
    List<AddedToken> added =
        given.isPresent() ? config.addedTokens(description) : description.addedTokens();
    // Of two that look alike in normalized text the special one is found, as in the reference.
    List<AddedToken> specialFirst =
        added.stream().sorted(Comparator.comparing(token -> !token.special())).toList();
    this.rawTokens =
        new AddedTokenMatcher(specialFirst.stream().filter(t -> !t.normalized()).toList(), t -> t);
    this.normalizedTokens =
        new AddedTokenMatcher(
            specialFirst.stream().filter(AddedToken::normalized).toList(), normalizer::normalize);
    this.preTokenizer = PreTokenizer.of(description.preTokenizers());
    boolean byteLevel =
        description.model() instanceof BpeSpec bpe
            && preTokenizer.makesBytes()
            && ByteLevelBpe.fits(bpe);
    this.inPlace = preTokenizer.isPlain() && preTokenizer.makesBytes() == byteLevel;
    this.words =
        switch (description.model()) {
          case BpeSpec bpe -> inPlace && byteLevel ? new ByteLevelBpe(bpe) : new CharacterBpe(bpe);
          case UnigramSpec unigram -> new WordUnigram(unigram);
          case WordPieceSpec pieces -> new WordPiece(pieces);
          case WordLevelSpec level -> new WordLevel(level);
        };
    this.model = inPlace && preTokenizer.isMarked() ? new MarkedWords(words) : words;
    this.spelledAsFound =
        description.model() instanceof UnigramSpec unigram ? unigram.unknown().orElse(-1) : -1;
    this.postProcessor = new PostProcessor(description.postProcessors());
    this.trims = postProcessor.trims();
    for (AddedToken token : added) {
      addedIds.put(token.content(), token.id());
      addedTokens.put(token.id(), token.content());
    }
    this.size =
        Math.max(
            description.model().vocabulary().size(),
            1 + added.stream().mapToInt(AddedToken::id).max().orElse(-1));
    // The reference decodes an added token as it looks in normalized text, and then takes it for
    // special only if that is how one is listed.
    Set<String> specialTexts =
        added.stream()
            .filter(AddedToken::special)
            .map(AddedToken::content)
            .collect(Collectors.toSet());
    this.special = new boolean[size];
    for (AddedToken token : added) {
      String text = token.normalized() ? normalizer.normalize(token.content()) : token.content();
      spelled.put(token.id(), text);
      special[token.id()] = specialTexts.contains(text);
    }
    this.decoders = new DecoderChain(description.decoders().orElse(List.of()));
  }

  private TokenTexts texts() {
    TokenTexts known = texts;
    if (known == null) {
      known =
          new TokenTexts(
              size,
              id -> Optional.ofNullable(spelled.get(id)).or(() -> find(id)),
              special,
              description.decoders(),
              decoders);
      texts = known;
    }
    return known;
  }

  static HuggingFaceTokenizer of(TokenizerJson description, Optional<TokenizerConfig> config) {
    return new HuggingFaceTokenizer(description, config);
  }

  private static TokenizerConfig defaultConfig(TokenizerJson description) {
    List<String> roles = List.of("<pad>", "</s>", "<unk>");
    List<String> added = description.addedTokens().stream().map(AddedToken::content).toList();
    List<Optional<String>> present =
        roles.stream().map(role -> Optional.of(role).filter(added::contains)).toList();
    List<String> extra =
        description.addedTokens().stream()
            .filter(token -> token.special() && !roles.contains(token.content()))
            .map(AddedToken::content)
            .toList();
    return TokenizerConfig.of(present.get(0), present.get(1), present.get(2), extra);
  }

  @Override
  public Encoding encode(CharSequence text, boolean addSpecialTokens) {
    return encode(text, addSpecialTokens, Optional.empty());
  }

  @Override
  public Encoding sample(CharSequence text, double dropout, RandomGenerator random) {
    if (!(dropout >= 0 && dropout <= 1)) {
      throw new IllegalArgumentException("sample: expected a dropout from 0 to 1, got " + dropout);
    }
    WordModel sampled =
        switch (words) {
          case ByteLevelBpe bpe ->
              (utf8, start, end, out) -> bpe.sample(utf8, start, end, dropout, random, out);
          case CharacterBpe bpe ->
              (utf8, start, end, out) -> bpe.sample(utf8, start, end, dropout, random, out);
          default ->
              throw new UnsupportedOperationException(
                  "sample: expected a BPE model, got " + description.name());
        };
    return dropout == 0
        ? encode(text)
        : encode(text, true, Optional.of(isMarked() ? new MarkedWords(sampled) : sampled));
  }

  private boolean isMarked() {
    return inPlace && preTokenizer.isMarked();
  }

  /// Encodes with the model, or with another one whose words are not remembered.
  private Encoding encode(
      CharSequence text, boolean addSpecialTokens, Optional<WordModel> sampled) {
    var options = new WindowOptions(Optional.empty(), addSpecialTokens, false);
    return windows(List.of(text), options, sampled).getFirst().tokens();
  }

  @Override
  public LengthSpec lengths() {
    return description.lengths();
  }

  @Override
  public List<Window> windows(List<? extends CharSequence> texts, WindowOptions options) {
    return windows(texts, options, Optional.empty());
  }

  private List<Window> windows(
      List<? extends CharSequence> texts, WindowOptions options, Optional<WordModel> sampled) {
    WindowOptions.requireOneOrTwo(texts);
    List<String> whole = texts.stream().map(Text::wellFormed).toList();
    List<PostProcessor.Part> parts = new ArrayList<>();
    for (String text : whole) {
      Workspace work = workspaces.take();
      try {
        tokens(text, work, true, sampled);
        TokenBuffer own = new TokenBuffer(work.tokens.size());
        own.addAll(work.tokens, 0, work.tokens.size());
        parts.add(PostProcessor.part(text, own, parts.size()));
      } finally {
        workspaces.giveBack(work);
      }
    }
    return options.finish(parts, postProcessor, id -> find(id).orElse(""));
  }

  @Override
  public int[] encodeToIds(CharSequence text, boolean addSpecialTokens) {
    Workspace work = workspaces.take();
    try {
      tokens(Text.wellFormed(text), work, false, Optional.empty());
      return (addSpecialTokens ? postProcessor.fill(work.tokens) : work.tokens).ids();
    } finally {
      workspaces.giveBack(work);
    }
  }

  /// Finds the tokens of a text; their places are right only where `placed`.
  private void tokens(String whole, Workspace work, boolean placed, Optional<WordModel> sampled) {
    rawTokens.split(
        whole,
        0,
        whole.length(),
        new AddedTokenMatcher.Sink() {
          @Override
          public void text(int start, int end) {
            encodeGap(whole, start, end, work, placed, sampled);
          }

          @Override
          public void token(int id, int start, int end) {
            work.tokens.add(id, start, end);
            spellFound(whole, start, end, placed, work.tokens);
          }
        });
  }

  private void encodeGap(
      String whole, int from, int to, Workspace work, boolean placed, Optional<WordModel> sampled) {
    AlignedText gap = normalizer.align(whole, from, to);
    normalizedTokens.split(
        gap.text(),
        gap.start(),
        gap.end(),
        new AddedTokenMatcher.Sink() {
          @Override
          public void text(int start, int end) {
            AlignedText part = gap.part(start, end);
            if (inPlace) {
              encodeInPlace(part, work, placed, sampled);
            } else {
              preTokenizer.pieces(part).forEach(piece -> encodePiece(piece, work, placed, sampled));
            }
          }

          @Override
          public void token(int id, int start, int end) {
            if (start < end) {
              work.tokens.add(id, gap.startOf(start), gap.endOf(end - 1));
              spellFound(gap.text(), start, end, placed, work.tokens);
            }
          }
        });
  }

  /// Spells the last token as it stands in a text; copied here alone, since many tokens may take the
  /// same long white space.
  private void spellFound(String text, int start, int end, boolean placed, TokenBuffer out) {
    if (placed && trims) {
      out.spell(out.size() - 1, text.substring(start, end));
    }
  }

  /// An unknown piece of a unigram model is spelled as the model saw it.
  private void spellUnknown(byte[] utf8, int before, TokenBuffer out) {
    for (int i = before; trims && spelledAsFound >= 0 && i < out.size(); i++) {
      if (out.id(i) == spelledAsFound) {
        int length = out.end(i) - out.start(i);
        String text = new String(utf8, out.start(i), length, StandardCharsets.UTF_8);
        out.spell(i, isMarked() ? text.replace(' ', '▁') : text);
      }
    }
  }

  private void encodeInPlace(
      AlignedText part, Workspace work, boolean placed, Optional<WordModel> sampled) {
    preTokenizer.stretches(
        part.text(),
        part.start(),
        part.end(),
        part.origin() == 0,
        (source, start, end, shift, stretch) -> {
          int before = work.tokens.size();
          byte[] utf8 = encodeWords(source, start, end, preTokenizer.words(), work, sampled);
          if (placed) {
            spellUnknown(utf8, before, work.tokens);
            work.tokens.toUnits(before, utf8, start + shift, utf8.length == end - start);
            restore(part, before, stretch, work.tokens);
          }
        });
  }

  private void encodePiece(
      AlignedText piece, Workspace work, boolean placed, Optional<WordModel> sampled) {
    int before = work.tokens.size();
    byte[] utf8 =
        encodeWords(piece.text(), piece.start(), piece.end(), ByteSplitter.WHOLE, work, sampled);
    if (placed) {
      spellUnknown(utf8, before, work.tokens);
      work.tokens.toUnits(before, utf8, piece.start(), utf8.length == piece.end() - piece.start());
      restore(piece, before, PreTokenizer.NOT_MOVED, work.tokens);
    }
  }

  private byte[] encodeWords(
      String source,
      int start,
      int end,
      ByteSplitter splitter,
      Workspace work,
      Optional<WordModel> sampled) {
    byte[] utf8 = source.substring(start, end).getBytes(StandardCharsets.UTF_8);
    if (sampled.isPresent()) {
      for (int at = 0; at < utf8.length; ) {
        int next = splitter.next(utf8, at, utf8.length);
        sampled.get().encode(utf8, at, next, work.tokens);
        at = next;
      }
      return utf8;
    }
    for (int at = 0; at < utf8.length; ) {
      int next = splitter.next(utf8, at, utf8.length);
      work.cache.encode(model, utf8, at, next, work.tokens);
      at = next;
    }
    return utf8;
  }

  /// Turns places in a normalized text into places in the original. What was put before a stretch
  /// stands where its first character does.
  private static void restore(AlignedText text, int before, int stretch, TokenBuffer out) {
    boolean prefixed = stretch != PreTokenizer.NOT_MOVED;
    if (!prefixed && text.isOriginal()) {
      return;
    }
    int afterFirst = prefixed ? stretch + Character.charCount(text.text().codePointAt(stretch)) : 0;
    for (int i = before; i < out.size(); i++) {
      int start = prefixed ? Math.max(out.start(i), stretch) : out.start(i);
      int end = prefixed ? Math.max(out.end(i), afterFirst) : out.end(i);
      if (start < end && end <= text.end()) {
        out.move(i, text.startOf(start), text.endOf(end - 1));
      } else if (text.start() < text.end()) {
        // What an affix's bytes became stands after the word: where its last character ends.
        int behind = text.endOf(Math.clamp(end, text.start() + 1, text.end()) - 1);
        out.move(i, behind, behind);
      }
    }
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    return texts().decode(ids, skipSpecialTokens);
  }

  @Override
  public int vocabularySize() {
    return size;
  }

  @Override
  public OptionalInt id(String token) {
    Integer added = addedIds.get(token);
    return added == null ? description.model().vocabulary().id(token) : OptionalInt.of(added);
  }

  private Optional<String> find(int id) {
    return Optional.ofNullable(addedTokens.get(id))
        .or(() -> description.model().vocabulary().token(id));
  }

  @Override
  public String token(int id) {
    return find(id)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "token: expected the id of a token, from 0 to " + (size - 1) + ", got " + id));
  }

  @Override
  public OptionalInt padId() {
    return id(config.pad().orElse("<pad>"));
  }

  @Override
  public OptionalInt eosId() {
    return id(config.eos().orElse("</s>"));
  }

  @Override
  public OptionalInt unknownId() {
    return id(config.unknown().orElse("<unk>"));
  }

  @Override
  public void save(Path folder) {
    config.save(folder);
    description.write(folder.resolve(TokenizerFolder.TOKENIZER));
  }

  @Override
  public String toString() {
    String kind =
        switch (description.model()) {
          case BpeSpec _ -> "BPE";
          case UnigramSpec _ -> "unigram";
          case WordPieceSpec _ -> "WordPiece";
          case WordLevelSpec _ -> "words";
        };
    return "HuggingFaceTokenizer["
        + kind
        + ", "
        + size
        + " ids, "
        + addedIds.size()
        + " added, "
        + description.name()
        + "]";
  }
}
